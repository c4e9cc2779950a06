"""What a cell shows for a code or a person, and what a text in a cell means: labels of lists, names of staff.

Both languages and the code itself are understood. A text that something had earlier, before it was renamed, goes on
being understood. One that several people or entries have, or ever had, means none of them by itself: whose it is in a
row that the app wrote, the row or History says (`lib.store.sheets.read.namesakes`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lib.domain.records.fields import Column
from lib.domain.records.lists import Lists
from lib.domain.records.workspace import ListItem
from lib.domain.text.cleaning import folded

PEOPLE = "\x00people"  # no list can have this name
_Bearers = dict[str, set[str]]
"""{text: the codes that have it}"""


@dataclass
class Borne:
    """The texts of one list, or of the people, and whose they are: the codes, what cells show for them (labels with
    that of the level above, names), and labels of a second level alone."""

    codes: set[str] = field(default_factory=set)
    shown: _Bearers = field(default_factory=dict)
    short: _Bearers = field(default_factory=dict)

    def add(self, code: str, shown: Iterable[str], short: Iterable[str] = ()) -> bool:
        """Whether that is news."""
        before = self._count()
        self.codes.add(code)
        for bearers, texts in ((self.shown, shown), (self.short, short)):
            for text in texts:
                if text:
                    bearers.setdefault(text, set()).add(code)
        return self._count() > before

    def add_item(self, item: ListItem, lists: Lists) -> bool:
        """One entry of a list, as `lists` labels it; whether that is news."""
        labels = (lists.label(item.list_name, item.code, language) for language in ("zh", "en"))
        return self.add(item.code, labels, (item.zh, item.en))

    def _count(self) -> int:
        return len(self.codes) + sum(map(len, (*self.shown.values(), *self.short.values())))

    def also(self, other: "Borne | None") -> "Borne":
        """What either has."""
        if other is None:
            return self
        return Borne(self.codes | other.codes, _both(self.shown, other.shown), _both(self.short, other.short))

    def meanings(self) -> tuple[dict[str, str], dict[str, Collection[str]]]:
        """{text: code} where that is sure, and {text: codes} where several have it. A code is always understood as
        itself, a label as it is shown goes before a short one, and a text before others that differ in case alone."""
        levels = ({code: {code} for code in self.codes}, self.shown, self.short)
        found: _Bearers = {}
        for level in levels:
            for text, codes in level.items():
                found.setdefault(text, codes)
        for level in (_without_case(self.shown), _without_case(self.short)):
            for text, codes in level.items():
                found.setdefault(text, codes)
        sure = {text: next(iter(codes)) for text, codes in found.items() if len(codes) == 1}
        several = {text: sorted(codes) for text, codes in found.items() if len(codes) > 1}
        several |= {code: sorted({code} | self.shown[code]) for code in self.codes & self.shown.keys()}
        return sure, {text: codes for text, codes in several.items() if len(codes) > 1}


def _both(one: _Bearers, other: _Bearers) -> _Bearers:
    return {text: one.get(text, set()) | other.get(text, set()) for text in {**one, **other}}


def _without_case(bearers: _Bearers) -> _Bearers:
    found: _Bearers = {}
    for text, codes in bearers.items():
        found.setdefault(folded(text), set()).update(codes)
    return found


Texts = Mapping[str, Borne]
"""By list."""
_NONE: Texts = MappingProxyType({})


class Vocabulary:
    """The words of one workspace at one moment. `former` are those that it had before."""

    def __init__(
        self,
        language: str,
        fixed: Iterable[ListItem] = (),
        items: Iterable[ListItem] = (),
        names: Mapping[str, str] | None = None,
        former: Texts = _NONE,
    ) -> None:
        lists = Lists([*fixed, *items])
        self._shown: dict[str, dict[str, str]] = {name: dict(lists.labels(name, language)) for name in lists.names}
        self._shown[PEOPLE] = dict(names or {})
        self._meant: dict[str, dict[str, str]] = {}
        self._several: dict[str, dict[str, Collection[str]]] = {}
        for name, borne in _present(lists, names or {}).items():
            self._meant[name], self._several[name] = borne.also(former.get(name)).meanings()
        for name in former.keys() - self._meant.keys():
            self._meant[name], self._several[name] = former[name].meanings()

    def says_the_same(self, other: "Vocabulary") -> bool:
        return self._all == other._all

    @property
    def _all(self) -> tuple[Any, ...]:
        return self._shown, self._meant, self._several

    def shown(self, column: Column, code: str) -> str:
        """The text for a code; the code itself where a label would be read back as something else."""
        name = list_of(column)
        text = self._shown.get(name, {}).get(code, code)
        return text if self.meant(name, text) == code else code

    def meant(self, name: str, text: Any) -> Any:
        """The code that a text of list `name` stands for; the text itself where nobody knows."""
        known = self._meant.get(name)
        if not known or not isinstance(text, str) or text in self._several[name]:
            return text
        found = known.get(text)
        return found if found is not None else known.get(folded(text), text)

    def known(self, name: str) -> Mapping[str, str]:
        """{text: code} of a list."""
        return self._meant.get(name, {})

    def bearers(self, name: str, text: Any) -> Collection[str]:
        """The codes of which a text that `meant` leaves as it is may be each; () for any other."""
        several = self._several.get(name)
        if not several or not isinstance(text, str):
            return ()
        if text in several or text in self._meant[name]:
            return several.get(text, ())
        return several.get(folded(text), ())

    def is_sure(self, name: str, text: Any) -> bool:
        """Whether the text is a code, although something else bears it too."""
        return text in self._meant.get(name, {})


def list_of(column: Column) -> str:
    return PEOPLE if column.kind == "person" else column.choices


def _present(lists: Lists, names: Mapping[str, str]) -> dict[str, Borne]:
    found: dict[str, Borne] = {}
    for name in lists.names:
        found[name] = Borne()
        for item in lists.items(name):
            found[name].add_item(item, lists)
    found[PEOPLE] = people = Borne()
    for staff_id, name in names.items():
        people.add(staff_id, [name])
    return found
