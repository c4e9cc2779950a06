"""The words of the cases page: what the filter, the sort and the columns are called."""

from collections.abc import Callable, Mapping

from lib.i18n import N_, t

ONLY = {
    "mine": N_("Mine"),
    "late": N_("Overdue"),
    "soon": N_("Due soon"),
    "today": N_("Due today"),
    "unassigned": N_("Unassigned"),
    "silent": N_("No client update"),
}
FACETS = {
    "category": N_("Category"),
    "community": N_("Community"),
    "assignee": N_("Assignee"),
    "department": N_("Department"),
    "branch": N_("Branch"),
    "priority": N_("Priority"),
    "kind": N_("Kind"),
    "channel": N_("Channel"),
    "cause": N_("Cause code"),
    "responsible_party": N_("Responsible party"),
}
PERIODS = {
    "": N_("Any time"),
    "week": N_("This week"),
    "last_week": N_("Last week"),
    "month": N_("This month"),
    "last_month": N_("Last month"),
    "30d": N_("Last 30 days"),
    "90d": N_("Last 90 days"),
    "year": N_("This year"),
    "custom": N_("Choose days"),
}
BY = {"taken": N_("Taken in at"), "closed": N_("Closed at")}
SORTS = {
    "deadline": N_("Deadline first"),
    "newest": N_("Newest first"),
    "oldest": N_("Oldest first"),
    "priority": N_("Priority first"),
    "waiting": N_("Longest in its stage"),
}
VIEWS = {"table": N_("Table"), "list": N_("List"), "board": N_("Board")}
VIEW_ICONS = {"table": "table_rows", "list": "view_agenda", "board": "view_kanban"}


def translated(texts: Mapping[str, str]) -> Callable[[str], str]:
    """A widget's format function, translated now: Streamlit may ask again where no language is chosen."""
    return {code: t(text) for code, text in texts.items()}.__getitem__
