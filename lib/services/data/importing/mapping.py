"""How the columns of a file become fields of a case: a model that people may write as TOML or save under a name."""

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.workspace import Setting
from lib.domain.rules.permissions import Actor
from lib.domain.time.reading import Order
from lib.errors import InvalidFields, NotFound, Problem
from lib.services.data.importing.fields import importable
from lib.store.codec import made
from lib.store.commit.batch import Receipt, create, edit

OnUnknown = Literal["reject", "empty", "add"]
Undated = Literal["", "new"] | date
"""What is done with rows that have no date: refuse them, take them in as new today, or give them all one day."""
_SETTING = "import_mapping:"
_ON_UNKNOWN: Mapping[str, OnUnknown] = {
    **dict.fromkeys(("category", "department", "branch"), "add"),
    **dict.fromkeys(("channel", "relation", "assignee", "reviewer"), "empty"),
}
_ADDABLE = frozenset({"category", "department", "branch", "kind", "channel", "relation", "party", "cause"})


class ColumnRule(BaseModel):
    """What one column of the file means.

    `field` is the key of a case's field. `values` says which code a value of the file means, before labels and known
    values are tried. `on_unknown` is for choices and people: reject the row, leave the field empty, or add the value to
    the list. `order` says what 03/04/26 means where the column does not show it. `keep_as_text` puts a telephone number
    that is none into the description instead of rejecting the row.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    field: str
    values: Mapping[str, str] = {}
    on_unknown: OnUnknown = "reject"
    order: Order | None = None
    keep_as_text: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_key(cls, value: Any) -> Any:
        """A bare field key stands for the rule with the usual treatment of unknown values."""
        given = {"field": value} if isinstance(value, str) else value
        if not isinstance(given, dict) or not isinstance(given.get("field"), str):
            return given
        rule = {"on_unknown": _ON_UNKNOWN.get(given["field"], "reject"), **given}
        day_first = rule.pop("day_first", None)  # as mappings had it that were saved earlier
        return rule if day_first is None else {"order": "dmy" if day_first else "mdy", **rule}

    @model_validator(mode="after")
    def _is_possible(self) -> "ColumnRule":
        column = importable().get(self.field)
        if column is None:
            raise ValueError(f"a case has no field {self.field!r} to import")
        if self.on_unknown == "add" and column.choices not in _ADDABLE:
            raise ValueError(f"nothing can be added to {column.choices or self.field!r}")
        return self


class Defaults(BaseModel):
    """What a case gets where the file says nothing: what somebody chose, else nothing. An empty `stage` follows from
    closing and answer times; the priority is preliminary, as that of every case before triage."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: str = ""
    channel: str = ""
    stage: str = ""
    priority: Literal["P1", "P2", "P3", "P4"] = "P3"
    branch: str = ""
    department: str = ""


class ImportMapping(BaseModel):
    """A mapping. As TOML:

    source = "old desk"               # keeps the numbers of several systems apart
    undated = "new"                   # rows without a date: new today; or one day for all, such as 2025-12-31
    clocks = true                     # the clocks of open cases run since their intake; otherwise nobody is alerted
    [defaults]
    kind = "repair"
    [columns]
    "Created Date" = "taken_at"
    [columns."Complaint Type"]
    field = "category"
    on_unknown = "add"
    values = { "WATER LEAK" = "quality.leak" }
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    source: str = Field(default="", max_length=60)
    undated: Undated = ""
    clocks: bool = False
    defaults: Defaults = Defaults()
    columns: Mapping[str, ColumnRule] = Field(min_length=1)

    @field_validator("undated", mode="before")
    @classmethod
    def _a_day(cls, value: Any) -> Any:
        if isinstance(value, str) and value not in ("", "new"):
            try:
                return date.fromisoformat(value)
            except ValueError:
                raise ValueError(f"expected new or a day such as 2025-12-31, got {value!r}") from None
        return value

    @field_validator("columns")
    @classmethod
    def _each_field_once(cls, rules: Mapping[str, ColumnRule]) -> Mapping[str, ColumnRule]:
        owners: dict[str, str] = {}
        for header, rule in rules.items():
            first = owners.setdefault(rule.field, header)
            if first != header:
                raise ValueError(f"{first!r} and {header!r} both fill {rule.field!r}")
        return rules

    def header_of(self, field: str) -> str | None:
        """The column that fills a field."""
        return next((header for header, rule in self.columns.items() if rule.field == field), None)


def mapping_of(values: Any) -> ImportMapping:
    """A mapping from plain values. Raises InvalidFields, each problem naming its key."""
    try:
        return ImportMapping.model_validate(values)
    except ValidationError as wrong:
        problems = [
            Problem(_key(error["loc"]), error["type"], facts={"why": error["msg"].removeprefix("Value error, ")})
            for error in wrong.errors(include_url=False, include_context=False)
        ]
        raise InvalidFields("mapping", problems) from None


def mapping_from_toml(content: bytes) -> ImportMapping:
    """A mapping from a TOML file. Raises InvalidFields."""
    try:
        values = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise InvalidFields("mapping", [Problem("file", "not_toml", facts={"why": str(wrong)})]) from wrong
    return mapping_of(values)


def save_mapping(
    desk: Desk, *, actor: Actor, name: str, mapping: ImportMapping, commit_id: str | None = None
) -> Receipt:
    """Keep a mapping under a name, in place of one that has it already. Raises NotAllowed, InvalidFields."""
    require(actor, "data.import")
    if not name.strip():
        raise InvalidFields("mapping", [Problem("name", "missing")])
    key = _SETTING + name.strip()
    value = json.dumps(mapping.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
    present = desk.snapshot[Setting].get(key)
    if present is None:
        change = create(made(Setting, {"key": key, "value": value}), action="save_mapping")
    else:
        change = edit(present, {"value": value}, action="save_mapping")
    return desk.save(actor, [change], commit_id=commit_id)


def saved_mapping(desk: Desk, name: str) -> ImportMapping:
    """The mapping saved under a name. Raises NotFound, or InvalidFields where it no longer fits."""
    text = desk.setting(_SETTING + name.strip())
    if text is None:
        raise NotFound("mappings", name)
    return mapping_of(json.loads(text))


def saved_mappings(desk: Desk) -> list[str]:
    """The names of the mappings saved, in order."""
    return sorted(key.removeprefix(_SETTING) for key in desk.snapshot[Setting] if key.startswith(_SETTING))


def _key(path: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in path) or "file"
