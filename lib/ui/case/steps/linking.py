"""Cases that belong together: what this one was merged into or hangs on, what belongs to it, the choice of another."""

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.case_parts import Evidence
from lib.domain.records.fields import columns
from lib.i18n import t
from lib.services.cases import intake, linking
from lib.store.snapshot.snapshot import by_case
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.words.case import stage_text
from lib.ui.words.markdown import plain


def show(here: Here, case: Case) -> None:
    """One frame above the parts of the case; nothing where it stands alone."""
    belong = linking.members(here.desk, case)
    groups = [
        (t("Merged into"), "merge", _named(here, case.merged_into)),
        (t("Leading case"), "link", _named(here, case.parent_no)),
        (t("Merged into this case"), "merge", list(belong.merged)),
        (t("Belongs to this case"), "link", list(belong.linked)),
    ]
    if not any(cases for _, _, cases in groups):
        return
    with st.container(border=True, gap="xsmall"):
        for title, icon, cases in groups:
            seen = [other for other in cases if here.actor.may("case.view", other)]
            if seen:
                st.markdown(f"**:material/{icon}: {title}**")
            for other in seen:
                _line(here, other)


def _named(here: Here, case_no: str) -> list[Case]:
    found = here.desk.snapshot[Case].get(case_no) if case_no else None
    return [found] if found else []


def _line(here: Here, other: Case) -> None:
    """What was reported there stands here too: whoever works on the one reads the other's words."""
    files = len(here.desk.snapshot[Evidence].derive(by_case).get(other.case_no, ()))
    told = f"  \n:small[:gray[{plain(other.description)}]]" if other.description else ""
    count = f" · :material/attach_file: {files}" if files else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{stage_text(here, other.stage)} **{plain(other.title)}**{count}{told}", width="stretch")
        link("case", other.case_no, icon="folder_open", no=other.case_no)


def choose(here: Here, case: Case, field: str, *, key: str) -> str:
    """The number of another case: one that is perhaps the same, or any that is typed."""
    likely = intake.likely_duplicates(
        here.desk,
        phone=case.client_phone,
        community=case.community,
        building=case.building,
        room=case.room,
        description=case.description,
    )
    known = {item.case.case_no: item.case for item in likely if here.actor.may("case.view", item.case)}
    known.pop(case.case_no, None)

    def words(number: str) -> str:
        return f"{number} · {known[number].title}" if number in known else number

    picked = st.selectbox(
        f"{columns(Case)[field].label(here.language)} *",
        list(known),
        index=None,
        format_func=words,
        key=key,
        accept_new_options=True,
        placeholder=t("Choose a case, or type its number"),
    )
    return str(picked or "")
