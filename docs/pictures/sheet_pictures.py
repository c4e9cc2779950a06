"""Pictures of the spreadsheet as the set-up leaves it; colours, locks and arrows are worked out from its own rules."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.i18n import Language, in_language, t
from lib.store.sheets.model.layout import letter, technical
from lib.store.sheets.setup.views import VIEWS
from pictures.page import legend, mark
from pictures.spreadsheet import Demo, Tab

STYLE = """
table { border-collapse: separate; border-spacing: 0; table-layout: fixed; background: #fff; font-size: 12.5px;
  border: 1px solid #b8c2cc }
td, th { border: 0 solid #d9dfe5; border-width: 0 1px 1px 0; padding: 3px 4px; overflow: hidden; white-space: nowrap;
  text-overflow: ellipsis; text-align: left; font-weight: normal; position: relative; height: 25px }
.letters th, .number { background: #eef1f4; color: #5b6875; text-align: center; font-size: 11px; height: 20px }
.number { width: 38px }
.gap { border-left: 3px double #7b8794 }
.frozen { border-right: 3px solid #9aa5b1 }
.headers td { white-space: normal; height: 42px; vertical-align: middle; line-height: 1.25 }
.fold { position: absolute; left: 0; right: 0; top: 1px; border-top: 3px solid #52606d }
.letters th .mark, .headers .mark, td .mark { position: absolute; right: 3px; top: 3px; z-index: 2 }
tr:not(.headers) td:has(.mark) { overflow: visible }
tr:not(.headers) td .mark { right: 20px }
tr:not(.headers) td.right .mark { right: -21px }
.arrow { position: absolute; right: 4px; top: 4px; color: #7b8794; font-size: 10px }
.right { text-align: right }
.lock { position: absolute; right: 4px; bottom: 3px; width: 11px; height: 11px }
.tabs { display: flex; gap: 3px; margin-top: 3px; font-size: 12px; color: #52606d }
.tabs span { background: #e4e9ee; padding: 2px 10px; border-radius: 0 0 5px 5px }
.tabs .on { background: #fff; color: #1f4e79; font-weight: bold }
.bar { font-size: 13px; margin-bottom: 8px; color: #334e68 }
.bar b { background: #334e68; color: #fff; padding: 2px 10px; border-radius: 4px; font-weight: normal }
"""
LOCK = (
    "<svg class=lock viewBox='0 0 12 12'><rect x=1.5 y=5 width=9 height=6.5 rx=1 fill='#616e7c'/>"
    "<path d='M3.6 5V3.4a2.4 2.4 0 0 1 4.8 0V5' fill=none stroke='#616e7c' stroke-width=1.4 /></svg>"
)
SHOWN_AS_MADE = ("case_no", "stage", "priority", "title", "kind", "channel", "branch", "taken_at", "client_name")
SHOWN_WITH_COLOURS = [
    "case_no",
    "stage",
    "priority",
    "client_phone",
    "category",
    "assignee",
    "promised_on",
    "contact_due",
    "contacted_at",
    "resolve_due",
    "answered_at",
]
RUBBISH = (("client_phone", {"zh": "1380001", "en": "1380001"}), ("category", {"zh": "漏水啦", "en": "leaky thing"}))
OWN_COLUMN = {"zh": "店长备注", "en": "My remarks"}
OWN_TEXT = {"zh": "周三前给业主回话", "en": "call the owner before Wednesday"}
COLUMNS_LEGEND = {
    "zh": [
        "**蓝色表头**：可以直接修改。",
        "**灰色表头**加锁：由系统写入，修改时会弹出提醒。",
        "带箭头的单元格：从**下拉列表**里选。",
        "粗线以左**固定**：左右滚动时，案件编号一直可见。",
        "横线下的列是**一组**，可以折叠。",
        "**自己加的列**：系统照样保留。",
        "双线处有**隐藏的列**：隐藏不影响系统。",
        "第一行是**表头**：系统靠它认列，不要改。",
    ],
    "en": [
        "**Blue header**: you may change these cells.",
        "**Grey header**, locked: written by the app; a change brings up a warning.",
        "Cells with an arrow: choose from the **dropdown**.",
        "Left of the thick line nothing scrolls: the case number stays in sight (**frozen**).",
        "Columns under one line are a **group** that folds up.",
        "**A column of your own**: the app keeps it.",
        "At a double line columns are **hidden**: that does not disturb the app.",
        "The first row holds the **headers**: the app finds columns by them, leave them.",
    ],
}
COLOURS_LEGEND = {
    "zh": [
        "**红底加粗**：时限已过，事情还没做。",
        "**橙底**：24 小时之内到期。",
        "**黄底加删除线**：系统看不懂，见“数据体检”。",
        "没有颜色：还没到期，或者已经做完，或者正在等待。",
    ],
    "en": [
        "**Red and bold**: the deadline has passed and the thing is not done.",
        "**Orange**: it ends within 24 hours.",
        "**Yellow and struck through**: the app cannot read it; see Data health.",
        "No colour: not due yet, done already, or the case is waiting.",
    ],
}
VIEW_WORDS = {"zh": "过滤视图", "en": "Filter view"}
Marks = Mapping[tuple[int, int], int]


@dataclass(frozen=True)
class Part:
    """The part of a tab that is drawn: rows and columns by their places, and the numbers that explain cells."""

    tab: Tab
    rows: Sequence[int]
    marks: Marks

    @property
    def columns(self) -> list[int]:
        return [place for place in range(len(self.tab.headers)) if not self.tab.hidden(place)]


def as_made(demo: Demo, language: str, now: datetime) -> str:
    """The first columns of the tab of cases, one column added by hand."""
    manager, title = demo.manager, demo.tab("cases", now).title
    manager.add_column(title, OWN_COLUMN[language], before=_label("kind", language))
    manager.set_cell(title, 3, OWN_COLUMN[language], OWN_TEXT[language])
    demo.set_up()  # Google moves cells in formulas of rules along with the columns, the loopback server does not
    _show_only(demo, now, language, SHOWN_AS_MADE, OWN_COLUMN[language])
    tab = demo.tab("cases", now)
    at = {name: tab.headers.index(_label(name, language)) for name in SHOWN_AS_MADE}
    own = tab.headers.index(OWN_COLUMN[language])
    marks = {
        (0, at["title"]): 1,
        (0, at["stage"]): 2,
        (2, at["priority"]): 3,
        (3, at["case_no"]): 4,
        (-1, at["channel"]): 5,
        (0, own): 6,
        (-1, at["client_name"]): 7,
        (0, at["case_no"]): 8,
    }
    body = _table(Part(tab, range(1, 9), marks)) + _tabs(tab)
    return body + legend(COLUMNS_LEGEND[language])


def with_colours(demo: Demo, language: str, now: datetime) -> str:
    """Open cases by deadline, where the late ones end and the others begin, two cells typed wrongly."""
    _show_only(demo, now, language, SHOWN_WITH_COLOURS)
    view = _view_title("open", language)
    rows = _around_the_present(demo.tab("cases", now), view, language)
    _type_rubbish(demo, now, language, rows)
    tab = demo.tab("cases", now)
    part = Part(tab, rows, {})
    body = f"<div class=bar>{VIEW_WORDS[language]} <b>{html.escape(view)}</b></div>"
    body += _table(Part(tab, rows, _first_of_each(part))) + _tabs(tab)
    return body + legend(COLOURS_LEGEND[language])


def _label(name: str, language: str) -> str:
    return columns(Case)[name].label(language)


def _view_title(name: str, language: str) -> str:
    codes: dict[str, Language] = {"zh": "zh_CN", "en": "en"}
    with in_language(codes[language]):
        return t(next(view.title for view in VIEWS if view.name == name))


def _show_only(demo: Demo, now: datetime, language: str, names: Sequence[str], *more: str) -> None:
    """The manager hides all other columns, and shows these again."""
    wanted = {_label(name, language) for name in names} | set(more)
    tab = demo.tab("cases", now)
    lines = [
        {"range": _line(tab, place), "properties": {"hiddenByUser": text not in wanted}, "fields": "hiddenByUser"}
        for place, text in enumerate(tab.headers)
        if text not in technical("cases")
    ]
    demo.manager.batch(*({"updateDimensionProperties": line} for line in lines))


def _line(tab: Tab, place: int) -> dict[str, Any]:
    sheet = tab.raw["properties"]["sheetId"]
    return {"sheetId": sheet, "dimension": "COLUMNS", "startIndex": place, "endIndex": place + 1}


def _around_the_present(tab: Tab, view: str, language: str, count: int = 12) -> list[int]:
    """Rows of the view around the first one whose last deadline has not passed."""
    due = tab.headers.index(_label("resolve_due", language))
    rows = tab.seen_through(view)
    late = [place for place, row in enumerate(rows) if tab.colours(row, due).get("textFormat", {}).get("bold")]
    first = max(0, late[-1] - count // 2)
    return rows[first : first + count]


def _type_rubbish(demo: Demo, now: datetime, language: str, rows: Sequence[int]) -> None:
    title = demo.tab("cases", now).title
    for row, (name, texts) in zip((rows[2], rows[5]), RUBBISH, strict=True):
        demo.manager.set_cell(title, row + 1, _label(name, language), texts[language])


def _first_of_each(part: Part) -> dict[tuple[int, int], int]:
    """The first late, soon and unreadable cell, and one deadline without colour below the late ones."""
    found: dict[tuple[int, int], int] = {}
    for row in part.rows:
        for column in part.columns:
            number = _kind(part.tab.colours(row, column))
            if number and number not in found.values():
                found[row, column] = number
    plain = [row for row in part.rows if not part.tab.colours(row, part.columns[-2])]
    return found | ({(plain[-1], part.columns[-2]): 4} if plain else {})


def _kind(colours: Mapping[str, Any]) -> int:
    text = colours.get("textFormat", {})
    return 0 if not colours else 1 if text.get("bold") else 3 if text.get("strikethrough") else 2


def _table(part: Part) -> str:
    lines = [_letters(part), _headers(part), *(_row(part, row) for row in part.rows)]
    widths = "".join(f"<col style='width:{part.tab.width(place)}px'>" for place in part.columns)
    total = 38 + sum(part.tab.width(place) for place in part.columns)
    return (
        f"<table style='width:{total}px'><colgroup><col style='width:38px'>{widths}</colgroup>{''.join(lines)}</table>"
    )


def _letters(part: Part) -> str:
    cells = [
        f"<th class='{_edges(part, place)}'>{_mark(part, -1, place)}"
        f"{'<span class=fold></span>' if part.tab.grouped(place) else ''}{letter(place)}</th>"
        for place in part.columns
    ]
    return f"<tr class=letters><th class=number></th>{''.join(cells)}</tr>"


def _headers(part: Part) -> str:
    cells = [_header(part, place) for place in part.columns]
    return f"<tr class=headers><td class=number>1</td>{''.join(cells)}</tr>"


def _header(part: Part, place: int) -> str:
    text = html.escape(str(part.tab.value(0, place)))
    lock = LOCK if part.tab.guarded(1, place) else ""
    style = _css(part.tab.cell(0, place).get("userEnteredFormat", {}))
    return f"<td class='{_edges(part, place)}' style='{style}'>{_mark(part, 0, place)}{text}{lock}</td>"


def _row(part: Part, row: int) -> str:
    cells = [_cell(part, row, place) for place in part.columns]
    return f"<tr><td class=number>{row + 1}</td>{''.join(cells)}</tr>"


def _cell(part: Part, row: int, place: int) -> str:
    cell = part.tab.cell(row, place)
    style = _css(cell.get("userEnteredFormat", {})) + _css(part.tab.colours(row, place))
    right = " right" if "numberValue" in cell.get("effectiveValue", {}) else ""
    marked = _mark(part, row, place)
    arrow = "<span class=arrow>▼</span>" if "dataValidation" in cell else ""
    text = html.escape(str(cell.get("formattedValue", "")))
    return f"<td class='{_edges(part, place)}{right}' style='{style}'>{text}{marked}{arrow}</td>"


def _css(look: Mapping[str, Any]) -> str:
    text, colour = look.get("textFormat", {}), look.get("backgroundColor")
    parts = [f"background:rgb({','.join(str(round(255 * colour.get(c, 0))) for c in RGB)})"] if colour else []
    parts += [f"{css}" for name, css in TEXTS.items() if text.get(name)]
    return "".join(f"{part};" for part in parts)


RGB = ("red", "green", "blue")
TEXTS = {"bold": "font-weight:bold", "italic": "font-style:italic", "strikethrough": "text-decoration:line-through"}


def _edges(part: Part, place: int) -> str:
    """Where columns are hidden, and where scrolling begins."""
    gap = place > 0 and part.tab.hidden(place - 1)
    return ("gap" if gap else "") + (" frozen" if place == part.tab.frozen - 1 else "")


def _mark(part: Part, row: int, place: int) -> str:
    number = part.marks.get((row, place))
    return mark(number) if number else ""


def _tabs(tab: Tab) -> str:
    on = tab.title
    names = "".join(f"<span class='{'on' if one == on else ''}'>{html.escape(one)}</span>" for one in tab.titles)
    return f"<div class=tabs>{names}</div>"
