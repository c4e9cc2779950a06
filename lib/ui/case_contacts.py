"""Outside parties in a case: whom we asked for what, what was promised, what came of it."""

import streamlit as st

from lib.domain.case import Case
from lib.domain.case_parts import Contact
from lib.errors import CasesheetError
from lib.i18n import format_date, t
from lib.services import handling
from lib.store.snapshot import by_case
from lib.ui.forms import close_form, fields, open_form
from lib.ui.messages import flash, show_error
from lib.ui.page import Here
from lib.ui.plain import plain

FIELDS = ("party", "name", "phone", "asked", "promised_on")


def show(here: Here, case: Case) -> None:
    """The parties, those that still owe something first; then a form for another."""
    contacts: tuple[Contact, ...] = here.desk.snapshot[Contact].derive(by_case).get(case.case_no, ())
    may = here.actor.may("case.note", case)
    if not contacts:
        st.caption(t("Nobody outside was asked yet: property manager, developer, contractor, authority."))
    for contact in sorted(contacts, key=lambda contact: contact.done_on is not None):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(_text(here, contact), width="stretch")
            if may and contact.done_on is None:
                st.button(
                    t("Done"), key=f"done.{contact.contact_id}", icon=":material/check:",
                    on_click=_finish, args=(here, contact),
                )  # fmt: skip
    if may:
        _add(here, case)


def _text(here: Here, contact: Contact) -> str:
    party = here.label("party", contact.party)
    head = f"**{plain(contact.name)}** · {plain(' · '.join(part for part in (party, contact.phone) if part))}"
    if contact.done_on:
        state = f":green[:material/check_circle: {t('done on {day}', day=format_date(contact.done_on))}]"
    elif contact.promised_on:
        late = contact.promised_on < here.now.date()
        words = t("promised {day}", day=format_date(contact.promised_on))
        state = f":{'red' if late else 'blue'}[:material/{'alarm' if late else 'hourglass_top'}: {words}]"
    else:
        state = f":blue[:material/hourglass_top: {t('no date promised')}]"
    return f"{head}  \n{plain(contact.asked)}  \n:small[{state}]"


def _finish(here: Here, contact: Contact) -> None:
    try:
        handling.finish_contact(here.desk, actor=here.actor, contact=contact)
    except CasesheetError as failed:
        show_error(failed)


def _add(here: Here, case: Case) -> None:
    form = open_form(f"contact.{case.case_no}")
    key = f"contact.{form.commit_id}"
    with st.expander(t("Ask somebody outside"), icon=":material/add_call:"):
        values = fields(here, Contact, FIELDS, key=key, required=("name",))
        if st.button(t("Add"), key=f"{key}.add", type="primary"):
            try:
                handling.add_contact(here.desk, actor=here.actor, case=case, values=values, commit_id=form.commit_id)
            except CasesheetError as failed:
                show_error(failed)
                return
            close_form(f"contact.{case.case_no}")
            flash(t("Added"))
            st.rerun()
