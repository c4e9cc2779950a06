"""The filters of the cases page as widgets, and their tie to the address.

The address holds codes. Streamlit's own binding would put the labels there, which differ by language and, with the
counts on the pills, from one minute to the next.
"""

from datetime import date
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from lib.analytics.frames.frames import covered
from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.i18n import t
from lib.services.data.case_filter import ALL, FACETS, NAMES, ONLY, OPEN, PERIODS, VIEWS, CaseFilter, Chosen, offered
from lib.ui.session.device import is_phone
from lib.ui.session.page import Here
from lib.ui.session.state import CASES, CASES_ADDRESS
from lib.ui.words import filters as words
from lib.ui.words.filters import translated

INLINE = ("category", "community")  # the facets that stand in the row; the others are behind a button


def current(here: Here) -> CaseFilter:
    """What the page is to show: from the address when that is new, else from the widgets as they were left."""
    address = {name: st.query_params[name] for name in NAMES if name in st.query_params}
    asked = CaseFilter.from_query(address)
    if st.session_state.get(CASES_ADDRESS) != address or CASES + "stage" not in st.session_state:
        _fill(here, asked)
    wanted = _read()
    first = asked.page if wanted.on_page(1) == asked.on_page(1) else 1
    wanted = wanted.on_page(st.session_state.get(page_key(wanted), first))
    _write_address(address, wanted.to_query())
    return wanted


def page_key(wanted: CaseFilter) -> str:
    """The key of the pager: another filter, or another address, begins with a pager of its own."""
    return f"{CASES}page.{st.session_state.get(CASES + 'fills', 0)}.{query_string(wanted)}"


def default_view() -> str:
    """Cards on a telephone, where a table would have to be moved sideways; else the table."""
    return "list" if is_phone() else "table"


def query_string(wanted: CaseFilter) -> str:
    """The filter as a saved view keeps it."""
    return urlencode(wanted.on_page(1).to_query())


def show(here: Here, wanted: CaseFilter, chosen: Chosen) -> None:
    """Stages with their counts, and below them one row of everything else that narrows the list."""
    _stages(here, wanted, chosen)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            t("Search in cases"),
            key=CASES + "q",
            type="search",
            icon=":material/search:",
            placeholder=t("Number, phone, name, initials, words"),
            label_visibility="collapsed",
            width=260,
        )
        st.pills(
            t("Only"),
            ONLY,
            selection_mode="multi",
            format_func=translated(words.ONLY),
            key=CASES + "only",
            label_visibility="collapsed",
        )
        # On a telephone the row is kept short: what narrows further is behind one button.
        inline = () if is_phone() else INLINE
        for name in inline:
            _facet(here, chosen, name, width=170)
        if not is_phone():
            _period(width=150)
        _more(here, wanted, chosen, inline)
    if wanted.period == "custom":
        st.date_input(t("From and to"), [], key=CASES + "days", format="YYYY-MM-DD", width=260)


def clear() -> None:
    """Forget every filter; for a button's callback."""
    for name in NAMES:
        if name in st.query_params and name not in ("view", "cols", "sort"):
            del st.query_params[name]
    st.session_state.pop(CASES_ADDRESS, None)


def _stages(here: Here, wanted: CaseFilter, chosen: Chosen) -> None:
    stages = [code for code in here.desk.config.workflow.stages if chosen.counts.get(code) or code == wanted.stage]
    special = {OPEN: (t("Open cases"), chosen.open), ALL: (t("All"), chosen.total)}

    counted = {code: (here.label("stage", code), chosen.counts.get(code, 0)) for code in stages} | special
    labels = {code: f"{label} **{count}**" for code, (label, count) in counted.items()}
    st.pills(
        t("Stage"),
        [OPEN, *stages, ALL],
        format_func=labels.__getitem__,
        key=CASES + "stage",
        required=True,
        label_visibility="collapsed",
        wrap=not is_phone(),
    )


def _facet(here: Here, chosen: Chosen, name: str, *, width: Any = "stretch") -> None:
    """One choice among the values that occur in the cases that this person may see."""
    label = t(words.FACETS[name])
    visible = covered(chosen.frame, here.actor, "case.view")
    options = offered(chosen.frame, visible, name)
    if name == "category":
        options = sorted({*options, *(code.partition(".")[0] for code in options)})
    picked = st.session_state.get(CASES + name)
    if picked and picked not in options:
        options.append(picked)
    labels = {code: facet_text(here, name, code) for code in options}
    st.selectbox(
        label,
        options,
        index=None,
        format_func=labels.__getitem__,
        key=CASES + name,
        placeholder=label,
        label_visibility="collapsed" if width != "stretch" else "visible",
        width=width,
    )


def facet_text(here: Here, name: str, code: str) -> str:
    """The label of a facet's value."""
    column = columns(Case)[name]
    if column.kind == "person":
        return here.person(code)
    return here.label(column.choices, code) if column.choices else code


def _period(*, width: Any = "stretch") -> None:
    st.selectbox(
        t("Period"),
        ("", *PERIODS),
        format_func=translated(words.PERIODS),
        key=CASES + "period",
        label_visibility="visible" if width == "stretch" else "collapsed",
        width=width,
    )


def _more(here: Here, wanted: CaseFilter, chosen: Chosen, inline: tuple[str, ...]) -> None:
    rest = [name for name in FACETS if name not in inline]
    active = sum(name in wanted.facets for name in rest) + (wanted.by != "taken")
    label = t("More filters") + (f" ({active})" if active else "")
    with st.popover(label, icon=":material/tune:"):
        if is_phone():
            _period()
        for name in rest:
            _facet(here, chosen, name)
        st.segmented_control(
            t("The period counts"),
            ("taken", "closed"),
            format_func=translated(words.BY),
            key=CASES + "by",
            required=True,
        )
    if wanted.narrows or wanted.stage != OPEN:
        st.button(t("Clear"), icon=":material/filter_alt_off:", type="tertiary", on_click=clear)


def _fill(here: Here, wanted: CaseFilter) -> None:
    """Set every widget of the page."""
    stage = wanted.stage if wanted.stage in (OPEN, ALL, *here.desk.config.workflow.stages) else OPEN
    days = tuple(day for day in (wanted.start, wanted.end) if day)
    values = {
        "q": wanted.q,
        "stage": stage,
        "only": list(wanted.only),
        "period": wanted.period,
        "days": days,
        "by": wanted.by,
        "sort": wanted.sort,
        "view": wanted.view or default_view(),
        "cols": list(wanted.cols),
        **{name: wanted.facets.get(name) for name in FACETS},
    }
    for name, value in values.items():
        st.session_state[CASES + name] = value
    st.session_state[CASES + "fills"] = st.session_state.get(CASES + "fills", 0) + 1


def _read() -> CaseFilter:
    def held(name: str, default: Any) -> Any:
        return st.session_state.get(CASES + name) or default

    days: tuple[date, ...] = tuple(held("days", ()))
    view = held("view", default_view())
    return CaseFilter(
        q=str(held("q", "")).strip(),
        stage=held("stage", OPEN),
        only=tuple(name for name in ONLY if name in held("only", ())),
        facets={name: value for name in FACETS if (value := held(name, ""))},
        period=held("period", ""),
        start=days[0] if days else None,
        end=days[1] if len(days) > 1 else None,
        by=held("by", "taken"),
        sort=held("sort", "deadline"),
        view="" if view == default_view() or view not in VIEWS else view,
        cols=tuple(held("cols", ())),
    )


def _write_address(address: dict[str, str], query: dict[str, str]) -> None:
    if query != address:
        for name in address.keys() - query.keys():
            del st.query_params[name]
        st.query_params.update(query)
    st.session_state[CASES_ADDRESS] = query
