"""The public report: one short form, and the receipt."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.text.uploads import MEGABYTE, PUBLIC, BadUpload
from lib.errors import CasesheetError, InvalidFields
from lib.i18n import N_, format_datetime, t
from lib.services.cases import tracking
from lib.services.cases.reporting import LIMITS, report
from lib.ui.emergencies import client_box
from lib.ui.frame import links, public_page
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.session.state import REPORTED
from lib.ui.widgets import uploads
from lib.ui.widgets.forms import OpenForm, close_form, open_held_form
from lib.ui.widgets.uploads import KeptUploads
from lib.ui.words.markdown import plain
from lib.words.errors import explain
from lib.words.names import reason_words

_FORM = "report"
_TRAP = "report_trap"
_TOKEN = "token"  # in the address, so that the receipt survives a reload and a telephone that was put away
_NAMES = {
    "description": N_("What happened"),
    "kind": N_("Kind"),
    "client_name": N_("Your name"),
    "client_phone": N_("Your telephone"),
    "community": N_("Community"),
    "building": N_("Building"),
    "room": N_("Room"),
    "consent": N_("Your consent"),
}


def reported_case(here: Here) -> str:
    """The number of the case that this visitor has reported, "" while there is none."""
    if number := st.session_state.get(REPORTED):
        return str(number)
    token = st.query_params.get(_TOKEN, "")
    found = tracking.track_by_token(here.desk, token) if token else None
    return found.case_no if found else ""


def show_form(here: Here) -> None:
    """The form. Whatever is refused, what was typed stays."""
    st.header(t("Report a problem"), anchor=False)
    st.caption(t("Tell us what happened; we will contact you. At night and on holidays too."))
    form = open_held_form(_FORM)
    told = _told(form.key)
    client_box.show(here, told)
    with st.form(form.key, enter_to_submit=False, border=False):
        values = {"description": told} | _kind(here, form.key) | _person(form.key)
        photos = _photos(form.key)
        agreed = _consent(here, form.key)
        trap = _trap()
        sent = st.form_submit_button(t("Send"), type="primary", icon=":material/send:", width="stretch")
    if sent and public_page.allowed("report"):
        _send(here, form, values, photos, agreed, trap)
    link("track", t("Reported already? See the progress"), icon="pin_drop")


def _told(key: str) -> str:
    """What happened, outside the form: the page reads it before it is sent, in case somebody is in danger."""
    text = st.text_area(
        t("What happened?") + " *",
        key=f"{key}.description",
        height=130,
        max_chars=LIMITS["description"],
        placeholder=t("For example: water has been dripping from the kitchen ceiling since last night"),
    )
    return text or ""


def _kind(here: Here, key: str) -> dict[str, Any]:
    kinds = {code: here.label("kind", code) for code in here.desk.lists.codes("kind")}
    kind = st.pills(
        t("What is it about?") + " *",
        list(kinds),
        format_func=kinds.__getitem__,
        key=f"{key}.kind",
    )
    return {"kind": kind}


def _person(key: str) -> dict[str, Any]:
    who, place = st.columns(2), st.columns(2)
    with who[0]:
        name = _text(key, "client_name", t("Your name") + " *", autocomplete="name")
    with who[1]:
        phone = _text(
            key,
            "client_phone",
            t("Your telephone") + " *",
            type="phone",
            autocomplete="tel",
            placeholder=t("Mobile or landline"),
        )
    with place[0]:
        community = _text(key, "community", t("Community (if it is about a property)"))
    with place[1], st.container(horizontal=True):
        building = _text(key, "building", t("Building"))
        room = _text(key, "room", t("Room"))
    return {
        "client_name": name,
        "client_phone": phone,
        "community": community,
        "building": building,
        "room": room,
    }


def _text(key: str, name: str, label: str, **more: Any) -> str:
    return st.text_input(label, key=f"{key}.{name}", max_chars=LIMITS[name], **more) or ""


def _photos(key: str) -> KeptUploads:
    limit = PUBLIC.max_image // MEGABYTE
    return uploads.choose(
        t("Photos or PDF, at most {n} files of {size} MB", n=PUBLIC.max_files, size=limit),
        rules=PUBLIC,
        public=True,
        type=["image/*", "pdf"],
        key=f"{key}.files",
    )


def _consent(here: Here, key: str) -> bool:
    settings = here.desk.settings
    agreed = st.checkbox(
        t("I agree that {agency} uses these details to handle this problem", agency=settings.workspace_name),
        key=f"{key}.consent",
    )
    st.caption(t("Only those who handle it see them. Call us to have them shown, corrected or deleted."))
    return agreed


def _trap() -> str:
    """A field that only programs fill. No native element is invisible, hence the one line of CSS."""
    st.html(f"<style>.st-key-{_TRAP} {{ display: none }}</style>")
    return st.text_input("Website", key=_TRAP, autocomplete="off") or ""  # i18n: data


def _send(
    here: Here, form: OpenForm[None], values: dict[str, Any], photos: KeptUploads, agreed: bool, trap: str
) -> None:  # fmt: skip
    if photos.refused and not photos.files:  # nothing is left of what the client wanted to show
        _say_not_sent(photos.refused)
        return
    try:
        receipt = report(
            here.desk, values=values, files=photos.files, consent=agreed, trap=trap, commit_id=form.commit_id
        )
    except (CasesheetError, BadUpload) as refused:
        _show_refusal(refused)
        return
    # The form stays open: a second click that is still under way brings the same commit id and makes no second case.
    number = receipt.first("cases")
    uploads.remember(number, photos.refused)
    st.session_state[REPORTED] = number
    st.query_params[_TOKEN] = tracking.tracking_token(here.desk, number)
    st.rerun()


def _show_refusal(refused: Exception) -> None:
    """In the words of this form, and without "ask your administrator"."""
    if isinstance(refused, InvalidFields):
        lines = [
            t(
                "{field}: {value}{reason}",
                field=t(_NAMES.get(p.field, p.field)),
                value="",
                reason=reason_words(p.code, p.facts),
            )
            for p in refused.problems
        ]
    elif isinstance(refused, BadUpload):
        lines = explain(refused)
    else:
        lines = [t("We could not take it in at this moment. Try again in a minute, or call us.")]
    _say_not_sent(lines)


def _say_not_sent(lines: Iterable[str]) -> None:
    st.error("\n".join(f"- {plain(line)}" for line in lines), title=t("Not sent yet; what you typed is still here"))


def show_receipt(here: Here, case_no: str) -> None:
    """The number to keep, by when somebody answers, and the link that shows the progress."""
    token = tracking.tracking_token(here.desk, case_no)
    case = here.desk.snapshot[Case].get(case_no)
    if case is not None:
        client_box.show_again(here, case)
    with st.container(border=True):
        st.markdown(f":green[:material/check_circle: **{t('Thank you. Your report has arrived.')}**]")
        uploads.tell_of(case_no)
        st.title(case_no, anchor=False)
        st.caption(t("Your case number"))
        if case and case.acknowledge_due:
            due = format_datetime(case.acknowledge_due, here.desk.settings.zone)
            st.markdown(t("We will respond by {due}.", due=f"**{due}**"))
        st.markdown(
            t("Keep this number: with the last four digits of your telephone it shows the progress at any time.")
        )
        public_page.show_link(
            links.absolute("track", token=token), what=t("Your own link to the progress"), to_staff=False
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        link("track", t("See the progress"), icon="pin_drop", token=token)
        st.button(t("Report something else"), icon=":material/add:", type="tertiary", on_click=_begin_again)


def _begin_again() -> None:
    st.session_state.pop(REPORTED, None)
    st.query_params.pop(_TOKEN, None)
    close_form(_FORM)
