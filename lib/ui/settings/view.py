"""The settings page: its parts, and what the workspace is made of."""

import platform
from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from lib import __version__
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.i18n import N_, format_number, t
from lib.services.workspace.workspace import is_demo
from lib.ui.emergencies import settings as emergencies
from lib.ui.frame import links
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.settings import calendar, lists, people
from lib.ui.widgets.url_choice import url_choice

_STORES = {"sqlite": N_("SQLite file"), "postgresql": N_("PostgreSQL")}


def show(here: Here) -> None:
    """The part chosen; it is in the address, so that it can be linked to."""
    st.header(t("Settings"), anchor=False)
    part = url_choice(t("Part"), {key: t(name) for key, name in _NAMES.items()}, name="part", default="people")
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
        t("Case numbers"): settings.pattern.format(here.now.year, 1),
        t("Public address"): settings.public_url or t("as in the browser: {address}", address=links.own_address()),
        t("Version"): f"Casesheet {__version__} · Streamlit {st.__version__} · Python {platform.python_version()}",
    }
    table = pd.DataFrame({"name": list(facts), "value": list(facts.values())})
    st.table(table, border="horizontal", hide_index=True, hide_header=True, alt=t("Workspace"))
    if why := links.only_near(settings.public_url or links.own_address()):
        st.warning(why, icon=":material/wifi_off:")
    st.caption(t("These are set in config/app.toml or by environment variables; a change needs a restart."))
    link("health", t("Data health"), icon="health_and_safety")


def _store_kind(url: str) -> str:
    """The kind of store, without path or password."""
    kind = url.partition(":")[0].partition("+")[0]
    return t(_STORES[kind]) if kind in _STORES else kind


_NAMES = {
    "people": N_("People and roles"),
    "lists": N_("Lists"),
    "calendar": N_("Working calendar"),
    "emergencies": N_("Emergencies"),
    "workspace": N_("Workspace"),
}
_PARTS: Mapping[str, Callable[[Here], None]] = {
    "people": people.show,
    "lists": lists.show,
    "calendar": calendar.show,
    "emergencies": emergencies.show,
    "workspace": _workspace,
}
