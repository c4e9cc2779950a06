"""Outside parties in a case: whom we asked for what, what was promised, what came of it."""

import streamlit as st

from lib.domain.case import Case
from lib.domain.case_parts import Contact
from lib.i18n import format_date, t, tn
from lib.services import contacts
from lib.store.snapshot import by_case
from lib.ui.case_part import PartKind, show_add, show_row
from lib.ui.page import Here
from lib.ui.plain import plain

KIND = PartKind(
    Contact, contacts.FIELDS, ("name",), "add_call",
    add=contacts.add_contact, change=contacts.edit_contact, finish=contacts.finish_contact,
)  # fmt: skip


def show(here: Here, case: Case) -> None:
    """The parties, those that still owe something first; then a form for another."""
    found: tuple[Contact, ...] = here.desk.snapshot[Contact].derive(by_case).get(case.case_no, ())
    may = here.actor.may("case.note", case)
    if not found:
        st.caption(t("Nobody outside was asked yet: property manager, developer, contractor, authority."))
    for contact in sorted(found, key=lambda contact: contact.done_on is not None):
        show_row(here, KIND, contact, _text(here, contact), is_open=may and contact.done_on is None)
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
    words = t("promised {day}", day=format_date(contact.promised_on))
    days = (here.now.date() - contact.promised_on).days
    if days <= 0:
        return f":blue[:material/hourglass_top: {words}]"
    return f":red[:material/alarm: {words} · {tn('late by {n} day', 'late by {n} days', days)}]"
