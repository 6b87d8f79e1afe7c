"""HTML as a light tree that can be changed and written again; what is not changed stays as it was.

It is for pages that our own templates make: every element is closed, as it should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser

# Elements that are never closed, since nothing can be in them.
_VOID = "area base br col embed hr img input link meta source track wbr"
VOID = frozenset(_VOID.split())


class Element:
    """An element with its attributes and what is in it, texts as they were written."""

    def __init__(self, tag: str, attributes: dict[str, str | None], written: str = "") -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Element | str] = []
        self.is_closed = False
        self._written = written
        self._end = "/>" if written.endswith("/>") else ">"

    def set(self, name: str, value: str | None) -> None:
        """Give an attribute a value; None for one without."""
        self.attributes[name] = value
        self._written = ""

    def drop(self, name: str) -> None:
        """Remove an attribute."""
        if name in self.attributes:
            del self.attributes[name]
            self._written = ""

    def replace(self, child: Element, *new: Element | str) -> None:
        """Put something else, or nothing, in a child's place."""
        place = next(n for n, each in enumerate(self.children) if each is child)
        self.children[place : place + 1] = new

    def elements(self) -> Iterator[Element]:
        """The elements in it; a list, so that they may be replaced meanwhile."""
        return iter([each for each in self.children if isinstance(each, Element)])

    def every(self, tag: str) -> Iterator[Element]:
        """The elements of this name, at any depth."""
        for each in self.elements():
            if each.tag == tag:
                yield each
            yield from each.every(tag)

    def text(self) -> str:
        """It and all in it as HTML."""
        parts: list[str] = []
        self._write(parts)
        return "".join(parts)

    def text_inside(self) -> str:
        """What is in it, as HTML."""
        parts: list[str] = []
        self._write_inside(parts)
        return "".join(parts)

    def _write(self, parts: list[str]) -> None:
        if self.tag:
            parts.append(self._written or self._start())
        self._write_inside(parts)
        if self.is_closed:
            parts.append(f"</{self.tag}>")

    def _write_inside(self, parts: list[str]) -> None:
        for each in self.children:
            if isinstance(each, str):
                parts.append(each)
            else:
                each._write(parts)

    def _start(self) -> str:
        given = "".join(
            f" {name}" if value is None else f' {name}="{escape(value)}"'
            for name, value in self.attributes.items()
        )
        return f"<{self.tag}{given}{self._end}"


def made(tag: str, **attributes: str | None) -> Element:
    """A new element; underscores in names of attributes are hyphens."""
    given = {name.replace("_", "-"): value for name, value in attributes.items()}
    element = Element(tag, given)
    element.is_closed = tag not in VOID
    return element


def parse(html: str) -> Element:
    """The tree of a page; its root has no name."""
    reader = _HtmlReader()
    reader.feed(html)
    reader.close()
    return reader.root


class _HtmlReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        tags = [each.tag for each in self._open]
        if tag not in tags:
            return
        while self._open[-1].tag != tag:
            self._open.pop()
        self._open.pop().is_closed = True

    def handle_data(self, data: str) -> None:
        self._say(data)

    def handle_entityref(self, name: str) -> None:
        self._say(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._say(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._say(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._say(f"<!{decl}>")

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        element = Element(tag, dict(attrs), self.get_starttag_text() or "")
        self._open[-1].children.append(element)
        return element

    def _say(self, text: str) -> None:
        children = self._open[-1].children
        if children and isinstance(children[-1], str):
            children[-1] += text
        else:
            children.append(text)
