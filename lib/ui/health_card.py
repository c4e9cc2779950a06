"""One record with its problems: what stands there, why it is wrong, and what would be right, to be applied at once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import streamlit as st

from lib.domain.case import Case
from lib.domain.fields import Cell, Column
from lib.errors import CasesheetError
from lib.i18n import t
from lib.services import fixing
from lib.services.health import HealthProblem, address, fixable, steps_instead, without_key
from lib.store.codec import encode_value
from lib.store.schema import SCHEMA
from lib.ui.app_pages import link
from lib.ui.forms import close_form, open_form, shown, widget
from lib.ui.lists_view import code_of
from lib.ui.messages import flash, show_error
from lib.ui.page import Here
from lib.ui.plain import plain
from lib.ui.state import HEALTH
from lib.wording import field_name, reason_words, tab_name

Problems = Sequence[HealthProblem]
LONG = 200  # characters of a cell that are shown


def show(here: Here, problems: Problems) -> None:
    """The card of one record. What is applied is compared with what the person saw when she pressed the button."""
    first = problems[0]
    key = f"{HEALTH}{first.tab}.{first.key}"
    seen: Problems = st.session_state.get(f"{key}:seen", problems)
    st.session_state[f"{key}:seen"] = problems
    with st.container(border=True):
        _head(here, first)
        values: dict[str, Any] = {}
        for problem in problems:
            values |= _problem(here, problem, key=key, seen=seen)
        if here.actor.may("data.fix") and any(fixable(problem) for problem in problems):
            label = t("Apply") if len(problems) == 1 else t("Apply all of them")
            if st.button(label, icon=":material/check:", key=f"{key}:apply", disabled=not values):
                _apply(here, key, seen, values)


def _head(here: Here, problem: HealthProblem) -> None:
    tab = tab_name(problem.tab)
    fresh = without_key(here.desk, problem)
    name = t("{tab}: new row", tab=tab) if fresh else f"{tab} {problem.key}"
    with st.container(horizontal=True, vertical_alignment="center"):
        case_no = _case_no(here, problem)
        if case_no and problem.tab == "cases":
            link("case", name, icon="folder_open", no=case_no)
        else:
            st.markdown(f"**{plain(name)}**", width="content")
        if case_no and problem.tab != "cases":
            link("case", t("Case {number}", number=case_no), icon="folder_open", no=case_no)
        if problem.hidden:
            st.markdown(_standing(here, problem), width="content")


def _standing(here: Here, problem: HealthProblem) -> str:
    """What the app makes of a row that is no valid record."""
    if problem.key in here.desk.snapshot.tables[problem.tab]:
        return f":orange-badge[:material/history: {t('The app uses the last valid version')}]"
    return f":red-badge[:material/visibility_off: {t('Not in the app until it is right')}]"


def _case_no(here: Here, problem: HealthProblem) -> str:
    """The case to open for it, where there is one."""
    cases, tables = here.desk.snapshot[Case], here.desk.snapshot.tables
    record = tables[problem.tab].get(problem.key) if problem.tab in tables else None
    number = problem.key if problem.tab == "cases" else str(getattr(record, "case_no", "") or "")
    return number if number in cases else ""


def _problem(here: Here, problem: HealthProblem, *, key: str, seen: Problems) -> dict[str, Any]:
    """What is wrong and the widget to put it right; the value to save, nothing where none was given."""
    words, entry = st.columns([3, 2], vertical_alignment="center", gap="medium")
    with words:
        st.markdown(_words(here, problem))
        _steps(here, problem)
        _beside(here, problem, key=key, seen=seen)
    if not here.actor.may("data.fix") or not fixable(problem):
        return {}
    with entry:
        return _entry(here, problem, key=f"{key}.{problem.field}.{problem.value}")


def _words(here: Here, problem: HealthProblem) -> str:
    text = " ".join(_as_typed(here, problem).split())
    value = plain(text if len(text) <= LONG else text[: LONG - 1] + "…")
    what = t("“{value}” {reason}", value=value, reason=reason_words(problem.reason)) if value else ""
    line = f"**{plain(field_name(problem.tab, problem.field))}** · {what or reason_words(problem.reason)}"
    return f"{line}  \n{_suggested(here, problem)}" if problem.confidence and fixable(problem) else line


def _as_typed(here: Here, problem: HealthProblem) -> str:
    """What stands in the cell, a code in the words that people chose there."""
    column = SCHEMA[problem.tab].column(problem.field)
    return here.label(column.choices, str(problem.value)) if column and column.choices else str(problem.value)


def _steps(here: Here, problem: HealthProblem) -> None:
    """Of a stage that somebody typed: what it lacks, and which steps are allowed instead."""
    found = steps_instead(here.desk, problem)
    if found is None:
        return
    case, moves = found
    if problem.missing:
        names = " · ".join(plain(field_name("cases", name)) for name in problem.missing)
        st.caption(t("Fill in first: {fields}", fields=names))
    stage = plain(here.label("stage", case.stage))
    leads = here.desk.config.workflow.leads
    ways = " · ".join(
        t(
            "{stage} ({move})",
            stage=plain(here.label("stage", leads(move, case))),
            move=plain(move.label(here.language)),
        )
        for move in moves
    )
    if ways:
        st.caption(
            t("From “{stage}” the case can go to {ways}; with these buttons on its page.", stage=stage, ways=ways)
        )
    else:
        st.caption(t("From “{stage}” the case goes nowhere.", stage=stage))


def _suggested(here: Here, problem: HealthProblem) -> str:
    column = _column(problem)
    value = t("empty") if problem.suggestion == "" else shown(here, column, _typed(column, problem.suggestion))
    if problem.confidence == "sure":
        return f":green-badge[:material/check: {t('means {value}', value=plain(value))}]"
    return f":blue-badge[:material/lightbulb: {t('probably {value}', value=plain(value))}]"


def _column(problem: HealthProblem) -> Column:
    """The column of a cell that may be put right here."""
    column = SCHEMA[problem.tab].column(problem.field)
    if column is None:
        raise KeyError(problem.field)
    return column


def _may_be_empty(problem: HealthProblem) -> bool:
    info = SCHEMA[problem.tab].model.model_fields.get(problem.field)
    if info is None:
        return not _column(problem).required
    return not info.is_required() and info.get_default() in ("", None)


def _typed(column: Column, cell: Cell) -> Any:
    """A cell as the value that a record holds."""
    if column.kind == "time" and cell:
        return datetime.fromisoformat(str(cell))
    if column.kind == "date" and cell:
        return date.fromisoformat(str(cell))
    return float(cell) if column.kind == "money" and cell else cell


def _entry(here: Here, problem: HealthProblem, *, key: str) -> dict[str, Any]:
    value = _input(here, problem, _column(problem), key=key)
    optional = _may_be_empty(problem)
    emptied = problem.confidence != "" and problem.suggestion == ""
    if optional and problem.value != "" and problem.confidence != "sure":
        emptied = st.checkbox(t("Leave the cell empty"), value=emptied, key=f"{key}.empty")
    if emptied:
        return {problem.field: ""}
    untouched = value is None or value == "" or encode_value(value) == problem.value
    return {} if untouched else {problem.field: value}


def _input(here: Here, problem: HealthProblem, column: Column, *, key: str) -> Any:
    """The widget of the column with the suggestion in it, or with the text that stands there, to be mended."""
    suggestion = _typed(column, problem.suggestion) if problem.confidence else None
    if column.kind == "flag":
        labels = {True: t("Yes"), False: t("No")}
        return st.segmented_control(
            column.label(here.language), [True, False], default=suggestion, format_func=labels.__getitem__, key=key
        )
    if isinstance(suggestion, float) and column.kind == "number":
        return st.number_input(column.label(here.language), value=suggestion, key=key)
    writable = column.kind in ("text", "long_text", "phone", "email", "json")
    text = str(problem.value) if writable else "" if column.kind in ("choice", "person") else None
    return widget(here, column, text if suggestion is None else suggestion, key=key)


def _beside(here: Here, problem: HealthProblem, *, key: str, seen: Problems) -> None:
    """Other ways: look at the cell itself, or make an entry of its list out of an unknown choice."""
    url = address(here.desk, problem)
    may_add = here.actor.may("lists.edit") and here.actor.may("data.fix") and fixing.addable(here.desk, problem)
    may_add = may_add and problem.confidence != "sure"
    if not url and not may_add:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if url:
            st.link_button(t("Open the cell"), url, icon=":material/table_view:", type="tertiary")
        label = t("Add “{value}” to the list", value=plain(str(problem.value)))
        adds = f"{key}:add.{problem.field}"
        if may_add and st.button(label, icon=":material/playlist_add:", type="tertiary", key=adds):
            _add(here, key, next((one for one in seen if one.field == problem.field), problem))


def _add(here: Here, key: str, problem: HealthProblem) -> None:
    text = str(problem.value)
    code = code_of(zh="", en=text) if text.isascii() else code_of(zh=text, en="")
    commit_id = open_form(f"{key}.add").commit_id
    try:
        fixing.add_choice(here.desk, actor=here.actor, problem=problem, code=code, commit_id=commit_id)
    except CasesheetError as failed:
        show_error(failed)
        return
    _done(key, t("Added. It is offered everywhere from now on."))


def _apply(here: Here, key: str, seen: Problems, values: Mapping[str, Any]) -> None:
    try:
        fixing.fix(here.desk, actor=here.actor, problems=seen, values=values, commit_id=open_form(key).commit_id)
    except CasesheetError as failed:
        show_error(failed)
        return
    _done(key, t("Put right"))


def _done(key: str, words: str) -> None:
    close_form(key)
    close_form(f"{key}.add")
    st.session_state.pop(f"{key}:seen", None)
    flash(words)
    st.rerun()
