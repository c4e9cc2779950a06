"""The judgement of a case on paper: severity factor by factor, the reasons for its priority, the warranty."""

from collections.abc import Sequence

from lib.documents.paper.blocks import BOLD, Fact, TableColumn, facts, note, section, table
from lib.documents.paper.layout import PageLayout
from lib.documents.paper.reader import CaseReader
from lib.domain.records.severity import Assessment
from lib.domain.rules import warranty
from lib.i18n import current_language, t
from lib.services.cases.handling import SEVERITY_FIELDS, assessment
from lib.words import judgement as words


def show(sheet: PageLayout, reader: CaseReader, title: str, told: Sequence[Fact]) -> None:
    """What was judged, and why."""
    section(sheet, title)
    judged = assessment(reader.desk, {name: getattr(reader.case, name) for name in SEVERITY_FIELDS})
    scores = {reader.fact(name).label for name in (*SEVERITY_FIELDS, "severity_score")} if judged else set()
    facts(sheet, [fact for fact in told if fact.label not in scores])
    _warranty(sheet, reader)
    if judged is None:
        note(sheet, words.not_judged())
    else:
        _severity(sheet, reader, judged)


def _severity(sheet: PageLayout, reader: CaseReader, judged: Assessment) -> None:
    sheet.space(6)
    columns = (TableColumn(t("Factor"), 0.2), TableColumn(t("Rating"), 0.6), TableColumn(t("Points"), 0.2))
    rows = [
        (
            factor.label(current_language()),
            reader.value(f"severity_{factor.key}"),
            f"{words.points(judged.contributions[factor.key])} / {words.points(factor.weight)}",
        )
        for factor in reader.desk.config.severity.factors
    ]
    table(sheet, columns, rows)
    note(sheet, _reason(reader, judged), BOLD)


def _reason(reader: CaseReader, judged: Assessment) -> str:
    reason = f"{words.score(judged)} → {judged.priority} {reader.label('priority', judged.priority)}"
    return " · ".join(part for part in (reason, words.departure(judged, reader.case.priority)) if part)


def _warranty(sheet: PageLayout, reader: CaseReader) -> None:
    case, config = reader.case, reader.desk.config.warranty
    if not case.category or not case.handover_on:
        return
    day = case.occurred_on or case.taken_at.astimezone(reader.desk.settings.zone).date()
    found = warranty.check(case.category, case.handover_on, day, config)
    note(sheet, f"{words.verdict(found)} · {words.ground(found, config)}")
