"""What a column of a file can be mapped to, and the names that files use for fields and for values."""

from collections.abc import Mapping
from functools import cache
from typing import get_args

from lib.config.settings import CONFIG
from lib.domain.records.case import Case
from lib.domain.records.fields import Column, columns
from lib.domain.records.fields import Kind as ColumnKind
from lib.domain.text.cleaning import folded
from lib.errors import ConfigError
from lib.tabular.evidence import Kind
from lib.tabular.headers import BadAliases, Target, load_aliases
from lib.toml_files import read_as

_ALIASES, _VALUES = "import_aliases.toml", "import_values.toml"
_NOT_IMPORTED = frozenset({"taken_by", "unalerted", "import_id", "import_key"})
_FIELD_OF = {"due": "resolve_due"}
_KINDS: Mapping[ColumnKind, Kind] = {
    **dict.fromkeys(get_args(ColumnKind), "text"),
    "choice": "choice",
    "time": "datetime",
    "date": "date",
    "phone": "phone",
    "money": "number",
    "number": "number",
    "flag": "bool",
}


TELLING = ("description", "title", "wanted_outcome", "stated_cause", "category")
"""What can tell what a case is about, the best first; an import needs one of them."""


@cache
def importable() -> Mapping[str, Column]:
    """The fields of a case that a file may fill."""
    return {name: column for name, column in columns(Case).items() if name not in _NOT_IMPORTED}


@cache
def aliases() -> Mapping[str, tuple[str, ...]]:
    """Other names of fields by field key. Raises ConfigError."""
    try:
        return {_FIELD_OF.get(key, key): names for key, names in load_aliases(CONFIG / _ALIASES).items()}
    except BadAliases as bad:
        raise ConfigError(_ALIASES, bad.key, bad.why) from bad


@cache
def value_aliases() -> Mapping[str, Mapping[str, str]]:
    """For each list the code that a value of other systems means, by the folded value. Raises ConfigError."""
    found = read_as(dict[str, dict[str, list[str]]], CONFIG / _VALUES)
    return {
        name: {folded(value): code for code, values in codes.items() for value in values}
        for name, codes in found.items()
    }


@cache
def targets() -> tuple[Target, ...]:
    """The fields as the header matching wants them; names that no field has (satisfaction) keep their columns free."""
    known = aliases()
    fields = importable()
    real = [Target(name, (col.zh, col.en, *known.get(name, ())), _KINDS[col.kind]) for name, col in fields.items()]
    return (*real, *(Target(name, names) for name, names in known.items() if name not in fields))
