"""The form of a new case in the order of a telephone call, its duplicates and read-back, and the receipt."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.domain.records.case import COMPLAINT, Case
from lib.domain.records.fields import columns
from lib.domain.text.uploads import STAFF
from lib.errors import InvalidFields
from lib.i18n import format_date, t
from lib.services.cases import intake, settling, tracking
from lib.services.cases.intake import LikelyDuplicates
from lib.ui.emergencies import intake_box
from lib.ui.frame import links, public_page
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.session.state import ADDED_TO, NEW_CASE_NO
from lib.ui.widgets import scrolling, uploads
from lib.ui.widgets.fields import widget
from lib.ui.widgets.forms import open_form, open_held_form
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.widgets.suggestions import offer_category
from lib.ui.widgets.uploads import KeptUploads
from lib.ui.words import case as case_words
from lib.ui.words.markdown import plain

FORM = "new_case"
KNOWN_FROM_PHONE = ("client_name", "relation", "community", "building", "unit", "room")
FILLED = "filled"  # with the form: what the telephone filled in, by field
USUAL_PRIORITY, USUAL_CHANNEL = "P3", "hotline"
_COLUMNS = columns(Case)


def _key(name: str) -> str:
    return f"{open_form(FORM).key}.{name}"


def _field(here: Here, name: str, default: Any = "", *, required: bool = False) -> Any:
    return widget(here, _COLUMNS[name], default, key=_key(name), required=required, persist="session")


def show_client(here: Here) -> dict[str, Any]:
    """Who calls and about which home: the telephone first, because it finds the rest."""
    open_held_form(FORM)
    st.subheader(t("Client"), anchor=False)
    phone_column, name_column = st.columns(2)
    with phone_column:
        phone = st.text_input(
            _COLUMNS["client_phone"].label(here.language),
            key=_key("client_phone"),
            type="phone",
            live="400ms",
            autocomplete="off",
            placeholder=t("Mobile, landline or 400 number"),
            on_change=_fill_from_phone,
            args=(here,),
            persist_state="session",
        )
    with name_column:
        name = _field(here, "client_name")
    relation = _field(here, "relation")
    place = st.columns([2, 1, 1, 1])
    values = {"client_phone": phone or "", "client_name": name, "relation": relation}
    for column, field in zip(place, ("community", "building", "unit", "room"), strict=True):
        with column:
            values[field] = _field(here, field)
    return values


def _fill_from_phone(here: Here) -> None:
    """A telephone that is known brings name and home of the latest case, where nothing is typed yet. What another one
    brought before, and nobody touched, goes with that."""
    before = st.session_state.pop(_key(FILLED), {})
    for field, value in before.items():
        if st.session_state.get(_key(field)) == value:
            st.session_state[_key(field)] = None if _COLUMNS[field].kind == "choice" else ""
    known = intake.latest_by_phone(here.desk, str(st.session_state.get(_key("client_phone"), "")))
    if known is None or not here.actor.may("personal.view", known):
        return
    empty = [field for field in KNOWN_FROM_PHONE if not st.session_state.get(_key(field))]
    filled = {field: value for field in empty if (value := getattr(known, field))}
    st.session_state.update({_key(field): value for field, value in filled.items()})
    st.session_state[_key(FILLED)] = filled


def show_problem(here: Here, client: Mapping[str, Any]) -> tuple[dict[str, Any], Case | None]:
    """What happened, in the client's words. Likely duplicates, and the category and urgency they suggest, follow.

    Beside the values: the case to which all of it is to be added, once somebody has said so.
    """
    st.subheader(t("What happened"), anchor=False)
    description = st.text_area(
        _COLUMNS["description"].label(here.language) + " *",
        key=_key("description"),
        height=130,
        persist_state="session",
        placeholder=t("In the client's own words"),
    )
    found = intake.duplicates_for(
        here.desk,
        actor=here.actor,
        phone=client["client_phone"],
        community=client["community"],
        building=client["building"],
        unit=client["unit"],
        room=client["room"],
        description=description or "",
    )
    same = _show_duplicates(here, found) if found.seen or found.ask else None
    chosen, urgency = st.session_state.get(_key("category")), st.session_state.get(_key("priority"))
    offer_category(here, description or "", chosen=chosen or "", target=_key("category"))
    values: dict[str, Any] = {"description": description or ""}
    values["danger"] = intake_box.show(
        here,
        description or "",
        community=client["community"],
        chosen=urgency or USUAL_PRIORITY,
        key=open_form(FORM).key,
    )
    values["wanted_outcome"] = _field(here, "wanted_outcome")
    first, second = st.columns(2)
    with first:
        values["category"] = _field(here, "category")
    with second:
        values["occurred_on"] = _field(here, "occurred_on", None)
    with st.expander(t("More: place of the problem, cause, deal number")):
        for name in ("location", "stated_cause", "deal_no"):
            values[name] = _field(here, name)
    return values, same


def _show_duplicates(here: Here, found: LikelyDuplicates) -> Case | None:
    """The cases that may be the same; returns the one whose button was pressed. Of one that this person may not see,
    only that it is there and whom to ask."""
    pressed = None
    reasons = {"phone": t("same phone"), "property": t("same home"), "text": t("similar text")}
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":orange[:material/content_copy: **{t('Perhaps the same case')}**]")
        for staff_id in found.ask:
            who = plain(here.person(staff_id)) or t("your administrator")
            st.markdown(t("Another branch has a case that may be the same. Ask {who}.", who=f"**{who}**"))
        for item in found.seen:
            case = item.case
            why = " · ".join(reasons[reason] for reason in item.reasons)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"{case_words.stage_text(here, case.stage)} **{plain(case.title)}**  \n"
                    f":small[:gray[{case.case_no} · {format_date(case.taken_at.date())} · {why}]]",
                    width="stretch",
                )
                link("case", t("Open"), icon="open_in_new", no=case.case_no)
                if st.button(t("Add to this case"), key=f"add.{case.case_no}"):
                    pressed = case
    return pressed


def add_to(here: Here, case: Case, values: Mapping[str, Any], chosen: KeptUploads) -> None:
    """All that was typed and chosen goes to a case that is there, instead of a new one."""
    form = open_form(FORM)
    with submit(form):
        intake.add_to_case(
            here.desk, actor=here.actor, case_no=case.case_no, text=_again(here, case, values), files=chosen.files,
            commit_id=form.commit_of(case.case_no),
        )  # fmt: skip
        _leave_receipt(ADDED_TO, case.case_no, chosen)


def _again(here: Here, case: Case, values: Mapping[str, Any]) -> str:
    """What the client says this time, and every field that says something else than the case."""
    lines = [str(values["description"]).strip()]
    for name, value in values.items():
        usual = _USUAL.get(name, here.actor.branch if name == "branch" else "")
        if name != "description" and value not in (None, "", usual, getattr(case, name)):
            column = _COLUMNS[name]
            lines.append(t("{field}: {value}", field=column.label(here.language), value=here.value(column, value)))
    return "\n".join(line for line in lines if line)


_USUAL = {"channel": USUAL_CHANNEL, "kind": COMPLAINT, "priority": USUAL_PRIORITY}


def _leave_receipt(receipt: str, case_no: str, chosen: KeptUploads) -> None:
    """What became of the form is told beside the empty one that follows it."""
    for name in (ADDED_TO, NEW_CASE_NO):
        st.session_state.pop(name, None)
    st.session_state[receipt] = case_no
    uploads.remember(case_no, chosen.refused)


def show_added() -> None:
    """Above the empty form: where the last call went."""
    case_no = st.session_state.get(ADDED_TO)
    if case_no is None:
        return
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            words = t("Added to {case_no}", case_no=case_no)
            st.markdown(f":green[:material/check_circle: **{words}**]", width="content")
            link("case", t("Open the case"), icon="folder_open", no=case_no)
        uploads.tell_of(case_no)


def show_handling(here: Here, values: dict[str, Any]) -> tuple[dict[str, Any], KeptUploads]:
    """How it came, how urgent it is, photos, and the summary to read back."""
    st.subheader(t("Intake"), anchor=False)
    values = dict(values)
    values["channel"] = _field(here, "channel", USUAL_CHANNEL, required=True)
    values["kind"] = _field(here, "kind", COMPLAINT, required=True)
    if values["kind"] == COMPLAINT:
        values["complained_about"] = _field(here, "complained_about")
    values["priority"] = _field(here, "priority", USUAL_PRIORITY, required=True)
    if len(here.desk.lists.codes("branch")) > 1:
        values["branch"] = _field(here, "branch", here.actor.branch)
    chosen = uploads.choose(
        t("Photos and documents"), rules=STAFF, key=_key("files"), help=t("Up to 15 MB an image, 50 MB a file.")
    )
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":material/record_voice_over: **{t('Read back to the client')}**")
        st.markdown(_summary(here, values))
        confirmed = st.checkbox(t("The client has confirmed it"), key=_key("read_back"), persist_state="session")
    values["read_back_at"] = here.desk.now() if confirmed else None
    return values, chosen


def _summary(here: Here, values: Mapping[str, Any]) -> str:
    """The case in a few sentences, as one would say it on the telephone."""
    lines = []
    for name in ("client_name", "client_phone", "description", "wanted_outcome", "category", "occurred_on"):
        if values.get(name):
            column = _COLUMNS[name]
            lines.append(f"- :gray[{column.label(here.language)}] {plain(here.value(column, values[name]))}")
    place = " ".join(values[name] for name in ("community", "building", "unit", "room") if values.get(name))
    if place:
        lines.insert(2, f"- :gray[{t('Property')}] {plain(place)}")
    return "\n".join(lines) or f":gray[{t('Fills itself while you type.')}]"


def show_save(here: Here, values: Mapping[str, Any], chosen: KeptUploads, *, answer: str | None) -> None:
    """The one main act of the page; an error loses nothing that was typed. With an `answer` the case is closed at
    once."""
    if not st.button(t("Save case"), type="primary", icon=":material/save:", width="stretch", shortcut="Ctrl+Enter"):
        return
    form = open_form(FORM)
    given: dict[str, Any] = {"values": values, "files": chosen.files, "commit_id": form.commit_id}
    with submit(form):
        try:
            if answer is None:
                receipt = intake.register(here.desk, actor=here.actor, **given)
            else:
                receipt = settling.register_settled(here.desk, actor=here.actor, answer=answer, **given)
        except InvalidFields as failed:
            scrolling.enter(_key(problem.field) for problem in failed.problems)
            raise
        if receipt.repeated:
            flash(t("It was saved at the first try. What you changed since then is not in it."), icon="info")
        _leave_receipt(NEW_CASE_NO, receipt.first("cases"), chosen)


def show_receipt(here: Here, case_no: str) -> None:
    """The number, large; the link and the QR code for the client; and what comes next."""
    address = links.absolute("track", token=tracking.tracking_token(here.desk, case_no))
    _, middle, _ = st.columns([1, 4, 1])
    with middle, st.container(border=True):
        st.markdown(f":green[:material/check_circle: {t('Saved')}]")
        uploads.tell_of(case_no)
        st.metric(t("Case number"), case_no, width="content")
        public_page.show_link(address, what=t("Tracking link for the client"))
        with st.container(horizontal=True, vertical_alignment="center"):
            if here.actor.may("case.triage") and not _is_closed(here, case_no):
                link("case", t("Triage and assign now"), icon="assignment_ind", no=case_no, do="accept")
            else:
                link("case", t("Open the case"), icon="folder_open", no=case_no)
            if st.button(t("Next case"), type="primary", icon=":material/add_call:"):
                del st.session_state[NEW_CASE_NO]
                st.rerun()


def _is_closed(here: Here, case_no: str) -> bool:
    """Whether it was answered at once, and nothing is left to judge."""
    case = here.desk.snapshot[Case].get(case_no)
    return case is not None and case.closed_at is not None
