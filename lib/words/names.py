"""Names and reasons in words, in the current language: of fields, tabs, and what is wrong with a value."""

from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any

from lib.i18n import N_, current_language, t
from lib.store.schema import SCHEMA
from lib.store.sheets.model.tabs import sheet_tabs
from lib.words.reasons import REASONS

_NAMES: Mapping[str, str] = {
    "text": N_("Text"),
    "old": N_("Old password"),
    "new": N_("New password"),
    "description": N_("Description"),
    "name": N_("Name"),
    "reason": N_("Reason"),
    "file": N_("File"),
    "where": N_("Condition"),
    "written_plan": N_("Written plan"),
    "witness": N_("Witness"),
    "statement": N_("What the witness says"),
}
"""Fields of forms that are not columns of the tab in question."""


def reason_words(code: str, facts: Mapping[str, Any] | None = None) -> str:
    """A reason code in words, to be read after the name of the field."""
    if code in ("too_long", "string_too_long") and "limit" in (facts or {}):
        code = "over_limit"
    return filled(REASONS.get(code, N_("is not valid")), facts or {})


def field_name(tab: str, field: str) -> str:
    """The label of a field of a tab, in the current language; the key where there is none."""
    known = sheet_tabs(SCHEMA).get(tab)
    column = known.column(field) if known else None
    if column is not None:
        return column.label(current_language())
    return t(_NAMES[field]) if field in _NAMES else field


def tab_name(tab: str) -> str:
    """The label of a tab, in the current language."""
    known = sheet_tabs(SCHEMA).get(tab)
    if known is None:
        return tab
    return known.label(current_language())


def joined(names: Iterable[str]) -> str:
    """A list of names in the style of the current language."""
    return t(", ").join(names)


def filled(template: str, facts: Mapping[str, Any]) -> str:
    """The text with its braces filled from the facts."""
    names = {name for _, name, _, _ in Formatter().parse(template) if name}
    return t(template, **{name: facts.get(name, "…") for name in names})
