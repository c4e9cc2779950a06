"""The case file 案件档案 (requirement E4): everything kept about a case, in the order of its life, as one document."""

from collections.abc import Sequence

from lib.documents import clocks, judgement
from lib.documents import timeline as told
from lib.documents.paper import parts
from lib.documents.paper.blocks import Fact, facts, note, section
from lib.documents.paper.layout import PageLayout
from lib.documents.paper.letterhead import Letterhead
from lib.documents.paper.reader import CaseReader
from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.domain.records.workspace import HistoryLine
from lib.i18n import N_, t

GROUPS = {
    "header": N_("Case"),
    "intake": N_("Intake"),
    "client": N_("Client"),
    "property": N_("Property"),
    "report": N_("Report"),
    "triage": N_("Triage"),
    "assignment": N_("Assignment"),
    "handling": N_("Handling"),
    "visit": N_("Site visit"),
    "plan": N_("Plan and consent"),
    "answer": N_("Answer"),
    "review": N_("Review"),
    "closing": N_("Closing"),
    "origin": N_("Origin"),
    "clocks": N_("Clocks"),
}
"""The groups of a case's fields."""
_TITLED = frozenset({"case_no", "title"})


def lay_out(reader: CaseReader, head: Letterhead, lines: Sequence[HistoryLine]) -> PageLayout:
    """The file; `lines` is the timeline, the oldest line first."""
    sheet = PageLayout()
    head.open(sheet)
    facts(sheet, [Fact(t("Subject"), reader.value("title"), wide=True), *_group(reader, "header")])
    for group in ("intake", "client", "property", "report"):
        _section(sheet, reader, group)
    judgement.show(sheet, reader, t(GROUPS["triage"]), _group(reader, "triage"))
    _section(sheet, reader, "assignment")
    clocks.show(sheet, reader, lines, t(GROUPS["clocks"]))
    for group in ("handling", "visit", "plan"):
        _section(sheet, reader, group)
    parts.show_tasks(sheet, reader)
    parts.show_contacts(sheet, reader)
    parts.show_evidence(sheet, reader)
    for group in ("answer", "review", "closing"):
        _section(sheet, reader, group)
    parts.show_follow_ups(sheet, reader)
    parts.show_surveys(sheet, reader)
    if _group(reader, "origin"):
        _section(sheet, reader, "origin")
    if extras := reader.extras():
        section(sheet, t("Further facts"))
        facts(sheet, extras)
    told.show(sheet, reader, lines)
    head.close(sheet)
    return sheet


def _section(sheet: PageLayout, reader: CaseReader, group: str) -> None:
    section(sheet, t(GROUPS[group]))
    found = _group(reader, group)
    if found:
        facts(sheet, found)
    else:
        note(sheet, t("Nothing recorded."))


def _group(reader: CaseReader, group: str) -> list[Fact]:
    names = [name for name, column in columns(Case).items() if column.group == group and name not in _TITLED]
    return list(reader.facts(names))
