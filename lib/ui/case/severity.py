"""Severity, priority and warranty in words: what the judgement is, and why."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.severity import Assessment
from lib.domain.rules import warranty
from lib.i18n import format_date, t
from lib.services.cases.handling import SEVERITY_FIELDS, assessment
from lib.services.cases.intake import handover_told
from lib.ui.session.page import Here
from lib.ui.words.case import priority_text
from lib.words import judgement as words

WARRANTY_ICONS = {"in": "verified_user", "out": "gpp_bad", "unknown": "help"}


def priority_reason(here: Here, case: Case) -> str:
    """Why a case has its priority: the score and what each factor adds to it."""
    judged = assessment(here.desk, {name: getattr(case, name) for name in SEVERITY_FIELDS})
    if judged is None:
        return words.not_judged()
    parts = (words.score(judged), contributions(here, judged), words.departure(judged, case.priority))
    return " · ".join(part for part in parts if part)


def show_judgement(here: Here, values: Mapping[str, Any]) -> bool:
    """The score and priority that the factors give as they are being chosen; False while one is missing."""
    judged = assessment(here.desk, values)
    if judged is None:
        missing = sum(values.get(name) is None for name in SEVERITY_FIELDS)
        st.caption(t("Rate the {n} remaining factors to get the priority, or choose it by hand.", n=missing))
        return False
    st.progress(judged.score / 100, text=f"{words.score(judged)} → {priority_text(here, judged.priority)}")
    parts = (contributions(here, judged), words.departure(judged, judged.priority))
    st.caption(" · ".join(part for part in parts if part))
    return True


def contributions(here: Here, judged: Assessment) -> str:
    """Every factor with the points it adds, those that add most first."""
    factors = {factor.key: factor for factor in here.desk.config.severity.factors}
    ordered = sorted(judged.contributions.items(), key=lambda item: -item[1])
    return " · ".join(
        f"{factors[key].label(here.language)} {words.points(points)}/{words.points(factors[key].weight)}"
        for key, points in ordered
    )


def show_warranty(here: Here, case: Case, values: Mapping[str, Any]) -> None:
    """Whether the defect lies within the warranty, once the category is known. Advice, not a verdict.

    Nothing is said of what no law gives a warranty on, as the tone of a call: there the contract is the rule.
    """
    category = values.get("category", case.category)
    handover = values.get("handover_on", case.handover_on)
    config = here.desk.config.warranty
    if not category or (not handover and config.rules[config.rule_of(category)].years == "contract"):
        return
    day = case.occurred_on or case.taken_at.astimezone(here.desk.settings.zone).date()
    found = warranty.check(category, handover, day, config)
    ask = "" if handover else _handover_asked(here, case, values.get("keys_on", case.keys_on))
    parts = (f"**{words.verdict(found)}**", ask, words.ground(found, config))
    st.caption(f":material/{WARRANTY_ICONS[found.verdict]}: " + " · ".join(part for part in parts if part))


def _handover_asked(here: Here, case: Case, keys: date | None) -> str:
    """What to enter; another case of the home may have said it, and the day a later owner got the keys does not."""
    told = handover_told(here.desk, actor=here.actor, case=case)
    if told is not None and told.handover_on is not None:
        return t(
            "enter the day of the developer's first handover ({case_no} of the same home says {day})",
            case_no=told.case_no,
            day=format_date(told.handover_on),
        )
    if keys:
        return t("enter the day of the developer's first handover; the day the client got the keys does not count")
    return t("enter the day of the developer's first handover")
