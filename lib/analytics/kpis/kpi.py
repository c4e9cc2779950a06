"""The definition of a key figure: its texts, and how a span of time is measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
import pandas as pd

from lib.analytics.frames.earlier import Earlier, Numbers
from lib.analytics.frames.frames import Mask
from lib.domain.rules.moves import Rules
from lib.domain.rules.satisfaction import Share, SurveyConfig, wilson

Unit = Literal["cases", "share", "hours"]
Better = Literal["higher", "lower", ""]


@dataclass(frozen=True, slots=True)
class Period:
    """Cases and surveys looked at, from `start` to before `until` (the end of the week, or now)."""

    cases: pd.DataFrame
    earlier: Earlier
    surveys: pd.DataFrame
    start: datetime
    until: datetime
    rules: Rules
    survey: SurveyConfig


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure: None where there is nothing to measure. A share is `numerator` of `denominator`.

    `case_nos` are the cases to look at behind the number: those counted, those missed, those measured.
    """

    value: float | None
    numerator: int
    denominator: int
    case_nos: tuple[str, ...]
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Kpi:
    """A key figure, defined once. `label` and `definition` are messages to translate where they are shown.

    `hours` are working hours. `better` says which direction is good, and is empty where neither is.
    """

    key: str
    label: str
    definition: str
    unit: Unit
    better: Better
    measure: Callable[[Period], Measured]


def counted(cases: pd.DataFrame, mask: Mask) -> Measured:
    """A number of cases."""
    count = int(mask.sum())
    return Measured(float(count), count, len(cases), numbers(cases, mask))


def share(cases: pd.DataFrame, *, hits: Mask, total: Mask, behind: Mask) -> Measured:
    """A share of cases with its 95 % interval."""
    return of_share(wilson(int(hits.sum()), int(total.sum())), numbers(cases, behind))


def of_share(found: Share, case_nos: Sequence[str]) -> Measured:
    return Measured(found.value, found.hits, found.total, tuple(case_nos), found.low, found.high)


def part(cases: pd.DataFrame, *, hits: Numbers, total: Numbers, behind: Numbers) -> Measured:
    """A share, with its 95 % interval, of events that may happen more than once to a case; the arguments are the cases'
    places.
    """
    return of_share(wilson(len(hits), len(total)), numbers_at(cases, behind))


def quantile(cases: pd.DataFrame, places: Numbers, hours: Any, q: float) -> Measured:
    """A quantile of working hours, `hours` being those of the rows at the places (linear between ranks)."""
    value = float(np.quantile(hours, q)) if len(hours) else None
    return Measured(value, len(hours), len(hours), numbers_at(cases, places))


def numbers_at(cases: pd.DataFrame, places: Numbers) -> tuple[str, ...]:
    """The case numbers at the places, each once."""
    return tuple(dict.fromkeys(cases["case_no"].to_numpy(dtype=object)[places]))


def numbers(cases: pd.DataFrame, mask: Mask) -> tuple[str, ...]:
    """The case numbers of the masked rows."""
    return tuple(cases["case_no"].to_numpy(dtype=object)[mask])
