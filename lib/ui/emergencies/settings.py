"""Settings of emergencies: the local numbers that clients are told, and who is on call on which day."""

from collections.abc import Iterator
from datetime import timedelta

import pandas as pd
import streamlit as st

from lib.domain.records.people import Staff
from lib.domain.rules.permissions import actor_of
from lib.i18n import format_date, t
from lib.services.emergencies.numbers import PLACE_LIMIT, local_numbers, missing_numbers, set_number
from lib.services.emergencies.roster import roster, set_on_call
from lib.ui.session.page import Here
from lib.ui.widgets.forms import open_form
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit

DAYS = 14  # of the roster shown
_ON_CALL, _NUMBER = "emergencies.on_call", "emergencies.number"


def show(here: Here) -> None:
    """Both halves side by side; on a phone the roster comes first."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("On call"), anchor=False)
        st.caption(t("A day lasts from midnight to midnight. Whoever is on call is told of an emergency first."))
        _roster(here)
        if here.actor.may("lists.edit"):
            _set_on_call(here)
    with right:
        st.subheader(t("Numbers that clients are told"), anchor=False)
        _missing(here)
        _numbers(here)
        if here.actor.may("lists.edit"):
            _set_number(here)


def _branches(here: Here) -> dict[str, str]:
    return {"": t("All branches"), **{code: here.label("branch", code) for code in here.desk.lists.codes("branch")}}


def _roster(here: Here) -> None:
    known = roster(here.desk)
    days = [here.now.date() + timedelta(days=n) for n in range(DAYS)]
    branches = {code: name for code, name in _branches(here).items() if any((day, code) in known for day in days)}
    if not branches:
        st.warning(t("Nobody is on call in the next two weeks. Emergencies go to the heads instead."))
        return
    rows = [
        {
            t("Day"): format_date(day),
            **{name: _people(here, known.get((day, code), ())) for code, name in branches.items()},
        }
        for day in days
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", alt=t("On call"))


def _people(here: Here, people: tuple[str, ...]) -> str:
    return " / ".join(here.person(one) for one in people)


def _set_on_call(here: Here) -> None:
    names = {person.staff_id: person.name or person.email for person in _able(here)}
    branches, today = _branches(here), here.now.date()
    form = open_form(_ON_CALL)
    with st.form(form.key):
        first_column, last_column = st.columns(2)
        first = first_column.date_input(t("From"), today, key=f"{form.key}.first", format="YYYY-MM-DD")
        last = last_column.date_input(t("To"), today, key=f"{form.key}.last", format="YYYY-MM-DD")
        branch = st.selectbox(t("Branch"), list(branches), format_func=branches.__getitem__, key=f"{form.key}.branch")
        people = st.multiselect(
            t("People"), list(names), format_func=names.__getitem__, key=f"{form.key}.people", placeholder=t("nobody")
        )
        if not st.form_submit_button(t("Put on call"), icon=":material/event_available:"):
            return
    with submit(form):
        set_on_call(
            here.desk, actor=here.actor, first=first, last=last, branch=branch or "", people=people,
            commit_id=form.commit_id,
        )  # fmt: skip
        flash(t("Saved"))


def _able(here: Here) -> Iterator[Staff]:
    roles = here.desk.config.roles
    people = sorted(here.desk.snapshot[Staff].values(), key=lambda person: person.name)
    return (person for person in people if person.active and actor_of(person, roles).may("case.contact"))


def _missing(here: Here) -> None:
    names = _number_names(here)
    if lacking := [names[key] for key in missing_numbers(here.desk)]:
        st.warning(
            t("Not set: {names}. Clients in danger read 12345 and 119 instead.", names=" · ".join(lacking)),
            icon=":material/call:",
        )


def _number_names(here: Here) -> dict[str, str]:
    return {one.key: one.label(here.language) for one in here.desk.config.dangers.number}


def _numbers(here: Here) -> None:
    names, branches = _number_names(here), _branches(here)
    rows = [
        {t("Number of"): names.get(key, key), t("Place"): branches.get(place, place), t("Telephone"): number}
        for (key, place), number in sorted(local_numbers(here.desk).items())
    ]
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", alt=t("Numbers that clients are told"))


def _set_number(here: Here) -> None:
    names = _number_names(here)
    form = open_form(_NUMBER)
    with st.form(form.key):
        key = st.selectbox(t("Number of"), list(names), format_func=names.__getitem__, key=f"{form.key}.key")
        branches = _branches(here)
        where = st.selectbox(t("Branch"), list(branches), format_func=branches.__getitem__, key=f"{form.key}.branch")
        community = st.text_input(
            t("Community (if it is of one community only)"), key=f"{form.key}.community", max_chars=PLACE_LIMIT
        )
        number = st.text_input(
            t("Telephone"), key=f"{form.key}.number", max_chars=30, type="phone", placeholder="021-5555 0000",
            help=t("Leave it empty to take the number away."),
        )  # fmt: skip
        if not st.form_submit_button(t("Set the number"), icon=":material/call:"):
            return
    with submit(form):
        set_number(
            here.desk, actor=here.actor, key=key or "", number=number or "", place=community or where or "",
            commit_id=form.commit_id,
        )  # fmt: skip
        flash(t("Saved"))
