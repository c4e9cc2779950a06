"""A header of two rows: groups above (客户 over 姓名 and 电话), usually merged cells, and names below."""

import re
from collections.abc import Sequence

from lib.tabular.table import Cell, is_blank

_LONGEST = 20
_NAME = re.compile(
    r".*(?:名|称|人|者|话|机|号|址|栋|幢|楼|层|单元|室|区|盘|目|时间|日期|日|月|年|型|别|类|级|度|容|述|情|况|果|态|展|因|见|求|源|道|式|门|位|注|量|额|数|率|间)"
    r"|.*(?:name|phone|tel|mobile|no|number|id|code|date|time|at|on|by|type|kind|status|note|notes|address|room|building|unit|"
    r"amount|count|text|detail|details|description|result|reason|source|person|contact|email)\.?",
    re.IGNORECASE,
)
"""How names of columns end; a first row of data in their place must not be taken for names."""
BETWEEN = "-"
"""Stands between the name of a group and that of a column in it."""
Texts = tuple[str, ...]


def joined(top: Sequence[Cell], second: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> Texts | None:
    """One name for each column where the two rows are a header together, else None. `below` are rows of data.

    They are where a group of the first row stands over several names of the second, and every other column has one
    name: in either row, or the same in both. All rows have the same width.
    """
    above, names = _texts(top), _texts(second)
    if above is None or names is None or not below or _recur(second, below):
        return None
    groups = _groups(above, names)
    named = sum(bool(_NAME.fullmatch(name)) for name in names)
    if not any(groups) or 2 * named < sum(map(bool, names)):
        return None
    alone = [at for at, group in enumerate(groups) if group is None]
    if any(above[at] and names[at] and above[at] != names[at] for at in alone):
        return None
    return tuple(f"{group}{BETWEEN}{names[at]}" if group else names[at] or above[at] for at, group in enumerate(groups))


def _texts(cells: Sequence[Cell]) -> Texts | None:
    """The cells as names; None where one cannot be a name: a number, a date, a long or figured text."""
    texts = tuple("" if is_blank(cell) else " ".join(str(cell).split()) for cell in cells)
    real = all(isinstance(cell, str) or is_blank(cell) for cell in cells)
    return texts if real and all(map(_may_be_a_name, texts)) else None


def _may_be_a_name(text: str) -> bool:
    return len(text) <= _LONGEST and sum(char.isdigit() for char in text) <= 2 and not text[:1].isdigit()


def _groups(above: Texts, names: Texts) -> list[str | None]:
    """For each column the group over it; None for one that stands alone."""
    found: list[str | None] = [None] * len(above)
    start = 0
    while start < len(above):
        end = start + 1
        while end < len(above) and names[end] and (not above[end] or above[end] == above[start]):
            end += 1
        inside = names[start:end]
        if above[start] and end - start > 1 and all(inside) and len(set(inside)) == len(inside):
            found[start:end] = [above[start]] * (end - start)
        start = end
    return found


def _recur(second: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> bool:
    """Whether what would be a name stands among the values of its column: then it is one of them."""
    return any(not is_blank(cell) and any(row[at] == cell for row in below) for at, cell in enumerate(second))
