"""Laying out: marks on pages, from top to bottom. Lengths are points, y grows downward, nothing knows of PDF here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lib.documents.paper.lines import Style, broken

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89  # A4
MARGIN = 50.0
TOP, BOTTOM = 56.0, PAGE_HEIGHT - 58.0
WIDTH = PAGE_WIDTH - 2 * MARGIN
INK, GREY, ACCENT, LINE, TINT = "#1f2328", "#667085", "#17466b", "#d0d5dd", "#f2f5f8"


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text; y is its baseline."""

    x: float
    y: float
    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class Stroke:
    x1: float
    y1: float
    x2: float
    y2: float
    colour: str = LINE
    thickness: float = 0.6


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, filled or (without `fill`) as an outline."""

    x: float
    y: float
    width: float
    height: float
    fill: str = ""
    colour: str = LINE


@dataclass(frozen=True, slots=True)
class Picture:
    """An image file's content, PNG or JPEG."""

    x: float
    y: float
    width: float
    height: float
    content: bytes


Mark = TextLine | Stroke | Box | Picture


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph of a cell."""

    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a row: where it begins, how wide it is, its paragraphs."""

    x: float
    width: float
    parts: tuple[Part, ...]

    def lines(self) -> list[tuple[str, Style]]:
        return [(line, part.style) for part in self.parts for line in broken(part.text, self.width, part.style)]


@dataclass
class PageLayout:
    """Pages being filled. `again` is drawn at the top of each page that a table goes on to."""

    pages: list[list[Mark]] = field(default_factory=lambda: [[]])
    outline: list[tuple[str, int]] = field(default_factory=list)
    y: float = TOP
    again: Callable[[], None] | None = None

    def put(self, *marks: Mark) -> None:
        self.pages[-1].extend(marks)

    @property
    def left(self) -> float:
        """The height that is left on this page."""
        return BOTTOM - self.y

    def turn(self) -> None:
        """Go on at the top of a new page."""
        self.pages.append([])
        self.y = TOP
        if self.again:
            self.again()

    def keep(self, height: float) -> None:
        """See to it that so much fits on this page."""
        if self.left < height:
            self.turn()

    def space(self, height: float) -> None:
        self.y = min(self.y + height, BOTTOM)

    def paragraph(self, text: str, style: Style, *, x: float = MARGIN, width: float = WIDTH) -> None:
        self.row([Cell(x, width, (Part(text, style),))], padding=0, rule=False)

    def row(self, cells: Sequence[Cell], *, padding: float = 3.5, fill: str = "", rule: bool = True) -> None:
        """Cells side by side. A row that is higher than what is left goes to the next page, or on to it line by line
        where no page would hold it."""
        rest = [cell.lines() for cell in cells]
        height = max(map(_height, rest)) + 2 * padding
        if height > self.left and (height <= _page_room() or self.left < _LEAST):
            self.turn()
        while any(rest):
            taken = [_fitting(lines, self.left - 2 * padding) for lines in rest]
            if not any(taken):  # also a page of its own is too low for the line: no such style is in use
                raise ValueError(f"a line does not fit on a page: {rest!r:.200}")
            self._band(cells, [lines[:count] for lines, count in zip(rest, taken, strict=True)], padding, fill, rule)
            rest = [lines[count:] for lines, count in zip(rest, taken, strict=True)]
            if any(rest):
                self.turn()

    def _band(
        self, cells: Sequence[Cell], lines: Sequence[list[tuple[str, Style]]], padding: float, fill: str, rule: bool
    ) -> None:
        height = max(map(_height, lines)) + 2 * padding
        if fill:
            self.put(Box(MARGIN, self.y, WIDTH, height, fill))
        for cell, told in zip(cells, lines, strict=True):
            y = self.y + padding
            for text, style in told:
                baseline = y + style.line / 2 + style.size * 0.36
                self.put(TextLine(cell.x, baseline, text, style))
                y += style.line
        self.y += height
        if rule:
            self.put(Stroke(MARGIN, self.y, MARGIN + WIDTH, self.y))


_LEAST = 60.0  # a long row does not begin in less than this


def _page_room() -> float:
    return (BOTTOM - TOP) * 0.9  # a table's head may stand above


def _height(lines: Sequence[tuple[str, Style]]) -> float:
    return sum(style.line for _, style in lines)


def _fitting(lines: Sequence[tuple[str, Style]], room: float) -> int:
    """How many of the lines fit."""
    used = 0.0
    for count, (_, style) in enumerate(lines):
        used += style.line
        if used > room:
            return count
    return len(lines)
