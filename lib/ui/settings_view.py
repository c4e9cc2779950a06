"""The settings page: its parts, and what the workspace is made of."""

import platform
from collections.abc import Callable, Mapping

import streamlit as st
from sqlalchemy.engine import make_url

from lib.domain.case import Case
from lib.domain.people import Staff
from lib.i18n import N_, format_number, t
from lib.services.workspace import is_demo
from lib.settings import version
from lib.ui import calendar_view, health_view, lists_view, people_view
from lib.ui.page import Here

_STORES = {"sqlite": N_("SQLite file"), "postgresql": N_("PostgreSQL")}


def show(here: Here) -> None:
    """The part chosen; it is in the address, so that it can be linked to."""
    st.header(t("Settings"), anchor=False)
    part = st.segmented_control(
        t("Part"),
        list(_PARTS),
        default=next(iter(_PARTS)),
        format_func=lambda key: t(_NAMES[key]),
        key="part",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )
    _PARTS[part](here)


def _workspace(here: Here) -> None:
    desk, settings = here.desk, here.desk.settings
    facts = {
        t("Name"): settings.workspace_name,
        t("Service telephone"): settings.service_phone,
        t("Demo workspace"): t("Yes") if is_demo(desk) else t("No"),
        t("Data kept in"): _store_kind(settings.store),
        t("Changes saved"): format_number(desk.snapshot.seq),
        t("Cases"): format_number(len(desk.snapshot[Case])),
        t("People"): format_number(len(desk.snapshot[Staff])),
        t("Time zone"): settings.time_zone,
        t("Case numbers"): settings.pattern.show(here.now.year, 1),
        t("Public address"): settings.public_url or t("as in the browser"),
        t("Version"): f"Casesheet {version()} · Streamlit {st.__version__} · Python {platform.python_version()}",
    }
    st.table({name: [value] for name, value in facts.items()}) if not facts else _facts(facts)
    st.caption(t("These are set in config/app.toml or by environment variables; a change needs a restart."))


def _facts(facts: Mapping[str, str]) -> None:
    for name, value in facts.items():
        label, text = st.columns([1, 3], gap="small")
        label.markdown(f":gray[{name}]")
        text.text(value)


def _store_kind(url: str) -> str:
    """The kind of store, without path or password."""
    kind = make_url(url).get_backend_name()
    return t(_STORES[kind]) if kind in _STORES else kind


_NAMES = {
    "people": N_("People and roles"),
    "lists": N_("Lists"),
    "calendar": N_("Working calendar"),
    "workspace": N_("Workspace"),
    "health": N_("Data health"),
}
_PARTS: Mapping[str, Callable[[Here], None]] = {
    "people": people_view.show,
    "lists": lists_view.show,
    "calendar": calendar_view.show,
    "workspace": _workspace,
    "health": health_view.show,
}
