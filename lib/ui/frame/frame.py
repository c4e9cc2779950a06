"""What stands around every page: demo banner, search and new case on top; the person and freshness at the side."""

import streamlit as st

from lib.app import process
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor
from lib.i18n import current_language, relative, t
from lib.services.data import search
from lib.services.workspace.workspace import is_demo
from lib.ui.frame import failures, languages, public_page, sign_in
from lib.ui.frame.app_pages import link
from lib.ui.session.identity import current_actor, personas, uses_openid
from lib.ui.session.state import PERSONA, SEARCH
from lib.ui.widgets.messages import show_flash
from lib.ui.words.markdown import plain
from lib.words.errors import explain


def top(desk: Desk, actor: Actor) -> None:
    """The demo banner, the search box, and the button that takes a case in."""
    show_flash()
    failures.show_trouble(desk)
    if is_demo(desk):
        _demo_banner(desk, actor)
    with st.container(horizontal=True, vertical_alignment="center", key="topbar"):
        text = st.text_input(
            t("Find a case"),
            key=SEARCH,
            type="search",
            live=True,
            icon=":material/search:",
            placeholder=t("Case number, phone digits, name, initials, community"),
            label_visibility="collapsed",
            persist_state=None,
        )
        if actor.may("case.intake"):
            link("new_case", t("New case"), icon="add_call")
    with st.container():  # also when it is empty, so that the page below keeps its place and what is being typed
        if text and text.strip() and actor.may("case.view"):
            _found(desk, actor, text)


def _found(desk: Desk, actor: Actor, text: str) -> None:
    numbers = search.search(desk, text, actor=actor, limit=8)
    with st.container(border=True, gap="xsmall"):
        if not numbers:
            st.caption(t("Nothing found. Try fewer digits or part of the name."))
        for number in numbers:
            case = desk.snapshot[Case][number]
            stage = desk.lists.label("stage", case.stage, current_language())
            words = f"**{number}** {plain(case.title)} · {plain(case.community)} · {stage}"
            link("case", words, icon="folder_open", no=number)


def side(desk: Desk, actor: Actor) -> None:
    """The person, her language, and how fresh the data is."""
    languages.switch()
    role = desk.lists.label("role", actor.role, current_language())
    st.caption(f":material/person: {actor.name} · {role}")
    _freshness(desk)
    if is_demo(desk):
        return
    if not uses_openid():
        sign_in.offer_new_password(desk)
    if st.button(t("Sign out"), icon=":material/logout:", type="tertiary"):
        sign_in.end(desk)


@st.fragment(run_every="10s")
def _freshness(desk: Desk) -> None:
    if current_actor(desk) is None:  # the session has ended meanwhile: back to the gate
        st.rerun()
    presence = process.presence
    presence.touch()
    if presence.problem is not None:
        st.markdown(f":small[:red[:material/cloud_off: {_short(presence.problem)}]]")
    elif presence.refreshed_at is None:
        st.caption(f":material/cloud_done: {t('Data loaded')}")
    else:
        ago = relative(presence.refreshed_at, desk.now())
        st.caption(f":material/cloud_done: {t('Synced {ago}', ago=ago)}")


def _short(problem: Exception) -> str:
    """What is wrong, in a line; what to do about it stands above the page."""
    return explain(problem)[0]


def _demo_banner(desk: Desk, actor: Actor) -> None:
    language = current_language()
    names = {
        staff.staff_id: f"{staff.name} · {desk.lists.label('role', staff.role, language)}" for staff in personas(desk)
    }
    with st.container(horizontal=True, vertical_alignment="center", key="demo"):
        st.badge(t("Demo workspace"), icon=":material/science:", color="violet")
        st.selectbox(
            t("You are"),
            list(names),
            index=list(names).index(actor.staff_id),
            format_func=names.__getitem__,
            key=PERSONA,
            label_visibility="collapsed",
            width=220,
            persist_state="session",
            on_change=_keep_persona,
            args=(desk,),
        )


def _keep_persona(desk: Desk) -> None:
    """A reload of the page in the demo keeps the person chosen."""
    chosen = desk.snapshot[Staff].get(st.session_state[PERSONA])
    if chosen:
        sign_in.keep_for_reload(desk, chosen)


def public(desk: Desk) -> None:
    """The head of a page for clients: the agency, its telephone, and the language."""
    row = {"horizontal": True, "horizontal_alignment": "distribute", "vertical_alignment": "center"}
    with public_page.column(), st.container(**row):  # type: ignore[arg-type]
        st.markdown(f"**{plain(desk.settings.workspace_name)}**", width="content")
        st.markdown(public_page.service_phone(desk), width="content")
        languages.switch()
