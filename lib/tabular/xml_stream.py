"""Big XML parts read element by element: what has been seen is forgotten, and no row can be endless."""

from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

from lib.tabular.table import UnreadableTable

_MOST_IN_ONE = 100_000  # elements of a row; a sheet of 16,384 columns has some 50,000


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
