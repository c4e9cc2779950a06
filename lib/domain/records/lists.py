"""The lists that choices are taken from, with labels in both languages and two levels where codes have a dot."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from lib.domain.records.workspace import ListItem
from lib.domain.text.cleaning import folded
from lib.domain.text.meaning import meanings


class Lists:
    """All lists by name. Labels are found for inactive items too; only active ones are offered."""

    def __init__(self, items: Iterable[ListItem]) -> None:
        groups: dict[str, dict[str, ListItem]] = {}
        for item in sorted(items, key=lambda item: (item.list_name, item.position, item.code)):
            groups.setdefault(item.list_name, {})[item.code] = item
        self._groups = groups

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._groups)

    def items(self, name: str) -> tuple[ListItem, ...]:
        """Every item of a list, inactive ones too, in order."""
        return tuple(self._groups.get(name, {}).values())

    def codes(self, name: str) -> tuple[str, ...]:
        """The codes offered, in order; a parent comes right before its children."""
        active = [item for item in self.items(name) if item.active]
        tops = [item for item in active if not item.parent]
        ordered = [code for top in tops for code in (top.code, *self._children(active, top.code))]
        return (*ordered, *(item.code for item in active if item.code not in ordered))

    def has(self, name: str, code: str) -> bool:
        return code in self._groups.get(name, {})

    def label(self, name: str, code: str, language: str) -> str:
        """The label of a code, "parent / child" for a second level; the code itself where it is unknown."""
        return self._labels(language).get((name, code), code)

    def code_for(self, name: str, text: str) -> str | None:
        """The code that a code or a label (either language) means, however it is typed; None also where several
        entries have the label."""
        return self._by_text.get(name, {}).get(folded(text))

    def labels(self, name: str, language: str) -> Mapping[str, str]:
        """{code: label} of every item of a list."""
        return {item.code: self.label(name, item.code, language) for item in self.items(name)}

    @staticmethod
    def _children(items: Iterable[ListItem], parent: str) -> list[str]:
        return [item.code for item in items if item.parent == parent]

    def _labels(self, language: str) -> Mapping[tuple[str, str], str]:
        return self._labels_zh if language.startswith("zh") else self._labels_en

    @cached_property
    def _labels_zh(self) -> Mapping[tuple[str, str], str]:
        return self._make_labels("zh")

    @cached_property
    def _labels_en(self) -> Mapping[tuple[str, str], str]:
        return self._make_labels("en")

    def _make_labels(self, language: str) -> Mapping[tuple[str, str], str]:
        labels = {}
        for name, items in self._groups.items():
            for code, item in items.items():
                parent = items.get(item.parent)
                own = item.label(language)
                labels[name, code] = f"{parent.label(language)} / {own}" if parent else own
        return labels

    @cached_property
    def _by_text(self) -> Mapping[str, Mapping[str, str]]:
        """By list. The label that is shown, with that of the level above, goes before one of the second level alone."""
        return {
            name: meanings(
                ((code, code) for code in items),
                ((self.label(name, code, language), code) for code in items for language in ("zh", "en")),
                ((text, item.code) for item in items.values() for text in (item.zh, item.en)),
            )
            for name, items in self._groups.items()
        }
