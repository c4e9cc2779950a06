"""The health of the data: what is wrong, where, why, and what would be right."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from lib.domain.case import Case
from lib.i18n import t, tn
from lib.services.health import HealthProblem, problems
from lib.store.schema import SCHEMA
from lib.ui.app_pages import go
from lib.ui.page import Here
from lib.ui.state import HEALTH
from lib.wording import field_name, reason_words, tab_name

SHOWN = 500  # rows; who has more begins with these
_OPENED = "health.opened"


def show(here: Here) -> None:
    """Every problem with the case to open for it."""
    found = _found(here)
    if not found:
        st.success(t("Nothing is wrong in the data."), icon=":material/health_and_safety:")
        return
    st.markdown(f":orange[:material/warning: **{tn('{n} problem', '{n} problems', len(found))}**]")
    _table(here, found[:SHOWN])
    if len(found) > SHOWN:
        st.caption(t("The first {n} are shown.", n=SHOWN))


def _found(here: Here) -> list[HealthProblem]:
    """Looked up once for each state of the data: it reads the whole History."""
    seq, kept = here.desk.snapshot.seq, st.session_state.get(HEALTH)
    if kept is None or kept[0] != seq:
        kept = st.session_state[HEALTH] = (seq, problems(here.desk))
    found: list[HealthProblem] = kept[1]
    return found


def _table(here: Here, found: Sequence[HealthProblem]) -> None:
    cases = here.desk.snapshot[Case]
    numbers = [_case_no(here, problem) for problem in found]
    rows = [
        {
            "case": number,
            t("Table"): tab_name(problem.tab),
            t("Record"): problem.key,
            t("Field"): field_name(problem.tab, problem.field),
            t("Value"): problem.value,
            t("What is wrong"): reason_words(problem.reason),
            t("Probably right"): _right(here, problem),
        }
        for problem, number in zip(found, numbers, strict=True)
    ]
    case = st.column_config.ButtonColumn(t("Case"), type="tertiary", alignment="left", key=_OPENED)
    st.dataframe(pd.DataFrame(rows), column_config={"case": case}, hide_index=True, alt=t("Data health"))
    clicked = st.session_state.get(_OPENED)
    if clicked and clicked["row"] < len(numbers) and numbers[clicked["row"]] in cases:
        go("case", no=numbers[clicked["row"]])


def _case_no(here: Here, problem: HealthProblem) -> str:
    """The case to open for it, where there is one."""
    if problem.tab == "cases":
        return problem.key if problem.key in here.desk.snapshot[Case] else ""
    record = (
        here.desk.snapshot.tables[problem.tab].get(problem.key) if problem.tab in here.desk.snapshot.tables else None
    )
    return str(getattr(record, "case_no", "") or "")


def _right(here: Here, problem: HealthProblem) -> str:
    column = SCHEMA[problem.tab].columns.get(problem.field)
    if column is None or not problem.suggestion:
        return ""
    if column.kind == "person":
        return here.person(problem.suggestion)
    return here.label(column.choices, problem.suggestion) if column.choices else problem.suggestion
