"""Whose a text is that several people or entries bear (`Vocabulary.bearers`), in one row of the sheet.

Where the app wrote the row, one reading fits its digest. Where people changed the row since, a cell that may mean what
the app has there does. Any other means nobody: it is left as it stands.
"""

from collections.abc import Iterator
from itertools import islice, product

from lib.domain.records.fields import Cell
from lib.store.port import Row
from lib.store.schema import Tab
from lib.store.sheets.model.cells import fits
from lib.store.sheets.model.vocabulary import Vocabulary, list_of

READINGS = 1_000  # of one row: ten names that two people have


def as_stamped(tab: Tab, row: Row, stamp: object, words: Vocabulary) -> Row:
    """The row in the reading that fits its digest; as it is where none does."""
    if fits(row, stamp):
        return row
    names = list(_shared(tab, row, words))
    codes = (words.bearers(list_name, row[name]) for name, list_name in names)
    readings = (dict(zip((name for name, _ in names), some, strict=True)) for some in product(*codes)) if names else ()
    return next(({**row, **read} for read in islice(readings, READINGS) if fits({**row, **read}, stamp)), row)


def as_known(tab: Tab, row: Row, base: Row, words: Vocabulary) -> Row:
    """The row where such a text stands for what the app has there (`base`), if it may."""
    shared = _shared(tab, row, words)
    read = {name: base[name] for name, some in shared if base.get(name) in words.bearers(some, row[name])}
    return {**row, **read} if read else row


def unclear(tab: Tab, row: Row, words: Vocabulary) -> frozenset[str]:
    """The fields whose text nobody can tell."""
    return frozenset(name for name, list_name in _shared(tab, row, words) if not words.is_sure(list_name, row[name]))


def may_mean(tab: Tab, name: str, cell: Cell, words: Vocabulary) -> set[Cell]:
    """What a cell of a column may stand for."""
    column = tab.column(name)
    known = column is not None and not tab.technical
    return {cell, *(words.bearers(list_of(column), cell) if known and column is not None else ())}


def _shared(tab: Tab, row: Row, words: Vocabulary) -> Iterator[tuple[str, str]]:
    """(field, list) of the cells that several may be meant by."""
    for name, cell in row.items() if not tab.technical else ():
        column = tab.column(name)
        if column is not None and words.bearers(list_of(column), cell):
            yield name, list_of(column)
