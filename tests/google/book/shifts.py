"""How positions along rows or columns change when lines are inserted, deleted or moved."""

from dataclasses import dataclass
from typing import Any

Span = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Insert:
    at: int
    count: int

    def point(self, index: int) -> int | None:
        return index + self.count if index >= self.at else index

    def span(self, start: int, end: int | None) -> Span | None:
        return start + (self.count if start >= self.at else 0), end + self.count if end and end > self.at else end


@dataclass(frozen=True, slots=True)
class Delete:
    start: int
    end: int

    def point(self, index: int) -> int | None:
        if self.start <= index < self.end:
            return None
        return index - (self.end - self.start) if index >= self.end else index

    def _before(self, index: int) -> int:
        return min(index, self.start) + max(0, index - self.end)

    def span(self, start: int, end: int | None) -> Span | None:
        first = self._before(start)
        if end is None:
            return first, None
        last = self._before(end)
        return (first, last) if last > first else None


@dataclass(frozen=True, slots=True)
class Move:
    """The lines start..end go before `to`, counted before anything moves."""

    start: int
    end: int
    to: int

    @property
    def landing(self) -> int:
        return self.to if self.to <= self.start else self.to - (self.end - self.start)

    def point(self, index: int) -> int | None:
        if self.start <= index < self.end:
            return index - self.start + self.landing
        gone = Delete(self.start, self.end).point(index)
        return None if gone is None else Insert(self.landing, self.end - self.start).point(gone)

    def span(self, start: int, end: int | None) -> Span | None:
        if end is not None and self.start <= start and end <= self.end:
            return start - self.start + self.landing, end - self.start + self.landing
        kept = Delete(self.start, self.end).span(start, end)
        return kept and Insert(self.landing, self.end - self.start).span(*kept)


Shift = Insert | Delete | Move


def shifted_range(grid_range: dict[str, Any], dimension: str, shift: Shift) -> dict[str, Any] | None:
    """A GridRange after the shift; None when nothing is left of it. Open ends stay open."""
    kind = "Row" if dimension == "ROWS" else "Column"
    first, last = f"start{kind}Index", f"end{kind}Index"
    if first not in grid_range and last not in grid_range:
        return grid_range
    span = shift.span(grid_range.get(first, 0), grid_range.get(last))
    if span is None:
        return None
    result = grid_range | {first: span[0]}
    return result if span[1] is None else result | {last: span[1]}


def shifted_lines(line_range: dict[str, Any], dimension: str, shift: Shift) -> dict[str, Any] | None:
    """A DimensionRange after the shift."""
    if line_range["dimension"] != dimension:
        return line_range
    span = shift.span(line_range.get("startIndex", 0), line_range.get("endIndex"))
    return span and line_range | {"startIndex": span[0], "endIndex": span[1]}
