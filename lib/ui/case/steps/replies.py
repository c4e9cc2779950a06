"""Reply templates: chosen beside a text for the client, filled from the case, and gone over before it is saved."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.rules.replies import Reply
from lib.i18n import current_language, t
from lib.services.parts.replies import filled
from lib.ui.session.page import Here


def offer(here: Here, case: Case, templates: Sequence[Reply], *, target: str) -> None:
    """A menu above the text of the widget `target`, which is yet to be drawn; what is typed already stays."""
    if not templates:
        return
    names = {reply.key: reply.label(here.language) for reply in templates}
    picked = st.menu_button(
        t("Use a template"),
        list(names),
        format_func=names.__getitem__,
        key=f"{target}.template",
        icon=":material/chat_paste_go:",
        type="tertiary",
    )
    chosen = next((reply for reply in templates if reply.key == picked), None)
    if chosen is not None:
        text = filled(here.desk, actor=here.actor, case=case, reply=chosen, language=current_language())
        typed = str(st.session_state.get(target) or "").strip()
        st.session_state[target] = f"{typed}\n{text}" if typed else text
