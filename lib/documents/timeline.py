"""The timeline of a case on paper: who did what and when, what changed, and whether the client could see it."""

from collections.abc import Iterator, Sequence

from lib.desk.desk import Desk
from lib.documents.paper.blocks import ASIDE, BODY, BOLD, SMALL, TableColumn, note, section, table
from lib.documents.paper.layout import PageLayout, Part
from lib.documents.paper.reader import CaseReader
from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.domain.records.workspace import HistoryLine
from lib.i18n import N_, current_language, t
from lib.services.story.audit import visible
from lib.services.story.changes import Changed, changed_fields
from lib.words.actions import ACTIONS

PRINTED = {"work_order": N_("Work order"), "case_file": N_("Case file"), "plan": N_("Handling plan")}
"""What the text of an export says when it was a document about one case."""
_LONGEST = 300  # characters of one value before or after a change; the present one is among the facts


def show(sheet: PageLayout, reader: CaseReader, lines: Sequence[HistoryLine]) -> None:
    """All lines in order; a line that the client could see is marked."""
    section(sheet, t("Timeline"))
    if not lines:
        note(sheet, t("Nothing recorded."))
        return
    heads = (
        TableColumn(t("Time"), 0.2, ASIDE),
        TableColumn(t("Who"), 0.13),
        TableColumn(t("Seen by"), 0.11),
        TableColumn(t("What was done"), 0.56),
    )
    table(sheet, heads, [_row(reader, line) for line in lines])


def _row(reader: CaseReader, line: HistoryLine) -> Sequence[str | tuple[Part, ...]]:
    seen = (Part(t("client"), BOLD),) if line.audience == "client" else (Part(t("internal"), ASIDE),)
    return reader.time(line.at), reader.person(line.actor), seen, tuple(_what(reader, line))


def _what(reader: CaseReader, line: HistoryLine) -> Iterator[Part]:
    yield Part(action_name(reader.desk, line), BOLD)
    text = _text(line)
    if text:
        yield Part(text, BODY)
    for change in changed_fields(line):
        yield Part(_change(reader, change), SMALL)


def action_name(desk: Desk, line: HistoryLine) -> str:
    """What was done, in the current language."""
    move = desk.config.workflow.moves.get(line.action)
    if move is not None:
        return move.label(current_language())
    return t(ACTIONS[line.action][0]) if line.action in ACTIONS else line.action


def _text(line: HistoryLine) -> str:
    if line.action == "export" and line.text in PRINTED:
        return t(PRINTED[line.text])
    if line.action == "reveal" and line.text in columns(Case):
        return columns(Case)[line.text].label(current_language())
    return line.text


def _change(reader: CaseReader, change: Changed) -> str:
    column = change.column
    label = column.label(current_language())
    if column.personal and not visible(reader.actor, reader.case, column.key):
        return f"{label}: {t('changed')}"
    before, after = (_short(reader.words(column, value)) for value in (change.before, change.after))
    return f"{label}: {before} → {after or '—'}" if before else f"{label}: {after}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
