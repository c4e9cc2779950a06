"""Big XML parts read element by element: what has been seen is forgotten, and no row can be endless."""

from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, TreeBuilder, XMLParser

from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

from lib.tabular.table import UnreadableTable

_MOST_IN_ONE = 100_000  # elements of a row; a sheet of 16,384 columns has some 50,000
_DEEPEST = 100
_CHUNK = 1 << 14  # bytes; of more elements at once the garbage collector makes work, a quarter of the whole


def streamed(source: IO[bytes], whole: str) -> Iterator[tuple[str, Element]]:
    """The start and the end of every element. Only those with the tag `whole` are complete when they end; everything
    else is forgotten as soon as it is read, because a small file can hold millions of elements.

    Raises UnreadableTable `too_many_columns` where one of them holds more than any row of a table.
    """
    path: list[Element] = []
    inside = 0  # elements of the one that is being read
    for event, element in iterparse(source, events=("start", "end")):
        yield event, element
        if event == "start":
            path.append(element)
            inside += bool(inside) or element.tag == whole
            if inside > _MOST_IN_ONE:
                raise UnreadableTable("too_many_columns", limit=_MOST_IN_ONE)
            continue
        path.pop()
        inside = 0 if element.tag == whole else inside
        if path and not inside:
            path[-1].remove(element)


class _NoDoctype(TreeBuilder):
    """A document type declares entities, which a small file can make endless; no part of a workbook has one."""

    def doctype(self, *_: Any) -> None:
        raise UnreadableTable("damaged", why="document type declaration")


def elements(source: IO[bytes], tag: str) -> Iterator[Element]:
    """Every element with the tag, complete, in its order; all others are forgotten. No event of the parser reaches
    Python, so that this is several times as quick as `streamed`.

    Raises UnreadableTable `too_many_columns` where one of them holds more than any row of a table, and `damaged` for
    elements in elements without end.
    """
    builder = _NoDoctype()
    top = builder.start("", {})
    parser = XMLParser(target=builder)
    while chunk := source.read(_CHUNK):
        parser.feed(chunk)
        yield from _complete(top, tag)
    parser.close()
    yield from top.iter(tag)


def _complete(top: Element, tag: str) -> Iterator[Element]:
    """Takes away what is complete: of the elements within one, all but the last, which may still be open."""
    parent = top
    for _ in range(_DEEPEST):
        for element in parent[:-1]:
            yield from element.iter(tag)
        del parent[:-1]
        if not len(parent):
            return
        parent = parent[-1]
        if parent.tag == tag:
            if sum(1 for _ in parent.iter()) > _MOST_IN_ONE:
                raise UnreadableTable("too_many_columns", limit=_MOST_IN_ONE)
            return
    raise UnreadableTable("damaged", why="elements nested too deeply")
