"""What documents are built of: sections, facts in two columns, tables that go on over pages, lines to sign on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from lib.documents.paper.layout import (
    ACCENT,
    GREY,
    INK,
    MARGIN,
    TINT,
    WIDTH,
    Box,
    Cell,
    PageLayout,
    Part,
    Stroke,
    TextLine,
)
from lib.documents.paper.lines import Style, broken, text_width

BODY = Style()
BOLD = Style(bold=True)
SMALL = Style(8, colour=GREY, leading=1.45)
ASIDE = Style(8, colour=GREY, leading=BODY.line / 8)  # small, on the line of the text beside it
LABEL = Style(8, colour=GREY, leading=1.5)
HEAD = Style(8, bold=True, colour=INK, leading=1.5)
SECTION = Style(11.5, bold=True, colour=ACCENT)
LINE_HEIGHT = 20.0  # of handwriting
_GAP = 14.0
_HALF = (WIDTH - _GAP) / 2
_WITH_SECTION = 52.0  # a heading is not left alone at the foot of a page


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value; `wide` takes the whole width."""

    label: str
    value: str
    wide: bool = False


@dataclass(frozen=True, slots=True)
class TableColumn:
    """`share` of the width; the shares of a table add up to 1."""

    label: str
    share: float
    style: Style = BODY


def section(sheet: PageLayout, title: str) -> None:
    """A heading, also in the outline of the file."""
    sheet.again = None
    sheet.space(10)
    sheet.keep(_WITH_SECTION)
    sheet.outline.append((title, len(sheet.pages) - 1))
    sheet.put(Box(MARGIN, sheet.y + 2.5, 3, 12, ACCENT))
    sheet.paragraph(title, SECTION, x=MARGIN + 10)
    sheet.y += 2
    sheet.put(Stroke(MARGIN, sheet.y, MARGIN + WIDTH, sheet.y, ACCENT, 0.8))


def note(sheet: PageLayout, text: str, style: Style = SMALL) -> None:
    """A remark below what it belongs to."""
    sheet.space(3)
    sheet.paragraph(text, style)


def facts(sheet: PageLayout, told: Iterable[Fact]) -> None:
    """Facts two by two; long ones over the whole width."""
    waiting: list[Fact] = []
    for fact in told:
        if fact.wide or _is_long(fact):
            _pair(sheet, waiting)
            waiting = []
            _one(sheet, fact)
            continue
        waiting.append(fact)
        if len(waiting) == 2:
            _pair(sheet, waiting)
            waiting = []
    _pair(sheet, waiting)


def _is_long(fact: Fact) -> bool:
    return "\n" in fact.value or len(broken(fact.value, _HALF - _LABEL_WIDTH, BODY)) > 2


_LABEL_WIDTH = 84.0


def _pair(sheet: PageLayout, told: Sequence[Fact]) -> None:
    cells = [cell for place, fact in enumerate(told) for cell in _cells(fact, MARGIN + place * (_HALF + _GAP), _HALF)]
    if cells:
        sheet.row(cells)


def _one(sheet: PageLayout, fact: Fact) -> None:
    sheet.row(_cells(fact, MARGIN, WIDTH))


def _cells(fact: Fact, x: float, width: float) -> list[Cell]:
    return [
        Cell(x + 4, _LABEL_WIDTH - 8, (Part(fact.label, ASIDE),)),
        Cell(x + _LABEL_WIDTH, width - _LABEL_WIDTH - 4, (Part(fact.value or "—", BODY),)),
    ]


def table(sheet: PageLayout, columns: Sequence[TableColumn], rows: Iterable[Sequence[str | tuple[Part, ...]]]) -> None:
    """A table; its head is repeated on every page that it goes on to."""
    head = partial(_head, sheet, columns)
    sheet.keep(_WITH_SECTION)
    head()
    sheet.again = head
    for row in rows:
        sheet.row([_cell(columns, place, content) for place, content in enumerate(row)])
    sheet.again = None


def _head(sheet: PageLayout, columns: Sequence[TableColumn]) -> None:
    labels = [_cell(columns, place, (Part(column.label, HEAD),)) for place, column in enumerate(columns)]
    sheet.row(labels, fill=TINT, padding=3)


def _cell(columns: Sequence[TableColumn], place: int, content: str | tuple[Part, ...]) -> Cell:
    before = sum(column.share for column in columns[:place])
    parts = (Part(content or "—", columns[place].style),) if isinstance(content, str) else content
    return Cell(MARGIN + before * WIDTH + 4, columns[place].share * WIDTH - 8, parts)


def lines_to_write_on(sheet: PageLayout, label: str, count: int) -> None:
    """A label and empty lines for a pen."""
    sheet.keep(20 + LINE_HEIGHT * count)
    sheet.space(4)
    sheet.paragraph(label, LABEL)
    for _ in range(count):
        sheet.y += LINE_HEIGHT
        sheet.put(Stroke(MARGIN, sheet.y, MARGIN + WIDTH, sheet.y))


def blanks(sheet: PageLayout, labels: Sequence[str]) -> None:
    """Labels side by side, each with a line to write on."""
    sheet.keep(30)
    sheet.y += 25
    room = WIDTH / len(labels)
    for place, label in enumerate(labels):
        x = MARGIN + place * room
        begin = x + text_width(label, LABEL) + 5
        sheet.put(TextLine(x, sheet.y - 3, label, LABEL))
        sheet.put(Stroke(begin, sheet.y, x + room - 14, sheet.y, GREY))


def tick_boxes(sheet: PageLayout, label: str, choices: Sequence[str]) -> None:
    """A question and a box for every answer, in one line."""
    sheet.keep(26)
    sheet.y += 22
    sheet.put(TextLine(MARGIN, sheet.y - 3, label, LABEL))
    x = MARGIN + text_width(label, LABEL) + 12
    for choice in choices:
        sheet.put(Box(x, sheet.y - 10.5, 9, 9, colour=GREY), TextLine(x + 13, sheet.y - 3, choice, BODY))
        x += 13 + text_width(choice, BODY) + 22
