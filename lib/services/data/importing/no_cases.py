"""Rows of a file that are no cases: totals, what stands at the foot of a printed table, a header printed again.

Such a row is recognised by all of its cells together, so that a client called 合计 or a note about a page stays a case.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lib.tabular.table import Cell, FileTable, SourceRow, is_blank

What = Literal["total", "footer", "header_again", "number_only"]

_TOTAL = re.compile(
    r"(?:本页|本日|本周|本月|本季|本年|全年|年度|月度|季度|以上|累)?(?:合计|总计|小计|共计|累计|总数|汇总)"
    r"(?:\d+(?:条|件|个|户|宗|起|例|单|笔|人次)?)?|(?:grand|sub)?-?totals?|sum"
)
_COUNT = re.compile(r"共(?:计|有)?\d+(?:条|件|个|户|宗|起|例|单|笔)(?:记录|数据|案件|工单|投诉)?|\d+(?:rows?|records?)")
_AMOUNT = re.compile(r"[¥￥$]?[-+]?[\d,]+(?:\.\d+)?(?:%|元|万元|条|件|个|户|宗|起|例|单)?")
_PAGE = re.compile(
    r"第\d+页(?:[,/]?共\d+页)?|共\d+页(?:[,/]?第\d+页)?|\d+/\d+页|page\d+(?:of\d+)?"
    r"|[-—=*]*(?:以下空白|以下无正文|完|end(?:ofreport)?)[-—=*]*"
)
_SIGNED = re.compile(
    r"(?:制表|制单|填表|填报|审核|审批|复核|批准|统计|打印|导出|报表|生成)(?:人|员|单位|日期|时间)?"
    r"|(?:(?:单位|部门)?(?:盖章|公章))|(?:主管|负责人|经办人|领导|本人)?签[字名]"
    r"|(?:prepared|printed|checked|approved|reviewed|generated|exported|signed)(?:by|on|at)|printdate|signature"
)
_NOTES = "备注 注 附注 说明 备注说明 填表说明 数据来源 资料来源 统计口径 note notes remark remarks source".split()  # noqa: SIM905
_WORD_WITHIN = 3
"""The word for a total stands in one of the first cells that are filled."""
_SERIAL = frozenset("序号 序 号 行号 编号 no no. # id 项次 serial serialno s/n sn".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class NoCase:
    """A row that is left out: which (as counted in the file), what it is, and its words."""

    row: int
    what: What
    text: str


def without_other_rows(table: FileTable) -> tuple[tuple[SourceRow, ...], tuple[NoCase, ...]]:
    """The rows that may be cases, and those that are none."""
    found = {row.number: what for row in table.rows if (what := _judge(table.headers, row.cells))}
    found |= dict(_notes_at_the_foot(table, found))
    rows = tuple(row for row in table.rows if row.number not in found)
    left = (row for row in table.rows if row.number in found)
    return rows, tuple(NoCase(row.number, found[row.number], _words(row.cells)) for row in left)


def _judge(headers: Sequence[str], cells: Sequence[Cell]) -> What | None:
    filled = [(at, cell) for at, cell in enumerate(cells) if not is_blank(cell)]
    if not filled:
        return None
    first = [_plain(cell) for _, cell in filled[:_WORD_WITHIN]]
    if any(map(_is_total, first)) and all(_is_total(text) or _AMOUNT.fullmatch(text) for text in _texts(filled)):
        return "total"
    if _is_footer(first[0]) or (_PAGE.fullmatch(first[0]) and all(map(_PAGE.fullmatch, _texts(filled)))):
        return "footer"
    if len(filled) > 1 and all(_plain(headers[at]) == _plain(cell) for at, cell in filled):
        return "header_again"
    serial = len(filled) == 1 < len(headers) and filled[0][0] == 0 and _plain(headers[0]) in _SERIAL
    return "number_only" if serial and first[0].isdecimal() else None


def _is_total(text: str) -> bool:
    return bool(_TOTAL.fullmatch(text) or _COUNT.fullmatch(text))


def _is_footer(text: str) -> bool:
    """Begins with `制表人：` and the like."""
    label, colon, _ = text.partition(":")
    return bool(colon) and bool(_SIGNED.fullmatch(label))


def _texts(filled: Sequence[tuple[int, Cell]]) -> list[str]:
    return [_plain(cell) for _, cell in filled]


def _notes_at_the_foot(table: FileTable, known: dict[int, What]) -> Iterator[tuple[int, What]]:
    """`注：...` and `制表人 | 张三` without colon are no cases where nothing but the like stands below them."""
    width = max(2, len(table.headers) // 2)
    for row in reversed(table.rows):
        texts = [_plain(cell) for cell in row.cells if not is_blank(cell)]
        label, colon, _ = texts[0].partition(":") if texts else ("", "", "")
        note = (label in _NOTES and bool(colon)) or bool(_SIGNED.fullmatch(label))
        if note and len(texts) <= width:
            yield row.number, "footer"
        elif row.number not in known:
            return


@lru_cache(maxsize=4096)
def _plain(cell: Cell) -> str:
    """Without spaces and in one width: `合　计：` is `合计`."""
    text = unicodedata.normalize("NFKC", str(cell)).casefold()
    return re.sub(r"[\s()]+", "", text).rstrip(":")


def _words(cells: Sequence[Cell]) -> str:
    return " | ".join(str(cell).strip() for cell in cells if not is_blank(cell))
