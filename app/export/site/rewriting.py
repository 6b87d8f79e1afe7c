"""Pages, data and texts of the application as files of a copy: every address becomes the way from
one file to another.

`rewritten` is a pure function of a text, where it stands, and where everything is. What a link
leads to and the copy has not is not linked: a choice disappears, another link stays as a word that
is marked as absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

from app.export.site.link_targets import Links, LinkSource
from app.export.site.markup import Element, made, parse
from app.export.site.sentinel import FoundAddress, Sentinel

# What choices stand in, inside a `nav`, itself among them.
LISTS = frozenset({"nav", "details", "fieldset", "ul", "ol"})
# Attributes whose whole value is one address that the browser follows.
FOLLOWED = frozenset({"href", "src", "action", "poster", "xlink:href"})
MISSING = "Not in this copy"


# What a copy adds to a page.
Frame = Callable[[Element, LinkSource], None]


class Rewriting:
    """Rewrites the files of one copy."""

    def __init__(self, sentinel: Sentinel, links: Links, frame: Frame) -> None:
        self.sentinel, self.links, self.frame = sentinel, links, frame

    def rewritten(self, text: str, media_type: str, source: LinkSource) -> str:
        """A text of any kind with the addresses that it has in the copy."""
        if media_type == "text/html":
            return self.page(text, source)
        if media_type == "application/json":
            text = self.data(text, source)
        if media_type == "text/plain":
            return self.sentinel.replace(text, self.links.shown)
        return self.sentinel.replace(text, self._followed(source))

    def data(self, text: str, source: LinkSource) -> str:
        """JSON; an address that is not in the copy is null."""
        pattern = re.compile(rf'"([^"\\]*{self.sentinel.token}[^"\\]*)"(?!\s*:)')
        return pattern.sub(lambda match: self._value(match, source), text)

    def page(self, html: str, source: LinkSource) -> str:
        """A page, framed as a page of a copy."""
        root = parse(html)
        self._inside(root, source)
        self.frame(root, source)
        return root.text()

    def _value(self, match: re.Match[str], source: LinkSource) -> str:
        found = self.sentinel.read(match[1])
        if found is None:
            return match[0]
        target = self._link(found, source)
        return "null" if target is None else f'"{target}"'

    def _link(self, found: FoundAddress, source: LinkSource) -> str | None:
        """An absolute address stays one where the site is known."""
        if found.is_absolute and self.links.site:
            return self.links.absolute(found)
        return self.links.target(found, source)

    def _followed(self, source: LinkSource) -> Callable[[FoundAddress], str]:
        return lambda found: self._link(found, source) or ""

    def _inside(self, parent: Element, source: LinkSource, is_choice: bool = False) -> None:
        parent.children = [
            self._text(each) if isinstance(each, str) else each for each in parent.children
        ]
        for element in parent.elements():
            is_inside = is_choice or element.tag == "nav"
            new = self._element(element, source, is_inside)
            if new is not element:
                parent.replace(element, *([new] if new else []))
            elif element.tag == "script":  # data that a script reads
                self._island(element, source)
            elif self._is_emptied(element, source, is_inside):
                parent.replace(element)

    def _is_emptied(self, element: Element, source: LinkSource, is_choice: bool) -> bool:
        """Rewrite what is in an element; whether it has lost what it was for."""
        is_list = is_choice and element.tag in LISTS
        links = sum(1 for _ in element.every("a")) if is_list else 0
        had = bool(element.children)
        self._inside(element, source, is_choice)
        if element.tag == "li":
            return had and not any(map(str.strip, map(_shown, element.children)))
        # Of several choices one is left, which is no choice.
        return links > sum(1 for _ in element.every("a")) < 2

    def _text(self, text: str) -> str:
        if self.sentinel.token not in text:
            return text
        return escape(self.sentinel.replace(unescape(text), self.links.shown))

    def _island(self, element: Element, source: LinkSource) -> None:
        texts = (each for each in element.children if isinstance(each, str))
        text = self.data("".join(texts), source)
        element.children = [self.sentinel.replace(text, self._followed(source))]

    def _element(self, element: Element, source: LinkSource, is_choice: bool) -> Element | None:
        """The element with its new addresses; another in its place, or None for nothing."""
        if element.tag == "form" and not self._is_answered(element):
            return None
        for name, value in list(element.attributes.items()):
            if value and self.sentinel.token in value:
                found = self.sentinel.read(value)
                if found is None:
                    element.set(name, self.sentinel.replace(value, self._mixed(name, source)))
                elif (target := self._attribute(element, name, found, source)) is not None:
                    element.set(name, target)
                elif name in FOLLOWED or element.tag in ("meta", "link"):
                    is_same = is_choice and found.path == source.path
                    return None if is_same else self._absent(element, source)
                else:
                    element.drop(name)
        return element

    def _is_answered(self, form: Element) -> bool:
        """Whether something answers a form: a script of the copy, or the browser itself."""
        found = self.sentinel.read(form.attributes.get("action") or "")
        is_own = form.attributes.get("method") == "dialog"
        return is_own or (found is not None and found.path in self.links.scripted)

    def _attribute(
        self, element: Element, name: str, found: FoundAddress, source: LinkSource
    ) -> str | None:
        """An attribute's new address; None where there is none to give."""
        is_told = element.tag == "meta" or element.attributes.get("rel") == "canonical"
        if found.is_absolute and is_told and not self.links.site:
            return None
        if found.is_absolute and name not in FOLLOWED:
            return self.links.shown(found)
        return self._link(found, source)

    def _mixed(self, name: str, source: LinkSource) -> Callable[[FoundAddress], str]:
        """Addresses among other text: followed in `srcset` and in data, else told to people."""
        is_data = name == "srcset" or name.startswith("data-")

        def new(found: FoundAddress) -> str:
            if is_data and not found.is_absolute:
                return self._link(found, source) or ""
            return self.links.shown(found)

        return new

    def _absent(self, element: Element, source: LinkSource) -> Element | None:
        """What stands in place of something that leads nowhere."""
        if element.tag == "a":
            return self._word(element, source)
        if element.tag == "img" and element.attributes.get("alt"):
            veiled = made("span", **{"class": "veiled"})
            veiled.children = [MISSING.lower()]
            return veiled
        return None

    def _word(self, element: Element, source: LinkSource) -> Element:
        """A link that leads nowhere: still a link for those who hear it, and said to be absent."""
        for name in ("href", "rel", "target", "download"):
            element.drop(name)
        element.set("role", "link")
        element.set("aria-disabled", "true")
        element.set("data-absent", None)
        element.set("title", MISSING)
        self._inside(element, source)
        return element


def _shown(child: Element | str) -> str:
    """Something to see of a child; an element is, whatever it holds."""
    return child if isinstance(child, str) else child.tag
