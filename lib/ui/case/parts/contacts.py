"""Outside parties in a case: whom we asked for what, what was promised, what came of it."""

from datetime import date

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact
from lib.i18n import format_date, t
from lib.services.parts import contacts
from lib.store.snapshot.snapshot import by_case
from lib.ui.case.parts.part import PartKind, show_add, show_row
from lib.ui.session.page import Here
from lib.ui.words.case import days_late, promise_words
from lib.ui.words.markdown import plain

KIND = PartKind(
    Contact, contacts.FIELDS, ("name",), "add_call",
    add=contacts.add_contact, change=contacts.edit_contact,
    finish=contacts.finish_contact, reopen=contacts.reopen_contact,
)  # fmt: skip


def show(here: Here, case: Case) -> None:
    """The parties, those that still owe something first, the earliest promise first; then a form for another."""
    found: tuple[Contact, ...] = here.desk.snapshot[Contact].derive(by_case).get(case.case_no, ())
    may = here.actor.may("case.note", case)
    if not found:
        st.caption(t("Nobody outside was asked yet: property manager, developer, contractor, authority."))
    for contact in sorted(found, key=lambda contact: (contact.done_on is not None, contact.promised_on or date.max)):
        show_row(here, KIND, contact, _text(here, contact), may=may, done=contact.done_on is not None)
    if may:
        show_add(here, KIND, case, title=t("Ask somebody outside"), button=t("Add"))


def _text(here: Here, contact: Contact) -> str:
    party, phone = plain(here.label("party", contact.party)), contact.phone
    dial = f"[{plain(phone)}](tel:{phone})" if phone else ""
    head = " · ".join(part for part in (f"**{plain(contact.name)}**", party, dial) if part)
    return "  \n".join(part for part in (head, plain(contact.asked), f":small[{_state(here, contact)}]") if part)


def _state(here: Here, contact: Contact) -> str:
    """What became of the promise. Colour, icon and word say the same."""
    if contact.done_on:
        return f":green[:material/check_circle: {t('done on {day}', day=format_date(contact.done_on))}]"
    if contact.promised_on is None:
        return f":blue[:material/hourglass_top: {t('no date promised')}]"
    words = promise_words(here, contact.promised_on)
    if days_late(here, contact.promised_on):
        return f":red[:material/alarm: {words}]"
    return f":blue[:material/hourglass_top: {words}]"
