"""The cases page: a head with views and export, the filters, and the cases as table, list or board."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.records.case import Case
from lib.i18n import t, tn
from lib.services.data.case_filter import SORTS, VIEWS, CaseFilter, Chosen
from lib.ui.cases import archive, board, card, export, filters, saved_views
from lib.ui.cases import table as cases_table
from lib.ui.frame.app_pages import link
from lib.ui.session.device import is_phone
from lib.ui.session.page import Here
from lib.ui.session.state import CASES
from lib.ui.words import filters as words

PAGE = 50  # rows of the table
CARDS = 20  # cards of the list


def show_head(here: Here, wanted: CaseFilter) -> None:
    """Title, how the cases are shown, saved views."""
    labels = {view: _view_label(view) for view in VIEWS}
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header(t("Cases"), anchor=False, width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
            st.segmented_control(
                t("View"),
                VIEWS,
                format_func=labels.__getitem__,
                key=CASES + "view",
                required=True,
                label_visibility="collapsed",
            )
            saved_views.show(here, wanted)


def _view_label(view: str) -> str:
    icon = f":material/{words.VIEW_ICONS[view]}:"
    return icon if is_phone() else f"{icon} {t(words.VIEWS[view])}"


def show_cases(here: Here, wanted: CaseFilter, chosen: Chosen) -> None:
    """The cases, or what to do when there are none."""
    archive.show(here, wanted, chosen)
    if not len(chosen):
        _nothing(here, wanted)
        return
    view = wanted.view or filters.default_view()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(tn("{n} case", "{n} cases", len(chosen)), width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
            _order_and_columns(view)
            export.show(here, chosen)
    if view == "board":
        board.show(here, wanted, chosen)
    elif view == "list":
        for case in _page(here, wanted, chosen, CARDS):
            card.show(here, case, with_stage=True)
    else:
        cases_table.show(here, _page(here, wanted, chosen, PAGE), wanted.cols)
    if view != "board":
        _pager(wanted, chosen, CARDS if view == "list" else PAGE)


def _order_and_columns(view: str) -> None:
    st.selectbox(
        t("Order"),
        SORTS,
        format_func=words.translated(words.SORTS),
        key=CASES + "sort",
        label_visibility="collapsed",
        width=190,
    )
    if view == "table":
        with st.popover(t("Columns"), icon=":material/view_column:"):
            st.multiselect(
                t("Columns, in this order"),
                list(cases_table.COLUMNS),
                format_func=words.translated(cases_table.COLUMNS),
                key=CASES + "cols",
                placeholder=t("The usual ones"),
            )


def _page(here: Here, wanted: CaseFilter, chosen: Chosen, size: int) -> Sequence[Case]:
    start = (min(wanted.page, _pages(chosen, size)) - 1) * size
    table = here.desk.snapshot[Case]
    return [table[number] for number in chosen.numbers(start, start + size) if number in table]


def _pages(chosen: Chosen, size: int) -> int:
    return max(1, -(-len(chosen) // size))


def _pager(wanted: CaseFilter, chosen: Chosen, size: int) -> None:
    pages = _pages(chosen, size)
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.pagination(pages, default=min(wanted.page, pages), key=filters.page_key(wanted))


def _nothing(here: Here, wanted: CaseFilter) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        if wanted.narrows or wanted.stage != "open":
            st.markdown(f":material/search_off: {t('No case fits these filters.')}")
            st.button(t("Clear the filters"), icon=":material/filter_alt_off:", on_click=filters.clear)
        else:
            st.markdown(f":material/folder_open: {t('No case is open.')}")
            if here.actor.may("case.intake"):
                link("new_case", t("Log the first case"), icon="add_call")
