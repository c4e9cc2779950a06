"""Records of every tab with arbitrary values, for Hypothesis."""

import types
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from lib.domain.clocks.clocks import CLOCKS
from lib.domain.records.record import Record
from lib.domain.time.earlier_runs import ClockRun, EarlierRuns
from lib.store.schema import Tab

AWKWARD = (
    "00123", "1e5", "007.50", "+8613800138000", "=1+1", "@SUM(A1)", "-2", "'quoted", "TRUE", "NULL", "null", "None",
    "2026-02-30", "厨房漏水，楼下也被泡了。", "𠮷野家", "👩‍👩‍👧‍👦🏠", "مرحبا بالعالم", "a\u202eb", 
    " leading", "trailing ", "a\tb\r\nc",
    "new:1", '{"a": [1, "\\u0000"]}', "%s %(x)s :name ?", "\ufeffbom", "e\u0301",
)  # fmt: skip
LONG = "长" * 50_000
ZONES = (
    UTC,
    ZoneInfo("Asia/Shanghai"),
    ZoneInfo("America/New_York"),
    ZoneInfo("Asia/Kathmandu"),
    timezone(timedelta(hours=-3, minutes=-30)),
)
_CHARACTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\x00")


def texts(max_size: int = 50_000, min_size: int = 0) -> st.SearchStrategy[str]:
    fitting = [text for text in (*AWKWARD, LONG) if min_size <= len(text) <= max_size]
    return st.one_of(st.text(_CHARACTERS, min_size=min_size, max_size=min(max_size, 60)), st.sampled_from(fitting))


TIMES = st.datetimes(datetime(1900, 1, 3), datetime(2199, 12, 28), timezones=st.sampled_from(ZONES))  # noqa: DTZ001
_PHONES = st.sampled_from(
    ("", "13800138000", "021-51082000", "021-51082000-801", "400-800-1234", "12345", "+12025550123")
)


def records(tab: Tab) -> st.SearchStrategy[Record]:
    """Valid records of a tab; any field may be empty where it may, and there may be extra columns."""
    fields = {name: _values(info, tab.columns[name].kind) for name, info in tab.model.model_fields.items()}
    fields |= {name: values for name, values in _OWN.items() if name in fields}
    plain = st.builds(tab.model, **fields)
    return plain if tab.technical else st.one_of(plain, st.builds(_with_extras, plain, _EXTRAS))


_RUNS = st.builds(ClockRun, clock=st.sampled_from(CLOCKS), due=st.none() | TIMES, over=st.booleans(), late=st.tuples())
_OWN = {
    "earlier_runs": st.builds(EarlierRuns, closed=st.tuples(), runs=st.tuples(_RUNS)).map(EarlierRuns.model_dump_json)
    | st.just(""),
    "broken_promises": st.lists(st.dates(), max_size=3).map(lambda days: ",".join(map(date.isoformat, days))),
}
"""Texts that hold something of their own."""
_EXTRAS = st.dictionaries(
    st.sampled_from(("+钥匙编号", "++1", "+=A1", "+Case number 2")),
    st.one_of(
        texts(min_size=1),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
)


def _with_extras(record: Record, extras: Mapping[str, Any]) -> Record:
    return record.model_copy(update=extras)


def _values(info: FieldInfo, kind: str) -> st.SearchStrategy[Any]:
    optional = get_origin(info.annotation) in (types.UnionType, Union)
    plain = next(kind for kind in get_args(info.annotation) if kind is not type(None)) if optional else info.annotation
    values = _PHONES if kind == "phone" else _of_type(plain, info)
    return st.one_of(st.none(), values) if optional else values


def _of_type(plain: Any, info: FieldInfo) -> st.SearchStrategy[Any]:
    if get_origin(plain) is Annotated:
        plain = get_args(plain)[0]
    if get_origin(plain) is Literal:
        return st.sampled_from(get_args(plain))
    if plain is bool:
        return st.booleans()
    if plain is int:
        return st.integers(_limit(info, "ge", -(2**63)), _limit(info, "le", 2**63 - 1))
    if plain is float:
        return st.floats(_limit(info, "ge", None), _limit(info, "le", None), allow_nan=False, allow_infinity=False)
    if plain is date:
        return st.dates(date(1900, 1, 2), date(2199, 12, 30))
    if plain is str:
        return texts(min(_limit(info, "max_length", 50_000), 50_000), _limit(info, "min_length", 0))
    return TIMES


def _limit(info: FieldInfo, name: str, default: Any) -> Any:
    """The bound that a field's metadata sets, those of its string constraints too; of several, the strictest known."""
    bounds = [bound for part in info.metadata if (bound := getattr(part, name, None)) is not None]
    return bounds[-1] if bounds else default
