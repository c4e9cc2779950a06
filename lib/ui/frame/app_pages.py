"""The pages: where each is, what it is called, who sees it in the menu."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from lib.config.settings import ROOT
from lib.domain.rules.permissions import Actor
from lib.i18n import N_, t

PUBLIC = ""


@dataclass(frozen=True, slots=True)
class AppPage:
    """A page. `permission` PUBLIC: open to everybody and never in the menu. Without a section: not in the menu."""

    key: str
    path: str
    title: str
    icon: str
    permission: str
    section: str = ""

    @property
    def file(self) -> Path:
        return ROOT / "pages" / f"{self.key}.py"


WORK, QUALITY, DATA = N_("Work"), N_("Quality"), N_("Data")
PAGES = {
    page.key: page
    for page in (
        AppPage("home", "", N_("Home"), "home", "home.view", WORK),
        AppPage("new_case", "new", N_("New case"), "add_call", "case.intake", WORK),
        AppPage("cases", "cases", N_("Cases"), "folder_open", "case.view", WORK),
        AppPage("assignment", "assignment", N_("Assignment"), "assignment_ind", "case.assign", WORK),
        AppPage("follow_ups", "follow-ups", N_("Follow-ups"), "phone_callback", "follow_up.record", WORK),
        AppPage(
            "satisfaction", "satisfaction", N_("Satisfaction"), "sentiment_satisfied", "satisfaction.view", QUALITY
        ),
        AppPage("weekly", "weekly", N_("Weekly review"), "monitoring", "weekly.view", QUALITY),
        AppPage("import_export", "import", N_("Import and export"), "swap_vert", "data.export", DATA),
        AppPage("workflow", "workflow", N_("Workflow"), "account_tree", "case.view", DATA),
        AppPage("health", "health", N_("Data health"), "health_and_safety", "settings.view", DATA),
        AppPage("settings", "settings", N_("Settings"), "settings", "settings.view", DATA),
        AppPage("case", "case", N_("Case"), "folder_open", "case.view"),
        AppPage("report", "report", N_("Report a problem"), "campaign", PUBLIC),
        AppPage("track", "track", N_("Track a case"), "pin_drop", PUBLIC),
        AppPage("survey", "survey", N_("Satisfaction survey"), "rate_review", PUBLIC),
    )
}


def navigation(actor: Actor | None) -> tuple[st.Page, AppPage]:
    """Declare every page, so that each deep link leads somewhere, and show in the menu what this person may open."""
    declared = {
        key: st.Page(
            page.file,
            title=t(page.title),
            icon=f":material/{page.icon}:",
            url_path=page.path or None,
            default=not page.path,
            visibility="visible" if _in_menu(page, actor) else "hidden",
        )
        for key, page in PAGES.items()
    }
    sections: dict[str, list[st.Page]] = {}
    for key, page in PAGES.items():
        sections.setdefault(t(page.section) if page.section else "", []).append(declared[key])
    chosen = st.navigation(sections, position="sidebar" if actor else "hidden", expanded=True)
    key = next(key for key, page in declared.items() if page.url_path == chosen.url_path)
    if actor and PAGES[key].permission == PUBLIC:  # staff who look at a client's page see it as the client does
        st.navigation(sections, position="hidden")
    return chosen, PAGES[key]


def _in_menu(page: AppPage, actor: Actor | None) -> bool:
    return actor is not None and bool(page.section) and actor.may(page.permission)


def link(key: str, label: str, *, icon: str | None = None, help: str | None = None, **params: str) -> None:
    """A link to a page with its parameters."""
    mark = f":material/{icon}:" if icon else None
    st.page_link(str(PAGES[key].file), label=label, icon=mark, help=help, query_params=params or None)


def go(key: str, **params: str) -> None:
    """Leave for another page."""
    st.switch_page(str(PAGES[key].file), query_params=params or None)
