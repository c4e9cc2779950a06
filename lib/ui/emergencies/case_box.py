"""The emergency of a case below its head: who has taken it, which numbers the client was told, and the checklist."""

from collections.abc import Iterator

import streamlit as st

from lib.domain.records.case import Case
from lib.i18n import format_datetime, t
from lib.services.emergencies.numbers import advice
from lib.services.emergencies.taking import ChecklistItem, checklist, danger_of, dismiss, is_untaken, may_take, tick
from lib.services.emergencies.telling import calls_of, told_by
from lib.ui.emergencies.client_box import number_links
from lib.ui.emergencies.home_box import take_button
from lib.ui.session.page import Here
from lib.ui.session.state import EMERGENCY
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words.markdown import plain


def show(here: Here, case: Case) -> None:
    """Nothing for a case without a danger, or one that is answered or closed."""
    danger = danger_of(here.desk, case)
    if danger is None or case.stage not in here.desk.config.workflow.keys_in("open", "paused"):
        return
    told = advice(here.desk, danger, language=here.language, community=case.community, branch=case.branch)
    waits = is_untaken(here.desk, case)
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            words = t("Emergency: {danger}", danger=plain(danger.label(here.language)))
            colour = "red" if waits else "orange"
            st.markdown(
                f":{colour}[:material/emergency_home: **{words}**] {_state(here, case, waits)}", width="stretch"
            )
            if waits:
                take_button(here, case)
        st.markdown(f":small[{t('The client reads:')} {plain(told.text)}]  \n{number_links(told)}")
        for check in checklist(here.desk, case, here.language):
            _check(here, case, check)
        if may_take(here.actor, case):
            _dismiss(here, case)


def _state(here: Here, case: Case, waits: bool) -> str:
    zone = here.desk.settings.zone
    if not waits:
        at = format_datetime(case.danger_taken_at, zone) if case.danger_taken_at else ""
        return f":gray[{t('taken by {name}', name=plain(here.person(case.danger_taken_by)))} · {at}]"
    return f":gray[{t('nobody has taken it')}] {' '.join(_ahead(here, case))}"


def _ahead(here: Here, case: Case) -> Iterator[str]:
    """The next rung of the ladder: who will be told, and when."""
    for call in calls_of(here.desk, case):
        if call.at > here.now:
            who = " / ".join(plain(here.person(one)) for one in told_by(here.desk, call))
            at = format_datetime(call.at, here.desk.settings.zone)
            yield f":small[:gray[{t('{who} will be told at {time}', who=who, time=at)}]]"
            return


def _check(here: Here, case: Case, check: ChecklistItem) -> None:
    if check.task is None or not here.actor.may("case.note", case):
        st.markdown(f":gray[:material/check_box_outline_blank: {plain(check.text)}]")
        return
    task, words = check.task, plain(check.text)
    if task.done_at is not None:
        at = format_datetime(task.done_at, here.desk.settings.zone)
        words += f" :small[:gray[{at} · {plain(here.person(task.done_by))}]]"
    done = task.done_at is not None
    key = f"{EMERGENCY}{task.task_id}.{int(done)}"  # begins afresh once it is saved
    if st.checkbox(words, done, key=key) == done:
        return
    with submit():
        tick(here.desk, task, actor=here.actor, done=not done)


def _dismiss(here: Here, case: Case) -> None:
    """The way out for a false alarm, with the reason in the timeline."""
    with st.popover(t("No danger after all"), type="tertiary"):
        why = st.text_input(t("How do you know?"), key=f"{EMERGENCY}{case.case_no}.why", max_chars=200)
        asked = st.button(
            t("There is no danger"), key=f"{EMERGENCY}{case.case_no}.none", disabled=not (why or "").strip()
        )
    if not asked:
        return
    with submit():
        dismiss(here.desk, actor=here.actor, case=case, text=(why or "").strip())
        flash(t("Saved. Now check the priority again."))
