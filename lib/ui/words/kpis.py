"""Key figures in words: value, change, target."""

from datetime import timedelta
from typing import Literal

from lib.analytics.kpis.definitions import Value
from lib.i18n import format_duration, format_number, format_percent, t, tn
from lib.ui.session.page import Here


def value_words(here: Here, value: Value) -> str | None:
    """The figure in its unit; None (shown as a dash) where there is nothing to measure."""
    return None if value.value is None else _in_unit(here, value, value.value)


def change_words(here: Here, value: Value) -> str | int | None:
    """Against the week before, with its sign; 0 for no change worth showing, None where either is unknown."""
    change = value.change
    if change is None:
        return None
    sign = "-" if change < 0 else "+"
    if value.kpi.unit == "share":
        points = round(abs(change) * 100)
        return f"{sign}{tn('{n} point', '{n} points', points)}" if points else 0
    if value.kpi.unit == "hours":
        return f"{sign}{_in_unit(here, value, abs(change))}" if abs(change) >= 1 / 60 else 0
    return f"{sign}{_in_unit(here, value, abs(change))}" if change else 0


def direction(value: Value) -> Literal["normal", "inverse", "off"]:
    """Which change is good: the colours of st.metric."""
    colours: dict[str, Literal["normal", "inverse", "off"]] = {"higher": "normal", "lower": "inverse"}
    return colours.get(value.kpi.better, "off")


def target_words(here: Here, value: Value) -> str:
    """The target and whether it is met, and the counts behind a share with its interval."""
    parts = []
    if value.target is not None:
        met = {True: t("met"), False: t("missed"), None: ""}[value.on_target]
        parts.append(" ".join((t("Target {target}", target=_in_unit(here, value, value.target)), met)).strip())
    if value.kpi.unit == "share" and value.now.denominator:
        parts.append(t("{n} of {total}", n=value.now.numerator, total=value.now.denominator))
    if value.kpi.key == "csat" and value.now.low is not None and value.now.high is not None:
        low, high = format_percent(value.now.low), format_percent(value.now.high)
        parts.append(t("between {low} and {high}", low=low, high=high))
    if value.kpi.unit == "hours" and value.now.denominator:
        parts += [tn("{n} case", "{n} cases", value.now.denominator), t("working time")]
    return " · ".join(parts) or t("No target")


def _in_unit(here: Here, value: Value, amount: float) -> str:
    if value.kpi.unit == "share":
        return format_percent(amount)
    if value.kpi.unit == "hours":
        return _working_time(here, amount)
    return format_number(amount)


def _working_time(here: Here, hours: float) -> str:
    """Working time, as short as a card is narrow: "40 min", "2.5 h", and from two working days on "4.5 days"."""
    day = here.desk.calendar.nominal_day / timedelta(hours=1)
    if hours < 1:
        return format_duration(timedelta(hours=hours))
    if hours < 2 * day:
        return t("{n} h", n=format_number(hours, 1))
    return t("{n} days", n=format_number(hours / day, 1))
