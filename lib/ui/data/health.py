"""The health of the data: what is wrong, where and why; records to put right, and deleted rows to bring back."""

from collections import Counter
from collections.abc import Sequence
from weakref import ref

import streamlit as st

from lib.i18n import format_number, t, tn
from lib.services.data.fix import fix_all
from lib.services.data.health import HealthProblem, file_problems, fixable, history_problems, record_problems
from lib.ui.data import health_card, older_version, removed
from lib.ui.session.page import Here
from lib.ui.session.state import HEALTH
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.widgets.url_choice import url_choice
from lib.words.names import reason_words, tab_name

PAGE = 20  # cards shown at first, and with each "show more"
_FOUND, _ROWS, _REASON = f"{HEALTH}found", f"{HEALTH}rows", f"{HEALTH}reason"
Records = list[list[HealthProblem]]


def show(here: Here) -> None:
    """The page: what was found, by table and by reason, record by record."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(t("Data health"), anchor=False)
        if st.button(t("Check again"), icon=":material/refresh:", type="tertiary"):
            st.session_state.pop(_FOUND, None)
            st.session_state.pop(health_card.HISTORY_FOUND, None)
    older_version.show(here)
    found = _found(here)
    if found:
        _problems(here, found)
    else:
        st.success(t("Nothing is wrong in the data."), icon=":material/health_and_safety:")
    removed.show(here)


def _found(here: Here) -> list[HealthProblem]:
    """Records are looked through once for each state of the data; History and files, which take long, when asked."""
    snapshot, kept = here.desk.snapshot, st.session_state.get(_FOUND)
    if kept is None or kept[0]() is not snapshot:
        kept = st.session_state[_FOUND] = (ref(snapshot), record_problems(here.desk))
    if health_card.HISTORY_FOUND not in st.session_state:
        st.session_state[health_card.HISTORY_FOUND] = [*history_problems(here.desk), *file_problems(here.desk)]
    return [*kept[1], *st.session_state[health_card.HISTORY_FOUND]]


def _problems(here: Here, found: Sequence[HealthProblem]) -> None:
    records = _by_record(found)
    total = tn("{n} problem", "{n} problems", len(found))
    st.markdown(f":orange[:material/warning: **{total}**]")
    st.caption(t("What was typed stays until somebody puts it right; History keeps the old and the new value."))
    chosen = _of_reason(_of_tab(records))
    if here.actor.may("data.fix"):
        _all_at_once(here, chosen)
    shown = st.session_state.get(_ROWS, PAGE)
    cards = _alike(chosen)
    for alike in cards[:shown]:
        health_card.show(here, alike)
    if len(cards) > shown:
        st.button(t("Show more"), icon=":material/expand_more:", on_click=_show_more)


def _by_record(found: Sequence[HealthProblem]) -> Records:
    """The problems of each record together, in the order of the first."""
    records: dict[tuple[str, str], list[HealthProblem]] = {}
    for problem in found:
        records.setdefault((problem.tab, problem.key), []).append(problem)
    return list(records.values())


def _alike(records: Records) -> list[Records]:
    """The records that have the same problems together, in the order of the first. What nobody has filled in is asked
    for record by record: there is no value that would be the same."""
    groups: dict[tuple[object, ...], Records] = {}
    for record in records:
        told = tuple(
            (one.field, one.value, one.reason, one.suggestion, one.confidence) if one.value or one.confidence else one
            for one in record
        )
        groups.setdefault((record[0].tab, record[0].hidden, *told), []).append(record)
    return list(groups.values())


def _of_tab(records: Records) -> Records:
    counts = Counter(problem.tab for record in records for problem in record)
    if len(counts) < 2:
        return records
    names = {"": f"{t('All tables')} · {format_number(counts.total())}"}
    names |= {tab: f"{tab_name(tab)} · {format_number(n)}" for tab, n in counts.items()}
    chosen = url_choice(t("Table"), names, name="tab", default="")
    return [record for record in records if chosen in ("", record[0].tab)]


def _of_reason(records: Records) -> Records:
    """Records with the problem chosen; reasons that read alike are one."""
    counts = Counter(reason_words(problem.reason) for record in records for problem in record)
    if len(counts) < 2:
        return records
    labels = {words: f"{words} · {format_number(n)}" for words, n in counts.most_common()}
    chosen = st.pills(
        t("What is wrong"), list(labels), format_func=labels.__getitem__, key=_REASON, label_visibility="collapsed"
    )
    return [record for record in records if chosen in (None, *(reason_words(one.reason) for one in record))]


def _show_more() -> None:
    st.session_state[_ROWS] = st.session_state.get(_ROWS, PAGE) + PAGE


def _all_at_once(here: Here, records: Records) -> None:
    """Records in which everything wrong is only written otherwise."""
    sure = [record for record in records if all(one.confidence == "sure" and fixable(one) for one in record)]
    if len(sure) < 2:
        return
    with st.popover(t("Apply all safe suggestions"), icon=":material/done_all:"):
        st.write(t("Cells that mean the same and are only written otherwise are rewritten in the usual form."))
        label = tn("Put {n} record right", "Put {n} records right", len(sure))
        if st.button(label, type="primary", key=f"{HEALTH}all"):
            _apply_all(here, [one for record in sure for one in record])


def _apply_all(here: Here, problems: Sequence[HealthProblem]) -> None:
    with submit():
        done, refused = fix_all(here.desk, actor=here.actor, problems=problems)
        flash(health_card.outcome_words(done, refused))
