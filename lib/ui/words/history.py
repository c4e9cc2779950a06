"""Lines of History in words: what was done, with which icon, and what changed."""

from collections.abc import Iterator
from typing import Any

from lib.documents.timeline import PRINTED
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Alert
from lib.domain.records.fields import Column, people_in
from lib.domain.records.workspace import HistoryLine
from lib.i18n import t
from lib.services.story.audit import visible
from lib.services.story.changes import changed_fields
from lib.store.schema import SCHEMA
from lib.ui.session.page import Here
from lib.ui.words.alerts import about, names, step_name
from lib.ui.words.markdown import plain
from lib.words.actions import ACTIONS

CHANGES = 5  # changed fields told of one line


def action_text(here: Here, line: HistoryLine) -> str:
    """What was done, with its icon."""
    move = here.desk.config.workflow.moves.get(line.action)
    if move is not None:
        label = move.label(here.language)
        return f":material/{move.icon}: {label}"
    label, icon = ACTIONS.get(line.action, (line.action, "history"))
    return f":material/{icon}: {t(label)}"


def words_of(here: Here, line: HistoryLine, case: Case) -> str:
    """The text of a line, personal data and codes put right."""
    tab = SCHEMA["cases"]
    if line.action in ("alert", "alert_seen"):
        alert = here.desk.snapshot[Alert].get(line.record_id)
        return (
            f"{step_name(here, alert.step)} · {about(here, alert, case)} · {names(here, people_in(alert.told))}"
            if alert
            else ""
        )
    if line.action == "reveal":
        column = tab.columns.get(line.text)
        return column.label(here.language) if column else line.text
    if line.action == "export" and line.text in PRINTED:
        return t(PRINTED[line.text])
    return "" if line.action == "intake" and line.text == case.title else line.text


def changes_of(here: Here, line: HistoryLine, case: Case) -> Iterator[str]:
    """What changed, field by field, as Markdown; no personal data to who may not see it."""
    for change in changed_fields(line):
        column, label = change.column, plain(change.column.label(here.language))
        if column.personal and not visible(here.actor, case, column.key):
            yield t("{field}: {value}", field=label, value=t("changed"))
        else:
            step = f"{_value(here, column, change.before)} → **{_value(here, column, change.after)}**"
            yield t("{field}: {value}", field=label, value=step)


def _value(here: Here, column: Column, value: Any) -> str:
    text = here.value(column, value)
    return plain(text if len(text) <= 60 else text[:59] + "…")
