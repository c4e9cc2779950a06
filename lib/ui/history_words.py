"""Lines of History in words: what was done, with which icon, and what changed."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from lib.domain.case import Case
from lib.domain.fields import Cell, Column
from lib.domain.workspace import HistoryLine
from lib.i18n import N_, t
from lib.services.audit import visible
from lib.store.schema import SCHEMA
from lib.ui.forms import shown
from lib.ui.page import Here
from lib.ui.plain import plain

ACTIONS = {
    "intake": (N_("Taken in"), "call"),
    "create": (N_("Created"), "add_circle"),
    "edit": (N_("Facts changed"), "edit"),
    "note": (N_("Note"), "sticky_note_2"),
    "call": (N_("Call"), "call"),
    "visit": (N_("Visit"), "directions_walk"),
    "message": (N_("Message"), "chat"),
    "add_evidence": (N_("File added"), "attach_file"),
    "add_task": (N_("Task added"), "add_task"),
    "finish_task": (N_("Task done"), "task_alt"),
    "ask_party": (N_("Asked somebody outside"), "add_call"),
    "party_done": (N_("Done by somebody outside"), "task_alt"),
    "plan_follow_up": (N_("Follow-up planned"), "event"),
    "follow_up": (N_("Follow-up call"), "phone_callback"),
    "follow_up_try": (N_("Client not reached"), "phone_missed"),
    "from_follow_up": (N_("Opened from a follow-up"), "phone_callback"),
    "send_survey": (N_("Survey sent"), "send"),
    "replace_survey": (N_("Earlier survey ended"), "link_off"),
    "answer_survey": (N_("Survey answered"), "rate_review"),
    "low_score": (N_("Low score"), "sentiment_dissatisfied"),
    "reveal": (N_("Personal data shown"), "visibility"),
    "export": (N_("Exported"), "download"),
    "fix": (N_("Put right"), "healing"),
    "restore": (N_("Restored"), "restore_from_trash"),
}
CHANGES = 5  # changed fields told of one line


def action_text(here: Here, line: HistoryLine) -> str:
    """What was done, with its icon."""
    move = here.desk.config.workflow.moves.get(line.action)
    if move is not None:
        label = move.zh if here.language.startswith("zh") else move.en
        return f":material/{move.icon}: {label}"
    label, icon = ACTIONS.get(line.action, (line.action, "history"))
    return f":material/{icon}: {t(label)}"


def words_of(here: Here, line: HistoryLine, case: Case) -> str:
    """The text of a line, personal data and codes put right."""
    tab = SCHEMA["cases"]
    if line.action == "reveal":
        column = tab.columns.get(line.text)
        return column.label(here.language) if column else line.text
    return "" if line.action == "intake" and line.text == case.title else line.text


def changes_of(here: Here, line: HistoryLine, case: Case) -> Iterator[str]:
    """What changed, field by field, as Markdown; not what the app itself keeps, and no personal data to who may not."""
    tab = SCHEMA.get(line.tab)
    if tab is None or not line.changes or line.action in ("intake", "create", "add_evidence"):
        return
    told = json.loads(line.changes)
    for name, (before, after) in list(told.items()):
        column = tab.columns.get(name)
        if column is None or before == after or (column.locked and name != "stage") or _long_text_told(line, after):
            continue
        label = plain(column.label(here.language))
        if column.personal and not visible(here.actor, case, name):
            yield f"{label}: {t('changed')}"
        else:
            yield f"{label}: {_value(here, column, before)} → **{_value(here, column, after)}**"


def _long_text_told(line: HistoryLine, after: Cell) -> bool:
    return isinstance(after, str) and bool(after) and after == line.text


def _value(here: Here, column: Column, cell: Cell) -> str:
    text = shown(here, column, _typed(column, cell))
    return plain(text if len(text) <= 60 else text[:59] + "…")


def _typed(column: Column, cell: Cell) -> Any:
    """A cell as the value that a record holds; one that was no such value stays as it was written."""
    if not isinstance(cell, str) or not cell:
        return cell
    try:
        if column.kind == "time":
            return datetime.fromisoformat(cell)
        return date.fromisoformat(cell) if column.kind == "date" else cell
    except ValueError:
        return cell
