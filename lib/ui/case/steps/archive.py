"""The file of a case before and in the archive: what lacks and where to add it, and how long it is kept."""

from dataclasses import dataclass

import streamlit as st

from lib.domain.records.case import ARCHIVED, Case
from lib.domain.records.fields import columns
from lib.domain.rules.completeness import Line
from lib.i18n import format_date, t
from lib.services.cases.handling import moves_for
from lib.services.story.case_file import INCOMPLETE, checklist, kept_until
from lib.ui.case.facts import editable
from lib.ui.session.page import Here
from lib.ui.session.state import CASE_GROUP, CASE_JUMP, CASE_MOVE, CASE_TAB
from lib.ui.words.markdown import plain
from lib.words.names import field_name


def show(here: Here, case: Case) -> None:
    """The checklist of a case that may be archived; of an archived one, until when it is kept."""
    if case.stage == ARCHIVED:
        _kept(case)
    elif case.stage in here.desk.config.workflow.moves["archive"].sources:
        _checklist(here, case)


def reason(here: Here, case: Case, *, key: str) -> str:
    """What the form of the archive asks of an incomplete file, and how long the file will be kept."""
    until = format_date(kept_until(here.desk, case, here.now.date()))
    st.caption(f":material/event_available: {t('The file will be kept until {day}, and can only be read.', day=until)}")
    lacking = [line for line in checklist(here.desk, case) if not line.done]
    if not lacking:
        st.markdown(f":green[:material/check_circle: {t('The file is complete.')}]")
        return ""
    names = " · ".join(plain(line.rule.label(here.language)) for line in lacking)
    st.markdown(f":orange[:material/warning: {t('Still missing: {names}', names=names)}]")
    if not here.actor.may(INCOMPLETE, case):
        st.caption(t("A manager may archive it all the same, with a reason."))
        return ""
    label = columns(Case)["archive_reason"].label(here.language)
    return st.text_input(f"{label} *", case.archive_reason, key=key) or ""


def _kept(case: Case) -> None:
    words = t("This file is in the archive: it can be read, found and printed, and is changed no more.")
    if case.retain_until:
        words += "  \n" + t("It is kept until {day}.", day=format_date(case.retain_until))
    if case.archive_reason:
        words += "  \n" + t("It was archived incomplete: {reason}", reason=plain(case.archive_reason))
    st.info(words, icon=":material/archive:")


def _checklist(here: Here, case: Case) -> None:
    lines = checklist(here.desk, case)
    done = sum(line.done for line in lines)
    whole = done == len(lines)
    title = t("File for the archive: {done} of {all}", done=done, all=len(lines))
    icon = ":material/check_circle:" if whole else ":material/checklist:"
    with st.expander(title, icon=icon, expanded=not whole):
        for line in lines:
            if not line.done:
                _missing(here, case, line)
        held = [plain(line.rule.label(here.language)) for line in lines if line.done]
        st.markdown("  \n".join(f":green[:material/check_circle:] {name}" for name in held))


def _missing(here: Here, case: Case, line: Line) -> None:
    """What lacks, and the button that leads to where it is added."""
    missing = " · ".join(plain(field_name("cases", field)) for field in line.lacking)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = f":orange[:material/radio_button_unchecked:] **{plain(line.rule.label(here.language))}**"
        st.markdown(name + (f" :gray[· {missing}]" if missing else ""), width="content")
        jump = _jump(here, case, line)
        if jump is not None:
            icon = ":material/arrow_downward:"
            st.button(
                t("Go there"),
                key=f"archive.{line.rule.key}",
                type="tertiary",
                icon=icon,
                on_click=_go,
                args=(case.case_no, jump),
            )


@dataclass(frozen=True, slots=True)
class _Jump:
    """Where what lacks is added: a tab, the group of facts to be edited in it and the field, or the form of a move."""

    tab: str = ""
    group: str = ""
    field: str = ""
    move: str = ""


def _jump(here: Here, case: Case, line: Line) -> _Jump | None:
    """None where this person cannot add what lacks."""
    tabs = {"tasks": t("Tasks"), "contacts": t("Outside parties"), "evidence": t("Evidence")}
    if line.rule.part is not None:
        return _Jump(tabs.get(line.rule.part, t("Follow-up and survey")))
    for field in line.lacking:
        group = columns(Case)[field].group
        if field in editable(here, case, group):
            return _Jump(t("Plan of the work") if group == "plan" else t("Facts"), group, field)
    moves = moves_for(here.desk, actor=here.actor, case=case)
    return next((_Jump(move=move.key) for move in moves if not move.to and {*line.lacking} & {*move.fields}), None)


def _go(case_no: str, jump: _Jump) -> None:
    st.session_state.pop(CASE_MOVE, None)
    if jump.tab:
        st.session_state[CASE_TAB] = jump.tab
        st.session_state[CASE_JUMP] = CASE_TAB
    if jump.group:
        st.session_state[CASE_GROUP] = (case_no, jump.group)
        st.session_state[CASE_JUMP] = f"facts.{case_no}.{jump.group}.{jump.field}"
    if jump.move:
        st.session_state[CASE_MOVE] = (case_no, jump.move)
