"""People and roles: who is on the staff, and the form of one of them."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from lib.domain.records.fields import columns
from lib.domain.records.people import Account, Staff
from lib.i18n import format_date, format_datetime, t
from lib.services.people import accounts, people
from lib.services.workspace.workspace import is_demo
from lib.ui.session.identity import uses_openid
from lib.ui.session.page import Here
from lib.ui.session.state import ONE_TIME, PERSON
from lib.ui.widgets import scrolling
from lib.ui.widgets.fields import fields
from lib.ui.widgets.forms import OpenForm, close_form, edited, open_form, resolve
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words.markdown import plain

LEFT = ("name", "email", "role", "phone", "language")
RIGHT = ("branch", "department", "capacity", "away_from", "away_until")
REQUIRED = ("name", "email", "role")
_ROLE, _BOTH_DAYS = 110, 215  # pixels that the longest role needs, and the first and the last day of a leave
_OPENED = PERSON + ".opened"
_FORMER = PERSON + ".former"
_FORM, _ASKED = PERSON + ".form", PERSON + ".asked"


def show(here: Here) -> None:
    """The table for whoever sees the settings; adding and changing for those who may."""
    may_edit = here.actor.may("people.edit")
    if may_edit:
        st.button(t("Add a person"), icon=":material/person_add:", on_click=_open, args=("",), key=PERSON + ".add")
    former = st.toggle(t("Show those who have left"), key=_FORMER)  # short and on the left: the table's tools lie above
    _table(here, _people(here, former=former), may_edit=may_edit)
    if may_edit:
        _one_time_password(here)
        _form(here)


def _people(here: Here, *, former: bool) -> list[Staff]:
    """Everybody in the order of roles; those who have left last."""
    order = {role: place for place, role in enumerate(here.desk.config.roles.role)}
    chosen = [staff for staff in here.desk.snapshot[Staff].values() if staff.active or former]
    return sorted(chosen, key=lambda one: (not one.active, order.get(one.role, len(order)), one.name))


def _table(here: Here, staff: Sequence[Staff], *, may_edit: bool) -> None:
    rows = [_row(here, one, with_access=may_edit) for one in staff]
    label_of = {field: column.label(here.language) for field, column in columns(Staff).items()}
    label = label_of["name"]
    name = (
        st.column_config.ButtonColumn(label, pinned=True, type="tertiary", alignment="left", key=_OPENED)
        if may_edit
        else st.column_config.TextColumn(label, pinned=True)
    )
    leave = st.column_config.TextColumn(width=_BOTH_DAYS if any(one.away_from for one in staff) else None)
    st.dataframe(
        pd.DataFrame(rows),
        column_config={"name": name, label_of["role"]: st.column_config.TextColumn(width=_ROLE), t("Leave"): leave},
        hide_index=True,
        width="stretch",
        height="content" if len(rows) < 20 else "auto",
        alt=t("People and roles"),
    )
    clicked = st.session_state.get(_OPENED) if may_edit else None
    if clicked and clicked["row"] < len(staff):
        _open(staff[clicked["row"]].staff_id)


def _row(here: Here, one: Staff, *, with_access: bool) -> dict[str, str | int]:
    known = columns(Staff)
    row: dict[str, str | int] = {"name": one.name or one.email}
    row |= {
        known[field].label(here.language): here.label(known[field].choices, getattr(one, field))
        for field in ("role", "branch", "department")
    }
    if with_access:
        row[t("Sign-in")] = _access(here, one)
    row[t("Leave")] = _leave(one)
    row |= {known[field].label(here.language): getattr(one, field) for field in ("capacity", "email")}
    return row


def _leave(one: Staff) -> str:
    if one.away_from is None:
        return ""
    return f"{format_date(one.away_from)} – {format_date(one.away_until or one.away_from)}"


def _access(here: Here, one: Staff) -> str:
    """How the person can sign in at present, in words."""
    if not one.active:
        return t("has left")
    if uses_openid():
        return t("work account")
    account = here.desk.snapshot[Account].get(one.staff_id)
    if account is None or not account.password_hash:
        return t("no password yet")
    if until := accounts.locked_until(here.desk, account):
        return t("locked until {time}", time=format_datetime(until, here.desk.settings.zone))
    return t("one-time password") if account.must_change else t("own password")


def _open(staff_id: str) -> None:
    st.session_state[_ASKED] = st.session_state.get(PERSON) != staff_id
    st.session_state[PERSON] = staff_id
    st.session_state.pop(ONE_TIME, None)


def _form(here: Here) -> None:
    staff_id = st.session_state.get(PERSON)
    if staff_id is None:
        st.caption(t("Click a name to change the person."))
        return
    current = here.desk.snapshot[Staff].get(staff_id)
    form = open_form(f"{PERSON}.{staff_id or 'new'}", current, opened_by=PERSON)
    key = form.key
    with st.container(border=True, key=_FORM):
        st.subheader(plain(current.name or current.email) if current else t("Add a person"), anchor=False)
        with st.form(key, border=False):
            left, right = st.columns(2, gap="medium")
            with left:
                values = fields(here, Staff, LEFT, key=key, record=form.opened, required=REQUIRED)
            with right:
                values |= fields(here, Staff, RIGHT, key=key, record=form.opened)
            if current is not None:
                values = resolve(here, form, current, values, key=key)
            save = st.form_submit_button(t("Save"), type="primary", icon=":material/save:")
        if save and current is None:
            _add(here, form, values)
        elif save and current is not None:
            _save(here, form, current, values)
        with st.container(horizontal=True):
            if current is not None:
                _acts(here, current)
            st.button(t("Close"), type="tertiary", on_click=close_form, args=(form.name,), key=PERSON + ".close")
    if st.session_state.pop(_ASKED, False):
        scrolling.begin(_FORM)  # it stands below a table that may fill the window


def _add(here: Here, form: OpenForm[Staff | None], values: dict[str, object]) -> None:
    given = {name: value for name, value in values.items() if value is not None}
    with submit(form):
        receipt = people.add_staff(here.desk, actor=here.actor, values=given, commit_id=form.commit_id)
        if not uses_openid():
            _issue(here, receipt.first("staff"))
        flash(t("Added"))


def _save(here: Here, form: OpenForm[Staff | None], current: Staff, values: dict[str, object]) -> None:
    with submit(form):
        people.edit_staff(
            here.desk,
            actor=here.actor,
            staff=form.seen or current,
            values=edited(form, values),
            commit_id=form.commit_id,
        )
        flash(t("Saved"))


def _acts(here: Here, current: Staff) -> None:
    """What is done to a person besides changing their fields."""
    if current.active and not uses_openid() and not is_demo(here.desk):
        with st.popover(t("One-time password"), icon=":material/password:"):
            st.write(t("The present password stops working, and the person is signed out everywhere."))
            if st.button(t("Give a one-time password"), type="primary", key=PERSON + ".issue"):
                with submit():
                    _issue(here, current.staff_id)
                    flash(t("Saved"))
    if current.active:
        with st.popover(t("Has left"), icon=":material/person_off:"):
            st.write(t("The person is signed out at once and gets no more cases. The records stay."))
            if st.button(t("Deactivate"), type="primary", key=PERSON + ".leave"):
                with submit():
                    people.deactivate(here.desk, actor=here.actor, staff=current)
                    flash(t("Saved"))
    elif st.button(t("Reactivate"), icon=":material/person_check:", key=PERSON + ".back"):
        with submit():
            people.edit_staff(here.desk, actor=here.actor, staff=current, values={"active": True})
            flash(t("Saved"))


def _issue(here: Here, staff_id: str) -> None:
    password = accounts.issue_one_time_password(here.desk, actor=here.actor, staff_id=staff_id)
    st.session_state[ONE_TIME] = (staff_id, password)


def _one_time_password(here: Here) -> None:
    """The password just given out. It is kept nowhere in plain text but in this session, until it is noted."""
    issued = st.session_state.get(ONE_TIME)
    if issued is None:
        return
    staff_id, password = issued
    with st.container(border=True):
        st.markdown(f":material/password: **{t('One-time password of {name}', name=plain(here.person(staff_id)))}**")
        st.code(password, language=None)
        st.caption(t("It is shown only this once and has to be changed at the first sign-in."))
        if st.button(t("I have noted it"), key=ONE_TIME + ".noted"):
            del st.session_state[ONE_TIME]
            st.rerun()
