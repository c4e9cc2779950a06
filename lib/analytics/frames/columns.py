"""Records as typed columns: one rule for every record type, taken from the kind of each field.

choice and person -> category; text and phone -> str; time -> datetime64[us, zone]; date -> datetime64[s], midnight
without a zone; number -> int64, float64 where it may be missing; flag -> bool; object -> the values themselves.
Never change a frame made here: it is shared by every session. pandas copies on write, so `frame[mask]` and
`frame.assign(...)` are safe and cheap.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lib.domain.records.fields import columns
from lib.domain.records.record import Record
from lib.store.snapshot.incremental import TableDelta

TEXT = pd.StringDtype("python", na_value=np.nan)
"""`str` that shares the texts of the records, which makes a column quick to build and to update."""
NO_TIME = int(np.iinfo(np.int64).min)
"""What `ticks` gives for a missing time (numpy's NaT)."""
_AS_CATEGORY = frozenset({"choice", "person"})
_AS_TEXT = frozenset({"text", "phone", "email"})
_NEVER = frozenset({"people", "long_text", "json"})

Value = Callable[[Any], Any]


@dataclass(frozen=True)
class Shape:
    """Which columns a record gives. `repeating` texts become categories, `computed` adds columns: kind and value."""

    model: type[Record]
    zone: tzinfo
    repeating: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    computed: Mapping[str, tuple[str, Value]] = field(default_factory=dict)

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """Column -> kind. Long texts and JSON are never columns."""
        found = {name: self._kind(name, column.kind) for name, column in columns(self.model).items()}
        kept = {name: kind for name, kind in found.items() if kind not in _NEVER and name not in self.left_out}
        return kept | {name: kind for name, (kind, _) in self.computed.items()}

    def _kind(self, name: str, kind: str) -> str:
        if name in self.repeating:
            return "choice"
        return "count" if self.model.model_fields[name].annotation is int else kind

    def values(self, record: Record) -> Mapping[str, Any]:
        """The values of one record by column (and some that are no columns)."""
        return {**record.__dict__, **{name: value(record) for name, (_, value) in self.computed.items()}}


def frame_of(records: Sequence[Record], shape: Shape) -> pd.DataFrame:
    """One row for each record, in their order, under a RangeIndex."""
    rows = [shape.values(record) for record in records]
    made = {name: _column([row[name] for row in rows], kind, shape.zone) for name, kind in shape.kinds.items()}
    return pd.DataFrame(made, copy=False)


def mended(frame: pd.DataFrame, step: TableDelta[Any], shape: Shape) -> pd.DataFrame:
    """The frame of the next version of the table: only the columns of which a value differs are copied."""
    if step.added:
        frame = _joined(frame, frame_of(step.added, shape))
    if not step.edited:
        return frame
    before = {at: shape.values(old) for at, (old, _) in step.edited.items()}
    after = {at: shape.values(new) for at, (_, new) in step.edited.items()}
    patches = {}
    for name, kind in shape.kinds.items():
        places = [at for at in after if after[at][name] != before[at][name]]
        if places:
            fresh = _column([after[at][name] for at in places], kind, shape.zone)
            patches[name] = _patched(frame[name], places, fresh)
    return frame.assign(**patches)


def ticks(column: pd.Series) -> Any:
    """A time column as int64 microseconds since 1970; a missing time is `NO_TIME`."""
    return column.array.asi8


def _column(values: Sequence[Any], kind: str, zone: tzinfo) -> pd.Series:
    if kind in _AS_CATEGORY:
        return pd.Series(_category(values))
    if kind in _AS_TEXT:
        return pd.Series(np.array(values, dtype=object), dtype=TEXT)
    if kind == "time":
        return _times(values, zone)
    if kind == "date":
        return pd.Series(np.array(values, dtype="datetime64[D]").astype("datetime64[s]"))
    if kind == "object":
        held = np.empty(len(values), dtype=object)
        held[:] = values
        return pd.Series(held, dtype=object)
    if kind == "flag":
        return pd.Series(np.array(values, dtype=bool))
    return pd.Series(np.array(values, dtype=np.int64 if kind == "count" else np.float64))


def _category(values: Sequence[str]) -> pd.Categorical:
    distinct = {value: code for code, value in enumerate(sorted(set(values)))}
    codes = np.fromiter((distinct[value] for value in values), dtype=np.int64, count=len(values))
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(distinct), dtype=TEXT))


def _times(values: Iterable[datetime | None], zone: tzinfo) -> pd.Series:
    found = [NO_TIME if at is None else round(at.timestamp() * 1_000_000) for at in values]
    instants = np.array(found, dtype=np.int64).view("datetime64[us]")
    return pd.Series(pd.DatetimeIndex(instants, tz="UTC").tz_convert(zone))


def _joined(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Both under each other; categories are joined, where pd.concat would fall back to objects."""
    grown = {}
    for name in first.columns[first.dtypes == "category"]:
        grown[name] = _with_categories(first[name].array, second[name].cat.categories)
        second = second.assign(**{name: second[name].cat.set_categories(grown[name].categories)})
    return pd.concat([first.assign(**grown), second], ignore_index=True)


def _with_categories(values: pd.Categorical, wanted: Iterable[str]) -> pd.Categorical:
    unknown = [value for value in wanted if value not in values.categories]
    return values.add_categories(unknown) if unknown else values


def _patched(column: pd.Series, places: Sequence[int], fresh: pd.Series) -> pd.Series:
    values = column.array.copy()
    if isinstance(values, pd.Categorical):
        values = _with_categories(values, fresh.cat.categories)
        fresh = fresh.cat.set_categories(values.categories)
    values[places] = fresh.array
    return pd.Series(values)
