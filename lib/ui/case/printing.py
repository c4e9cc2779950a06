"""Printing a case: the work order and the case file, to open in the browser or to download."""

from functools import partial
from urllib.parse import urlencode

import streamlit as st

from lib.documents import links
from lib.documents.links import LIFETIME, Wanted
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact
from lib.i18n import LANGUAGES, Language, t
from lib.store.snapshot.snapshot import by_case
from lib.ui.frame import downloads
from lib.ui.frame.languages import NAMES
from lib.ui.frame.links import own_address
from lib.ui.session.page import Here
from lib.ui.session.state import PRINT


def show(here: Here, case: Case) -> None:
    """A button that opens the choice of documents."""
    with st.popover(t("Print"), icon=":material/print:", type="tertiary"):
        language = st.segmented_control(
            t("Language of the document"),
            LANGUAGES,
            default=here.language,
            format_func=NAMES.__getitem__,
            key=PRINT + "language",
            required=True,
        )
        chosen: Language = "en" if language == "en" else "zh_CN"
        wanted = partial(Wanted, case_no=case.case_no, language=chosen, base=own_address())
        st.markdown(f"**:material/assignment: {t('Work order')}**  \n{t('For whoever goes there, with room to sign.')}")
        _buttons(here, wanted("work_order", contact_id=_addressee(here, case)))
        st.markdown(f"**:material/folder_open: {t('Case file')}**  \n{t('Everything kept about the case.')}")
        _buttons(here, wanted("case_file"))
        if case.plan_measures:
            st.markdown(f"**:material/edit_document: {t('Handling plan')}**  \n{t('For the client to read and sign.')}")
            _buttons(here, wanted("plan"))
        st.caption(
            t(
                "Personal data that your role does not see is masked. Printing is recorded in the timeline. "
                "What is opened here can be opened for {n} minutes.",
                n=int(LIFETIME.total_seconds() // 60),
            )
        )


def _addressee(here: Here, case: Case) -> str:
    """The outside party that the work order is for, "" for the responsible person."""
    contacts: tuple[Contact, ...] = here.desk.snapshot[Contact].derive(by_case).get(case.case_no, ())
    if not contacts:
        return ""
    names = {"": here.person(case.assignee) or t("The responsible person")}
    names |= {contact.contact_id: contact.name for contact in contacts if contact.done_on is None}
    picked = st.selectbox(t("Work order for"), list(names), format_func=names.__getitem__, key=PRINT + "for")
    return str(picked or "")


def _buttons(here: Here, wanted: Wanted) -> None:
    """The link is relative to the page, so that it also holds below a path."""
    address = f"api/print?{urlencode({'token': links.token(here.desk, wanted, actor=here.actor)})}"
    with st.container(horizontal=True, gap="small"):
        st.link_button(t("Open to print"), address, icon=":material/open_in_new:", key=f"{PRINT}open.{wanted.document}")
        downloads.offer(
            here,
            t("Download"),
            lambda actor: links.make(here.desk, wanted, actor=actor),
            name=wanted.file_name,
            media="application/pdf",
            key=f"{PRINT}download.{wanted.document}",
        )
