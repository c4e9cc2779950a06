"""What a client in danger reads at once: what to do, and the numbers to tap."""

import streamlit as st

from lib.domain.dangers.reading import FoundDanger
from lib.domain.records.case import Case
from lib.domain.text import phones
from lib.i18n import t
from lib.services.emergencies.numbers import Advice, advice
from lib.services.emergencies.taking import is_untaken
from lib.ui.session.page import Here
from lib.ui.words.markdown import plain


def show_again(here: Here, case: Case) -> None:
    """On the receipt, with the word that somebody has been told where that is so."""
    show(here, case.report, community=case.community, branch=case.branch, told=is_untaken(here.desk, case))


def show(here: Here, text: str, *, community: str = "", branch: str = "", told: bool = False) -> None:
    """For the gravest danger that the words speak of, or ask about; the numbers of the others beside it. Nothing where
    there is none."""
    found = here.desk.urgency_of(text).dangers
    if not found:
        return
    first, *others = [_advice(here, one, community, branch) for one in found]
    with st.container(border=True, gap="small"):
        st.markdown(f":red[:material/emergency_home: **{t('If somebody is in danger')}**]")
        st.markdown(f"**{plain(first.text)}**")
        st.markdown(number_links(first))
        for one, more in zip(found[1:], others, strict=True):
            st.markdown(f"{plain(one.danger.label(here.language))}  {number_links(more, own=False)}")
        if told:
            st.markdown(plain(here.desk.config.dangers.told(here.language)))
        st.caption(first.standing)


def _advice(here: Here, one: FoundDanger, community: str, branch: str) -> Advice:
    return advice(here.desk, one.danger, language=here.language, community=community, branch=branch)


def number_links(told: Advice, *, own: bool = True) -> str:
    """The numbers, each dialled by a tap; for Markdown."""
    shown = told.numbers if own else told.numbers[:-1]
    links = "  ".join(_link(name, number) for name, number in shown)
    return f"{links}  \n:small[:gray[{plain(told.unknown)}]]" if told.unknown else links


def _link(name: str, number: str) -> str:
    dialled = ("+" if number.startswith("+") else "") + phones.digits(number)
    return f"[:material/call: {plain(name)} **{plain(number)}**](tel:{dialled})"
