"""What the texts of cells mean: the labels of lists and the names of people, as they are and as they were."""

from collections.abc import Mapping, Sequence
from typing import Any

from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.store.codec import decode
from lib.store.schema import SCHEMA
from lib.store.sheets.model.cells import Cells
from lib.store.sheets.model.layout import all_places
from lib.store.sheets.model.options import Options
from lib.store.sheets.model.vocabulary import Vocabulary
from lib.store.sheets.read.history import HistoryCache
from lib.store.sheets.read.old_labels import Former
from lib.store.sheets.read.reader import RawRows

_FIRST_UNREAD = 2**31  # no row of History is as far down


class LearnedWords:
    """The words of one spreadsheet, as far as it was read.

    `cells` are the conversions by these words. `former` are the texts that codes and people bore before. `news`:
    whether rows that people edited may mean something else since they were last judged.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self.cells = Cells(options.zone, Vocabulary(options.language, options.fixed))
        self.former = Former()
        self.news = False
        self._rows: tuple[RawRows, RawRows] = ([], [])
        self._items: Sequence[ListItem] = ()
        self._names: Mapping[str, str] = {}
        self._told = (_FIRST_UNREAD, 0)  # from which row of History on, and of how many lines

    def learn(self, lists: RawRows, staff: RawRows) -> None:
        """Read the tabs of lists and people, where either changed."""
        if (lists, staff) == self._rows:
            return
        self._items = [item for item in self._decoded("lists", lists) if isinstance(item, ListItem)]
        self._names = {one.staff_id: one.name for one in self._decoded("staff", staff) if isinstance(one, Staff)}
        self._rows = (lists, staff)
        self._make()
        self.news = True

    def learn_former(self, history: HistoryCache) -> bool:
        """What labels and people were called before, as far as History has been read; whether that is news."""
        first, count = self._told
        if history.first < first:
            self.former, count = Former(self._items if history.first > 1 else ()), 0
        elif len(history.lines) == count:
            return False
        told = self.former.take(history.lines[count:])
        self._told = (history.first, len(history.lines))
        news = told and self._make()
        self.news = self.news or news
        return news

    def forget_history(self) -> None:
        """History is read anew, and so is what it tells."""
        self._told = (_FIRST_UNREAD, 0)

    def _make(self) -> bool:
        """Whether the words say anything else than before."""
        options = self._options
        words = Vocabulary(options.language, options.fixed, self._items, self._names, self.former.texts)
        if words.says_the_same(self.cells.words):
            return False
        self.cells = self.cells.with_words(words)
        return True

    def _decoded(self, name: str, rows: RawRows) -> list[Any]:
        if not rows:
            return []
        tab = SCHEMA[name]
        plain_cells = self.cells.with_words(Vocabulary(self._options.language))
        found = plain_cells.rows(tab, all_places(tab, rows[0]), rows[1:])
        return list(decode(tab, [row for row in found if tab.key in row])[0])
