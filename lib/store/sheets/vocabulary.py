"""What a cell shows for a code or a person, and what a text in a cell means: labels of lists, names of staff.

Both languages and the code itself are understood. A text that something had earlier, before it was renamed, goes on
being understood for as long as nothing else has it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from lib.domain.fields import Column
from lib.domain.lists import Lists
from lib.domain.workspace import ListItem

PEOPLE = "\x00people"  # no list can have this name
Texts = Mapping[str, Mapping[str, str]]
"""{list: {text: code}}"""


class Vocabulary:
    """The words of one workspace at one moment."""

    def __init__(
        self,
        language: str,
        fixed: Iterable[ListItem] = (),
        items: Iterable[ListItem] = (),
        names: Mapping[str, str] | None = None,
        earlier: "Vocabulary | None" = None,
    ) -> None:
        lists = Lists([*fixed, *items])
        self._shown: dict[str, dict[str, str]] = {name: dict(lists.labels(name, language)) for name in lists.names}
        self._shown[PEOPLE] = dict(names or {})
        self._meant = {name: _meanings(lists, name) for name in lists.names}
        self._meant[PEOPLE] = _unique_names(names or {})
        for name, texts in earlier._meant.items() if earlier else ():
            known = self._meant.setdefault(name, {})
            for text, code in texts.items():
                known.setdefault(text, code)

    def lacks(self, texts: "Texts") -> bool:
        """Whether some of these texts mean nothing yet."""
        return any(text not in self._meant.get(name, {}) for name, known in texts.items() for text in known)

    def also(self, texts: "Texts") -> "Vocabulary":
        """These words, with former texts where nothing else has them."""
        made = Vocabulary("")
        made._shown = self._shown
        made._meant = {name: {**texts.get(name, {}), **self._meant.get(name, {})} for name in {*texts, *self._meant}}
        return made

    def shown(self, column: Column, code: str) -> str:
        """The text for a code; the code itself where a label would be read back as something else."""
        name = list_of(column)
        text = self._shown.get(name, {}).get(code, code)
        return text if self.meant(name, text) == code else code

    def meant(self, name: str, text: Any) -> Any:
        """The code that a text of list `name` stands for; the text itself where nobody knows."""
        known = self._meant.get(name)
        if not known or not isinstance(text, str):
            return text
        found = known.get(text)
        return found if found is not None else known.get(text.strip().casefold(), text)

    def known(self, name: str) -> Mapping[str, str]:
        """{text: code} of a list."""
        return self._meant.get(name, {})


def list_of(column: Column) -> str:
    return PEOPLE if column.kind == "person" else column.choices


def _meanings(lists: Lists, name: str) -> dict[str, str]:
    """Codes come first: a label never hides one."""
    found: dict[str, str] = {}
    for code in (item.code for item in lists.items(name)):
        found[code] = code
    for item in lists.items(name):
        texts = (item.zh, item.en, lists.label(name, item.code, "zh"), lists.label(name, item.code, "en"))
        for text in texts:
            found.setdefault(text, item.code)
            found.setdefault(text.strip().casefold(), item.code)
    found.pop("", None)
    return found


def _unique_names(names: Mapping[str, str]) -> dict[str, str]:
    found = {staff_id: staff_id for staff_id in names}
    several = set()
    for staff_id, name in names.items():
        if name and found.setdefault(name, staff_id) != staff_id:
            several.add(name)
    return {text: staff_id for text, staff_id in found.items() if text not in several or text in names}
