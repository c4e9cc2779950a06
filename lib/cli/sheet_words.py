"""The steps of a set-up and the assumptions of the self-check in words."""

from collections.abc import Mapping, Sequence

from lib.domain.records.extras import is_extra
from lib.i18n import N_, t
from lib.store.sheets.selfcheck.selfcheck import Finding
from lib.store.sheets.setup.steps import SheetStep
from lib.words.names import field_name, joined, tab_name

_STEPS: Mapping[str, str] = {
    "tab": N_("Make the tab {tab}"),
    "columns": N_("{tab}: add at the end: {names}"),
    "lost": N_(
        "{tab}: no header says {names}. If somebody renamed it, give it its name back. If the column was deleted, "
        "--restore-columns adds it again, empty."
    ),
    "twice": N_("{tab}: the header of {names} is there twice. Delete or rename the column that is not the app's."),
    "time_zone": N_("Set the time zone of the spreadsheet to {names}"),
    "choices": N_("Write what the dropdowns offer: {names}"),
    "look": N_("{tab}: widths, headers and groups of {names}"),
    "formats": N_("{tab}: number and date formats of {names}"),
    "dropdowns": N_("{tab}: dropdowns for {names}"),
    "protection": N_("{tab}: protect {names}"),
    "colours": N_("{tab}: colour what is late, soon or unreadable in {names}"),
    "views": N_("{tab}: filter view “{names}”"),
    "longer_views": N_("{tab}: let the filter view “{names}” reach over all rows"),
    "readme": N_("Write the Read-me tab for managers"),
    "memory": N_("Note in the sheet what was done"),
    "first_tab": N_("Remove the empty tab that every new spreadsheet has"),
}
_OWN_TABS: Mapping[str, str] = {
    "_choices": N_("the hidden tab of choices"),
    "_readme": N_("the Read-me tab"),
    "_casesheet": N_("the app's hidden tab"),
}
_PARTS: Mapping[str, str] = {"(header)": N_("the header row"), "(tab)": N_("the whole tab")}
_SHOWN = 8
_ASSUMPTIONS: Mapping[str, str] = {
    "one_winner": N_("Of two simultaneous changes with one number exactly one is accepted"),
    "error_text": N_("The refusal says that the number is taken"),
    "atomic": N_("A change with one wrong part is refused as a whole"),
    "grid_shows_keys": N_("The answer to a change shows the cells as they are after it"),
    "copy_first": N_("A copy made within a change holds what stood there before"),
    "copy_of_hidden": N_("A copy takes rows along that a filter hides"),
    "append_filtered": N_("New rows come after the last one also while a filter is on"),
    "doubles_exact": N_("Numbers come back to the last digit"),
    "many_requests": N_("Hundreds of steps go into one change"),
    "many_markers": N_("The spreadsheet holds as many numbers of changes as the app keeps"),
    "append_order": N_("New rows stand in the order in which they were sent"),
    "append_position": N_("New rows come right after the last one with content"),
    "text_stays_text": N_("Text that looks like a formula stays text"),
    "delete_missing": N_("Deleting a number that is gone is no error"),
    "sort_over_protected": N_("Rows can be sorted across columns that warn"),
    "rows_keep_format": N_("Rows added at the end keep formats and dropdowns"),
    "copy_of_file": N_("A copy of the file takes tabs and the app's numbers along"),
    "other_account": N_("The numbers of another account are seen, and taken"),
    "other_project": N_("No other project takes a number unseen"),
    "version_follows": N_("Drive notices an edit within a minute"),
}
UNTRIED = N_(
    "Not tried, because no interface restores a version of the file: whether the app's numbers go back with it. The "
    "app is made for both."
)
UNTRIED_ALONE = N_(
    "Not tried, because it takes the key of a second account (--other-key): whether the changes of another account are "
    "seen alike. Let every process use one account."
)

_LOST = N_("What two processes save at the same moment could be lost; one alone is safe.")
_FOLLOWS: Mapping[str, str] = {
    **dict.fromkeys(("one_winner", "error_text", "atomic", "grid_shows_keys", "copy_first"), _LOST),
    **dict.fromkeys(("append_order", "append_position", "other_account"), _LOST),
    "copy_of_hidden": N_("Nobody may leave a filter on while the app saves: use filter views, which hide nothing."),
    "append_filtered": N_("New rows could land in the wrong place while a filter is on: use filter views instead."),
    "doubles_exact": N_("Rows could be taken for edited by hand: do not use this spreadsheet for real work."),
    "many_requests": N_("Large saves are refused as a whole: save in smaller parts."),
    "many_markers": N_("Some day saves would be refused: do not use this spreadsheet for real work."),
    "text_stays_text": N_("What clients write could become a formula: do not use this spreadsheet for real work."),
    "delete_missing": N_("Now and then a save has to be made again."),
    "sort_over_protected": N_("Managers cannot sort a whole tab: use filter views."),
    "rows_keep_format": N_("Run sheet setup once a month: it gives new rows their formats."),
    "copy_of_file": N_("A copy of the file cannot take its place: copy the workspace with casesheet move."),
    "other_project": N_(
        "Such a number is skipped, and data health then speaks of an older version that nobody restored: let no other "
        "program mark this spreadsheet."
    ),
    "version_follows": N_("Edits in the spreadsheet may appear a minute later."),
}
"""What follows where an assumption does not hold."""


def step_words(step: SheetStep) -> str:
    """One step in the current language."""
    tab = t(_OWN_TABS[step.tab]) if step.tab in _OWN_TABS else tab_name(step.tab)
    return t(_STEPS[step.kind], tab=tab, names=_names(step))


def _names(step: SheetStep) -> str:
    if step.kind in ("views", "longer_views"):
        return joined(t(name) for name in step.names)
    named = list(dict.fromkeys(_name(step.tab, name) for name in step.names))
    more = len(named) - _SHOWN
    return joined(named[:_SHOWN]) + (t(" and {n} more", n=more) if more > 0 else "")


def _name(tab: str, name: str) -> str:
    """A part, a field, or the field of a rule such as "late due_at"."""
    if name in _PARTS:
        return t(_PARTS[name])
    rule, _, ruled = name.partition(" ")
    return field_name(tab, ruled if ruled and not is_extra(rule) else name)


def finding_words(findings: Sequence[Finding]) -> list[str]:
    """One line for each assumption; below it what follows where it does not hold."""
    return [
        line
        for found in findings
        for line in (_finding(found), *(() if found.held else (f"  {t(_FOLLOWS[found.name])}",)))
    ]


def _finding(found: Finding) -> str:
    return t(
        "{mark} {assumption} ({seconds} s){detail}",
        mark="✓" if found.held else "✗" if found.needed else "–",
        assumption=t(_ASSUMPTIONS[found.name]),
        seconds=f"{found.seconds:.1f}",
        detail=f": {found.detail}" if found.detail else "",
    )
