"""Answered at once 当场办结: for a question or a praise, the answer stands in the form of the new case itself."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.i18n import t
from lib.services.cases import settling
from lib.ui.session.page import Here


def ask(here: Here, values: Mapping[str, Any], *, key: str) -> str | None:
    """The answer that closes the case with its intake; None where it is not asked for."""
    if values.get("kind") not in settling.kinds(here.desk, actor=here.actor):
        return None
    with st.container(border=True, gap="xsmall"):
        at_once = st.toggle(
            f":material/bolt: {t('Answered at once')}",
            key=f"{key}.at_once",
            help=t("The case is logged, answered and closed in one save."),
            persist_state="session",
        )
        if not at_once:
            return None
        label = columns(Case)["answer_text"].label(here.language)
        text = st.text_area(f"{label} *", key=f"{key}.answer_text", height=90, persist_state="session")
    return text or ""
