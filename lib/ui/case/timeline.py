"""The timeline of a case, the newest first, and the box that adds to it."""

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.workspace import HistoryLine
from lib.i18n import format_datetime, relative, t, tn
from lib.services.cases import handling
from lib.services.story.timeline import timeline
from lib.store.commit.batch import Audience
from lib.ui.case.steps import replies
from lib.ui.session.page import Here
from lib.ui.widgets.forms import OpenForm, open_held_form
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words.history import CHANGES, action_text, changes_of, words_of
from lib.ui.words.markdown import plain
from lib.words.actions import ACTIONS

FIRST = 12  # entries before "show all"
KINDS = ("note", "call", "visit", "message")
ALERTS = frozenset({"alert", "alert_seen"})


def show(here: Here, case: Case) -> None:
    """The box on top, then what happened."""
    if here.actor.may("case.note", case):
        _add(here, case)
    lines = timeline(here.desk, case.case_no)
    everything = f"timeline.{case.case_no}"
    entries = [list(together) for _, together in groupby(lines, _told_together)]
    shown = entries if st.session_state.get(everything) else entries[:FIRST]
    for entry in shown:
        st.markdown(_text(here, entry, case))
    if len(entries) > len(shown):
        label = t("Show all {n}", n=len(entries))
        st.button(label, icon=":material/expand_more:", type="tertiary", on_click=_show_all, args=(everything,))


def _show_all(key: str) -> None:
    st.session_state[key] = True


def _told_together(line: HistoryLine) -> tuple[object, ...]:
    """Alerts of one look, and those that were seen with one click, are one entry."""
    return (line.action, line.actor, line.at) if line.action in ALERTS else (line.seq, line.line)


def _text(here: Here, entry: Sequence[HistoryLine], case: Case) -> str:
    line = entry[0]
    mark = _audience_mark(line)
    at = format_datetime(line.at, here.desk.settings.zone)
    who = plain(here.person(line.actor))
    head = f"**{action_text(here, line)}**{mark}  \n:small[:gray[{who} · {at} · {relative(line.at, here.now)}]]"
    texts = dict.fromkeys(text for one in entry for text in words_of(here, one, case).splitlines() if text.strip())
    changes = list(changes_of(here, line, case)) if len(entry) == 1 else []
    small = [f":small[{change}]" for change in changes[:CHANGES]]
    if len(changes) > CHANGES:
        more = tn("{n} more change", "{n} more changes", len(changes) - CHANGES)
        small.append(f":small[:gray[{more}]]")
    return "  \n".join((head, *(plain(text) for text in texts), *small))


def _audience_mark(line: HistoryLine) -> str:
    """Who reads a line: said of all that the client sees, and of what people wrote for each other."""
    if line.audience == "client":
        return f" :blue-badge[:material/visibility: {t('Client sees this')}]"
    return f" :gray-badge[:material/lock: {t('Internal')}]" if line.action in KINDS else ""


def _add(here: Here, case: Case) -> None:
    form = open_held_form(f"note.{case.case_no}")
    key = form.key
    labels = {kind: f":material/{ACTIONS[kind][1]}: {t(ACTIONS[kind][0])}" for kind in KINDS}
    with st.container(border=True, gap="small"):
        kind = st.segmented_control(
            t("Kind"),
            KINDS,
            default="note",
            format_func=labels.__getitem__,
            key=f"{key}.kind",
            required=True,
            label_visibility="collapsed",
        )
        audience = _choose_audience(key)
        told = audience == "client"
        if told:
            st.info(t("The client reads this on the tracking page."), icon=":material/visibility:")
            replies.offer(here, case, here.desk.config.replies.reply, target=f"{key}.text")
        text = st.text_area(
            t("Message to the client") if told else t("What happened"),
            key=f"{key}.text",
            height=140 if told else 80,
            label_visibility="visible" if told else "collapsed",
            placeholder=t("What the client is to know") if told else t("What was said, seen or agreed"),
        )
        words = t("Tell the client") if told else t("Add to the timeline")
        icon = ":material/visibility:" if told else ":material/add:"
        if st.button(words, key=f"{key}.add", icon=icon, type="primary" if told else "secondary"):
            _save(here, case, form, str(kind or "note"), text or "", audience)


def _choose_audience(key: str) -> Audience:
    """Whom the text is for, never to be mistaken: word, icon and colour say it before it is saved and after."""
    names = {
        "internal": f":material/lock: {t('Internal')}",
        "client": f":blue[:material/visibility: {t('For the client')}]",
    }
    picked = st.segmented_control(
        t("Who reads it"),
        list(names),
        default="internal",
        format_func=names.__getitem__,
        key=f"{key}.audience",
        required=True,
    )
    return "client" if picked == "client" else "internal"


def _save(here: Here, case: Case, form: OpenForm[None], kind: str, text: str, audience: Audience) -> None:
    with submit(form):
        handling.add_note(
            here.desk, actor=here.actor, case=case, text=text, action=kind, audience=audience,
            commit_id=form.commit_id,
        )  # fmt: skip
        flash(t("Added to the timeline"))
