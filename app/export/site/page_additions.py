"""What a copy adds to every page: its policy, its script, its index, and a word that it is one."""

from __future__ import annotations

from dataclasses import dataclass

from app.export.site.file_names import relative
from app.export.site.link_targets import LinkSource
from app.export.site.markup import Element, made
from app.web.middleware import POLICY

# Browsers ignore `frame-ancestors` in a page, and complain.
META_POLICY = "; ".join(part for part in POLICY.split("; ") if not part.startswith("frame-anc"))


@dataclass(frozen=True, slots=True)
class Frame:
    """The files of the copy that every page refers to."""

    script: str
    """The module that searches without a server."""
    index: str
    """What it searches."""
    about: str
    """The page that says what the copy is."""

    def __call__(self, root: Element, source: LinkSource) -> None:
        for html in root.every("html"):
            html.set("data-copy", None)
        for head in root.every("head"):
            self._head(head, source)
        for form in root.every("form"):
            if form.attributes.get("role") == "search":
                form.set("data-index", relative(source.file, self.index))
        for foot in root.every("footer"):
            self._foot(foot, source)

    def _head(self, head: Element, source: LinkSource) -> None:
        police(head)
        script = made("script", type="module", src=relative(source.file, self.script))
        head.children += [script, "\n"]

    def _foot(self, foot: Element, source: LinkSource) -> None:
        link = made("a", href=relative(source.file, self.about))
        link.children = ["A static copy"]
        line = made("p")
        line.children = [link]
        foot.children += [line, "\n"]


def police(head: Element) -> None:
    """Give a page its policy, before whatever it is about, but for the encoding."""
    policy = made("meta", http_equiv="Content-Security-Policy", content=META_POLICY)
    charset = next((e for e in head.elements() if "charset" in e.attributes), None)
    if charset is None:
        head.children[:0] = [policy]
    else:
        head.replace(charset, charset, "\n", policy)


def policed(root: Element, source: LinkSource) -> None:
    """A page with its policy alone."""
    for head in root.every("head"):
        police(head)


def bare(root: Element, source: LinkSource) -> None:
    """A page that stands at every depth: nothing in it leads anywhere."""
    policed(root, source)
    _unlink(root)


def _unlink(parent: Element) -> None:
    """Leave out what leads elsewhere, and what that leaves empty."""
    for element in parent.elements():
        if element.tag in ("a", "img", "form", "nav", "link", "script"):
            parent.replace(element)
            continue
        had = bool(element.children)
        _unlink(element)
        if had and element.tag != "head" and not element.text_inside().strip():
            parent.replace(element)
