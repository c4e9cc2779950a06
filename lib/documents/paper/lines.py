"""Breaking text into lines: Chinese between any two characters, Latin between words, never a stop at the beginning.

What may not begin or end a line follows GB/T 15834 (标点符号用法).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lib.documents.paper.fonts import printable, width

_HAN = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_OPENING = "（《〈「『【〔［｛“‘(\\["
_CLOSING = "，。、；：？！）》〉」』】〕］｝”’…—·～％℃"
_UNIT = re.compile(
    rf"[{_OPENING}]*(?:[^\s{_HAN}{_OPENING}{_CLOSING}]+|[{_HAN}])[{_CLOSING}]*|[{_OPENING}]+|[{_CLOSING}]+|\s+"
)


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks. Sizes are points; `leading` is the distance of two lines as a multiple of the size."""

    size: float = 9.5
    bold: bool = False
    colour: str = "#1f2328"
    leading: float = 1.5

    @property
    def line(self) -> float:
        return self.size * self.leading


def text_width(text: str, style: Style) -> float:
    """In points; the text must be printable."""
    return sum(width(character, style.bold) for character in text) * style.size


def broken(text: str, room: float, style: Style) -> list[str]:
    """The lines of a text in so many points of width; a word that is longer than a line is cut. At least one line."""
    return [line for paragraph in printable(text).split("\n") for line in _paragraph(paragraph, room, style)]


def _paragraph(text: str, room: float, style: Style) -> list[str]:
    lines, line, used = [], "", 0.0
    for unit in _units(text, room, style):
        wide = text_width(unit, style)
        if line and used + wide > room and not unit.isspace():
            lines.append(line.rstrip())
            line, used = "", 0.0
        if line or not unit.isspace() or not lines:
            line, used = line + unit, used + wide
    return [*lines, line.rstrip()]


def _units(text: str, room: float, style: Style) -> Iterator[str]:
    """What is not to be cut; character by character where a unit would not fit on a line of its own."""
    for found in _UNIT.finditer(text):
        unit = found[0]
        if text_width(unit, style) > room:
            yield from unit
        else:
            yield unit
