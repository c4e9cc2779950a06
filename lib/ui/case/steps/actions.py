"""What this person may do with the case now: the likely action first, each with the short form of its move."""

from typing import Any

import streamlit as st

from lib.domain.records.case import ARCHIVED, Case
from lib.domain.rules.workflow import Move
from lib.i18n import t
from lib.services.cases import handling
from lib.services.work import assignment
from lib.ui.case.parts import written_plan
from lib.ui.case.steps import move_form
from lib.ui.session.page import Here
from lib.ui.session.state import CASE_MOVE
from lib.ui.widgets import conflicts
from lib.ui.widgets.forms import OpenForm, close_form, edited, open_form, resolve
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words.case import stage_text

BUTTONS = 3  # the other moves are in a menu


def show(here: Here, case: Case) -> None:
    """The buttons, or the form of the one that was pressed."""
    moves = {move.key: move for move in handling.moves_for(here.desk, actor=here.actor, case=case)}
    _begin_asked(case, moves)
    open_move = _open_move(here, case)
    if open_move is not None:
        _form(here, case, open_move, possible=open_move.key in moves)
    elif case.stage == ARCHIVED:
        return
    elif moves:
        _buttons(here, case, list(moves.values()))
    elif not here.actor.is_concerned(case):
        st.caption(t("There is no step for you to take now."))
    if here.actor.is_concerned(case):
        st.caption(t("This complaint is about you. You can read it and add a note; others handle and decide it."))


def _buttons(here: Here, case: Case, moves: list[Move]) -> None:
    with st.container(horizontal=True, gap="small"):
        for place, move in enumerate(moves[:BUTTONS]):
            st.button(
                move.label(here.language),
                key=f"do.{move.key}",
                icon=f":material/{move.icon}:",
                type="secondary" if place else "primary",
                on_click=_choose,
                args=(case.case_no, move.key),
            )
        rest = {move.key: move for move in moves[BUTTONS:]}
        if rest:
            labels = {key: f":material/{move.icon}: {move.label(here.language)}" for key, move in rest.items()}
            picked = st.menu_button(
                t("More"),
                list(rest),
                format_func=labels.__getitem__,
                key="do.more",
                icon=":material/more_horiz:",
            )
            if picked:
                _choose(case.case_no, picked)
                st.rerun()


def _choose(case_no: str, move: str) -> None:
    st.session_state[CASE_MOVE] = (case_no, move)


def _begin_asked(case: Case, moves: dict[str, Move]) -> None:
    """A link such as /case?no=...&do=assign opens the form at once, and only once."""
    asked = st.query_params.get("do")
    if asked is not None:
        del st.query_params["do"]
        if asked in moves:
            _choose(case.case_no, asked)


def _open_move(here: Here, case: Case) -> Move | None:
    case_no, move = st.session_state.get(CASE_MOVE, ("", ""))
    return here.desk.config.workflow.moves.get(move) if case_no == case.case_no else None


def _form(here: Here, case: Case, move: Move, *, possible: bool) -> None:
    form = open_form(f"move.{case.case_no}.{move.key}", case, opened_by=CASE_MOVE)
    key = form.key
    with st.container(border=True, gap="small"):
        target = here.desk.config.workflow.leads(move, case)
        leads = f" → {stage_text(here, target)}" if target else ""
        st.markdown(f"**:material/{move.icon}: {move.label(here.language)}**{leads}")
        if not possible:
            moved = t(
                "The case moved on while you were typing: it is now in {stage}. What you typed stays here to copy.",
                stage=here.label("stage", case.stage),
            )
            st.warning(
                f"{moved} {conflicts.moved_on(here, case)}",
                title=t("This step is not possible any more"),
            )  # fmt: skip
        values = move_form.ask(here, case, move, form, key=key)
        written = written_plan.ask(here, case, move, values, form, key=key)
        note = t("Reason") + " *" if move.key == "reassign" else t("Note")
        text = st.text_area(note, key=f"{key}.text", height=80) if move.note else ""
        if possible:
            values = resolve(here, form, case, values, key=key)
        with st.container(horizontal=True):
            save = st.button(
                move.label(here.language), key=f"{key}.save", type="primary", icon=f":material/{move.icon}:",
                disabled=not possible,
            )  # fmt: skip
            cancel = st.button(t("Cancel"), key=f"{key}.cancel", type="tertiary")
    if save:
        _save(here, form, move, values, text or "", written)
    if cancel:
        close_form(form.name)
        st.rerun()


def _save(
    here: Here,
    form: OpenForm[Case],
    move: Move,
    values: dict[str, Any],
    text: str,
    written: written_plan.Make,
) -> None:
    wanted = edited(form, values)
    wanted |= {name: values[name] for name in (move.tell_client, *move.anew) if name in values}
    with submit(form):
        if move.key in ("assign", "reassign") and values["assignee"]:
            assignment.assign(
                here.desk, actor=here.actor, cases=[form.seen], assignee=values["assignee"],
                department=wanted.get("department", ""), reason=text, commit_id=form.commit_id,
            )  # fmt: skip
        else:
            handling.make_move(
                here.desk, actor=here.actor, case=form.seen, move=move.key, values=wanted, text=text,
                written_plan=written(), commit_id=form.commit_id,
            )  # fmt: skip
        flash(t("Saved: {what}", what=move.label(here.language)))
