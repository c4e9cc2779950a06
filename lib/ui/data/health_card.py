"""Records with the same problems: what stands there, why it is wrong, what would be right, to be applied at once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.fields import Cell, Column
from lib.errors import Refused
from lib.i18n import format_number, t, tn
from lib.services.data import fix
from lib.services.data.health import LEFT, HealthProblem, address, fixable, steps_instead, without_key
from lib.store.codec import encode_value
from lib.store.schema import SCHEMA
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.session.state import HEALTH
from lib.ui.settings.lists import code_of
from lib.ui.widgets.fields import widget
from lib.ui.widgets.forms import close_form, open_form
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words.markdown import plain
from lib.words.names import field_name, reason_words, tab_name

Problems = Sequence[HealthProblem]
Alike = Sequence[Problems]
"""Records, each with its problems, which are the same for all."""
LONG = 200  # characters of a cell that are shown
LISTED = 6  # rows named of many
HISTORY_FOUND = f"{HEALTH}history"  # what is wrong in History and among files, kept until somebody asks again


def show(here: Here, alike: Alike) -> None:
    """The card of one record, or of many that have the same problems. What is applied is compared with what the person
    saw when they pressed the button."""
    problems = alike[0]
    key = f"{HEALTH}{problems[0].tab}.{problems[0].key}"
    seen: Alike = st.session_state.get(f"{key}:seen", alike)
    st.session_state[f"{key}:seen"] = alike
    with st.container(border=True):
        if len(alike) == 1:
            _head(here, problems[0])
        else:
            _many_head(here, alike)
        values: dict[str, Any] = {}
        for problem in problems:
            values |= _problem(here, problem, key=key, seen=seen)
        offered = here.actor.may("data.fix") and any(fixable(problem) for problem in problems)
        label = _apply_label(alike)
        if offered and st.button(label, icon=":material/check:", key=f"{key}:apply", disabled=not values):
            _apply(here, key, seen, values)
        if here.actor.may("data.fix"):
            for problem in (one for one in problems if one.reason == LEFT):
                _offer_checked(here, problem, key=f"{key}:checked")


def _offer_checked(here: Here, problem: HealthProblem, *, key: str) -> None:
    """The row may be right as it stands; only a person can tell."""
    if not st.button(t("Checked"), icon=":material/done:", key=key):
        return
    form = open_form(key)
    with submit(form):
        fix.checked(here.desk, actor=here.actor, problem=problem, commit_id=form.commit_id)
        st.session_state.pop(HISTORY_FOUND, None)
        flash(t("Checked"))


def _apply_label(alike: Alike) -> str:
    if len(alike) > 1:
        return t("Apply to all {n}", n=format_number(len(alike)))
    return t("Apply") if len(alike[0]) == 1 else t("Apply all of them")


def _many_head(here: Here, alike: Alike) -> None:
    """How many rows there are, and the first of them to open."""
    first = alike[0][0]
    rows = t("{tab}: {n} rows with the same problem", tab=tab_name(first.tab), n=format_number(len(alike)))
    st.markdown(f"**{plain(rows)}**")
    with st.container(horizontal=True):
        for problems in alike[:LISTED]:
            if case_no := _case_no(here, problems[0]):
                link("case", case_no, no=case_no)
            else:
                st.markdown(plain(problems[0].key), width="content")
        if len(alike) > LISTED:
            st.caption(t("and {n} more", n=format_number(len(alike) - LISTED)), width="content")


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


def _problem(here: Here, problem: HealthProblem, *, key: str, seen: Alike) -> dict[str, Any]:
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
    value = t("empty") if problem.suggestion == "" else here.value(column, _typed(column, problem.suggestion))
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


def _beside(here: Here, problem: HealthProblem, *, key: str, seen: Alike) -> None:
    """Other ways: look at the cell itself, or make an entry of its list out of an unknown choice."""
    url = address(here.desk, problem)
    may_add = here.actor.may("lists.edit") and here.actor.may("data.fix") and fix.addable(here.desk, problem)
    may_add = may_add and problem.confidence != "sure"
    if not url and not may_add:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if url:
            st.link_button(t("Open the cell"), url, icon=":material/table_view:", type="tertiary")
        label = t("Add “{value}” to the list", value=plain(str(problem.value)))
        adds = f"{key}:add.{problem.field}"
        if may_add and st.button(label, icon=":material/playlist_add:", type="tertiary", key=adds):
            _add(here, key, [one for record in seen for one in record if one.field == problem.field])


def _add(here: Here, key: str, problems: Problems) -> None:
    text = str(problems[0].value)
    code = code_of(zh="", en=text) if text.isascii() else code_of(zh=text, en="")
    commit_id = open_form(f"{key}.add").commit_id
    with submit():
        done, refused = fix.add_choice(here.desk, actor=here.actor, problems=problems, code=code, commit_id=commit_id)
        added = t("Added. It is offered everywhere from now on.")
        _done(key, f"{added} {outcome_words(done, refused)}" if refused else added)


def _apply(here: Here, key: str, seen: Alike, values: Mapping[str, Any]) -> None:
    with submit():
        if len(seen) == 1:
            commit_id = open_form(key).commit_id
            fix.fix(here.desk, actor=here.actor, problems=seen[0], values=values, commit_id=commit_id)
            _done(key, t("Fixed"))
            return
        done, refused = fix.fix_alike(here.desk, actor=here.actor, records=seen, values=values)
        if done == 0:
            raise refused[0]
        _done(key, outcome_words(done, refused))


def outcome_words(done: int, refused: Sequence[Refused]) -> str:
    """How many records were put right, and how many were not."""
    if not refused:
        return tn("{n} record fixed", "{n} records fixed", done)
    return t("{done} fixed; {n} not, because they were changed meanwhile.", done=done, n=len(refused))


def _done(key: str, words: str) -> None:
    close_form(key)
    close_form(f"{key}.add")
    st.session_state.pop(f"{key}:seen", None)
    flash(words)
