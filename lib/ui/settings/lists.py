"""The lists that choices are taken from: labels in both languages, what is offered, and the order."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from pypinyin import lazy_pinyin

from lib.domain.records.workspace import ListItem
from lib.i18n import N_, t
from lib.services.workspace import lists
from lib.ui.session.page import Here
from lib.ui.session.state import ROUND
from lib.ui.widgets.forms import open_form
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit

NAMES = {
    "kind": N_("Kinds of case"),
    "channel": N_("Channels"),
    "relation": N_("Relation to the property"),
    "category": N_("Categories"),
    "party": N_("Parties responsible"),
    "decline_ground": N_("Grounds for declining"),
    "withdraw_ground": N_("Grounds for withdrawing"),
    "follow_up_withdrawn": N_("Why a call is not made"),
    "cause": N_("Causes"),
    "department": N_("Departments"),
    "branch": N_("Branches"),
    "follow_up_purpose": N_("Purposes of follow-ups"),
    "follow_up_outcome": N_("Outcomes of follow-ups"),
    "survey_source": N_("Ways a survey was answered"),
    "evidence_kind": N_("Kinds of evidence"),
    "consent_way": N_("Ways a client agrees"),
    "told_how": N_("Ways a client is told"),
    "review_result": N_("Results of a review"),
    "yes_no": N_("Yes and no"),
    "language": N_("Languages"),
    "action_phase": N_("Phases of an improvement"),
}
TWO_LEVELS = ("category",)
_EDITED = ("zh", "en", "active")
_CODE = 40  # characters


def show(here: Here) -> None:
    """One list at a time; whoever may not change lists sees them all the same."""
    names = {name: t(NAMES[name]) if name in NAMES else name for name in lists.editable_lists(here.desk)}
    name = st.selectbox(
        t("List"),
        list(names),
        format_func=names.__getitem__,
        key="list.chosen",
        persist_state="session",
        width=320,
    )
    items = here.desk.lists.items(name)
    if not items:
        st.caption(t("This list is empty. Add the first entry below."))
    if not here.actor.may("lists.edit"):
        st.dataframe(_frame(items), column_config=_columns(), hide_index=True, alt=t("Entries of the list"))
        return
    _editor(here, name, items)
    _adding(here, name, items)


def _frame(items: tuple[ListItem, ...]) -> pd.DataFrame:
    rows = [
        {"position": place, "code": item.code, "zh": item.zh, "en": item.en, "active": item.active}
        for place, item in enumerate(items, start=1)
    ]
    return pd.DataFrame(rows, columns=["position", "code", "zh", "en", "active"])


def _columns() -> dict[str, Any]:
    return {
        "position": st.column_config.NumberColumn(t("Order"), step=1, width="small", format="%d"),
        "code": st.column_config.TextColumn(
            t("Code"), disabled=True, help=t("Records keep the code; it never changes.")
        ),
        "zh": st.column_config.TextColumn("中文", max_chars=100),  # i18n: data
        "en": st.column_config.TextColumn("English", max_chars=100),
        "active": st.column_config.CheckboxColumn(t("Offered"), width="small"),
    }


def _editor(here: Here, name: str, items: tuple[ListItem, ...]) -> None:
    """The table to type into. It begins afresh only after saving, so that nothing typed is lost to an error."""
    rounds = ROUND + name
    frame = st.data_editor(
        _frame(items),
        column_config=_columns(),
        hide_index=True,
        height="content",
        key=f"list.{name}.{st.session_state.get(rounds, 0)}",
        alt=t("Entries of the list"),
    )
    changes = _changes(items, frame)
    codes = _order(items, frame)
    waiting = len(changes) + (codes is not None)
    if st.button(t("Save changes"), type="primary", icon=":material/save:", disabled=not waiting, key="list.save"):
        _save(here, name, changes, codes)


def _changes(items: tuple[ListItem, ...], frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """What differs from the list, by code."""
    found: dict[str, dict[str, Any]] = {}
    for item, row in zip(items, frame.to_dict("records"), strict=True):
        typed = {field: "" if pd.isna(row[field]) else row[field] for field in _EDITED}
        differing = {field: value for field, value in typed.items() if value != getattr(item, field)}
        if differing:
            found[item.code] = differing
    return found


def _order(items: tuple[ListItem, ...], frame: pd.DataFrame) -> list[str] | None:
    """The codes in the order typed, None where it is the one there is."""
    wanted = [item.code for item in items]
    places = pd.to_numeric(frame["position"], errors="coerce").fillna(len(items) + 1)
    typed = [wanted[at] for at in places.reset_index(drop=True).sort_values(kind="stable").index]
    return typed if typed != wanted else None


def _save(here: Here, name: str, changes: Mapping[str, Mapping[str, Any]], codes: list[str] | None) -> None:
    known = {item.code: item for item in here.desk.lists.items(name)}
    with submit():
        for code, values in changes.items():
            lists.edit_item(here.desk, actor=here.actor, item=known[code], values=values)
        if codes is not None:
            lists.reorder(here.desk, actor=here.actor, list_name=name, codes=codes)
        st.session_state[ROUND + name] = st.session_state.get(ROUND + name, 0) + 1
        flash(t("Saved. It is offered everywhere from now on."))


def _adding(here: Here, name: str, items: tuple[ListItem, ...]) -> None:
    form = open_form(f"list.new.{name}")
    key = form.key
    with st.form(key):
        st.markdown(f"**{t('New entry')}**")
        first, second, third = st.columns(3)
        zh = first.text_input("中文", key=f"{key}.zh", max_chars=100)  # i18n: data
        en = second.text_input("English", key=f"{key}.en", max_chars=100)
        code = third.text_input(
            t("Code"), key=f"{key}.code", max_chars=_CODE, placeholder=t("made from the label when empty")
        )
        parent = _parent(here, name, items, key)
        if not st.form_submit_button(t("Add"), icon=":material/add:"):
            return
    labels = {"zh": zh or "", "en": en or ""}
    with submit(form):
        lists.add_item(
            here.desk,
            actor=here.actor,
            list_name=name,
            code=(code or "").strip() or code_of(**labels),
            parent=parent,
            commit_id=form.commit_id,
            **labels,
        )
        flash(t("Added. It is offered everywhere from now on."))


def _parent(here: Here, name: str, items: tuple[ListItem, ...], key: str) -> str:
    if name not in TWO_LEVELS and not any(item.parent for item in items):
        return ""
    tops = {item.code: here.label(name, item.code) for item in items if not item.parent}
    picked = st.selectbox(
        t("Parent"),
        list(tops),
        index=None,
        format_func=tops.__getitem__,
        placeholder=t("an entry of the first level"),
        key=f"{key}.parent",
    )
    return str(picked or "")


def code_of(*, zh: str, en: str) -> str:
    """A code for a new entry: its English label, else the Chinese one in pinyin, in lower case and underscores."""
    text = en.strip() or "_".join(lazy_pinyin(zh.strip()))
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")[:_CODE].rstrip("_")
