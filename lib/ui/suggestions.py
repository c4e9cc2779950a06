"""What the client's words suggest, offered with a button: category and priority are never set by themselves."""

from collections.abc import Iterable

import streamlit as st

from lib.domain.severity import PRIORITIES
from lib.domain.suggestion import suggest_category, suggest_priority
from lib.i18n import t
from lib.ui.case_words import priority_text
from lib.ui.page import Here
from lib.ui.plain import plain


def offer_category(here: Here, text: str, *, chosen: str, target: str) -> None:
    """The category that the words speak for, unless it is chosen; the button puts it into the widget `target`."""
    hint = suggest_category(text, here.desk.config.keywords)
    if hint is None or hint.category == chosen or not here.desk.lists.has("category", hint.category):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = t("Suggested category: {category}", category=plain(here.label("category", hint.category)))
        st.markdown(f":material/lightbulb: {words} :gray[{_quoted(hint.words)}]", width="content")
        _button(t("Use this category"), hint.category, target)


def offer_priority(here: Here, text: str, *, chosen: str, target: str = "") -> None:
    """A higher priority that the words speak for, and why; without a `target` widget it is only said."""
    hint = suggest_priority(text, here.desk.config.keywords)
    if hint is None or (chosen in PRIORITIES and PRIORITIES.index(chosen) <= PRIORITIES.index(hint.priority)):
        return
    urgent = here.desk.config.keywords.urgent[hint.reason]
    why = urgent.label(here.language)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = t("This sounds urgent: {why}", why=plain(why))
        said = f":red[:material/emergency_home: **{words}**] :gray[{_quoted(hint.words)}]"
        st.markdown(f"{said} → {priority_text(here, hint.priority)}", width="content")
        if target:
            _button(t("Set {priority}", priority=hint.priority), hint.priority, target)


def _button(label: str, value: str, target: str) -> None:
    st.button(label, key=f"{target}.suggested", icon=":material/check:", on_click=_use, args=(target, value))


def _use(target: str, value: str) -> None:
    st.session_state[target] = value


def _quoted(words: Iterable[str]) -> str:
    return plain(" ".join(f"“{word}”" for word in words))
