"""Which language this person reads: her choice, her profile, her browser, the workspace's default, in that order."""

import streamlit as st

from lib.domain.records.people import Staff
from lib.i18n import DEFAULT, LANGUAGES, Language, current_language, find_language_by, pick, use_language
from lib.ui.session.state import LANGUAGE

NAMES: dict[Language, str] = {"zh_CN": "中文", "en": "English"}  # i18n: data


def choose(staff: Staff | None = None, default: Language = DEFAULT) -> None:
    """Set the language of this run; called again once the workspace is open and it is known who is there."""
    find_language_by(_remembered)
    use_language(_remembered() or _profile(staff) or pick(st.context.locale, default))


def switch() -> None:
    """The switch of languages; the choice holds for the session."""
    st.segmented_control(
        "Language / 语言",  # i18n: data
        LANGUAGES,
        default=None if LANGUAGE in st.session_state else current_language(),
        format_func=NAMES.__getitem__,
        key=LANGUAGE,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )


def _remembered() -> Language | None:
    chosen = st.session_state.get(LANGUAGE)
    return chosen if chosen in LANGUAGES else None


def _profile(staff: Staff | None) -> Language | None:
    return next((language for language in LANGUAGES if staff and staff.language == language), None)
