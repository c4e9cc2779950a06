"""What the client's words suggest, offered with a button: category and priority are never set by themselves."""

from collections.abc import Iterable

import streamlit as st

from lib.domain.dangers.reading import Urgency
from lib.domain.records.severity import PRIORITIES
from lib.domain.rules.suggestion import suggest_category
from lib.i18n import t
from lib.ui.session.page import Here
from lib.ui.words.case import priority_text
from lib.ui.words.markdown import plain


def offer_category(here: Here, text: str, *, chosen: str, target: str) -> None:
    """The category that the words speak for, unless it is chosen; the button puts it into the widget `target`."""
    hint = suggest_category(text, here.desk.config.keywords)
    if hint is None or hint.category == chosen or not here.desk.lists.has("category", hint.category):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = t("Suggested category: {category}", category=plain(here.label("category", hint.category)))
        st.markdown(f":material/lightbulb: {words} :gray[{_quoted(hint.words)}]", width="content")
        _button(t("Use this category"), hint.category, target)


def offer_priority(here: Here, urgency: Urgency, *, chosen: str, target: str = "") -> None:
    """A higher priority that the words speak for, and why; without a `target` widget it is only said."""
    priority = urgency.priority
    if priority is None or (chosen in PRIORITIES and PRIORITIES.index(chosen) <= PRIORITIES.index(priority)):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        found = urgency.dangers[0].words if urgency.dangers else urgency.haste_words
        said = f":red[:material/emergency_home: **{why_urgent(here, urgency)}**] :gray[{_quoted(found)}]"
        st.markdown(f"{said} → {priority_text(here, priority)}", width="content")
        if target:
            _button(t("Set {priority}", priority=priority), priority, target)


def why_urgent(here: Here, urgency: Urgency) -> str:
    """What the words are about. Words of danger that are denied or feared are a question; for Markdown."""
    if urgency.dangers:
        first = urgency.dangers[0]
        name = plain(first.danger.label(here.language))
        return (
            t("This sounds urgent: {why}", why=name) if first.certain else t("Ask the client: {danger}?", danger=name)
        )
    name = plain(urgency.haste.label(here.language)) if urgency.haste else ""
    return t("This sounds urgent: {why}", why=name)


def _button(label: str, value: str, target: str) -> None:
    st.button(label, key=f"{target}.suggested", icon=":material/check:", on_click=_use, args=(target, value))


def _use(target: str, value: str) -> None:
    st.session_state[target] = value


def _quoted(words: Iterable[str]) -> str:
    return plain(" ".join(f"“{word}”" for word in words))
