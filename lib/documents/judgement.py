"""The judgement of a case on paper: severity factor by factor, the reasons for its priority, the warranty."""

from collections.abc import Sequence

from lib.documents.blocks import BOLD, Fact, TableColumn, facts, note, section, table
from lib.documents.reader import Reader
from lib.documents.sheet import Sheet
from lib.domain import warranty
from lib.domain.severity import Assessment
from lib.i18n import current_language, format_date, format_number, t
from lib.services.handling import SEVERITY_FIELDS, assessment


def show(sheet: Sheet, reader: Reader, title: str, told: Sequence[Fact]) -> None:
    """What was judged, and why."""
    section(sheet, title)
    judged = assessment(reader.desk, {name: getattr(reader.case, name) for name in SEVERITY_FIELDS})
    scores = {reader.fact(name).label for name in (*SEVERITY_FIELDS, "severity_score")} if judged else set()
    facts(sheet, [fact for fact in told if fact.label not in scores])
    _warranty(sheet, reader)
    if judged is None:
        note(sheet, t("Preliminary: the severity has not been judged yet."))
    else:
        _severity(sheet, reader, judged)


def _severity(sheet: Sheet, reader: Reader, judged: Assessment) -> None:
    sheet.space(6)
    columns = (TableColumn(t("Factor"), 0.2), TableColumn(t("Judged"), 0.6), TableColumn(t("Points"), 0.2))
    chinese = current_language().startswith("zh")
    rows = [
        (
            factor.zh if chinese else factor.en,
            reader.value(f"severity_{factor.key}"),
            f"{_points(judged.contributions[factor.key])} / {_points(factor.weight)}",
        )
        for factor in reader.desk.config.severity.factors
    ]
    table(sheet, columns, rows)
    note(sheet, _reason(reader, judged), BOLD)


def _reason(reader: Reader, judged: Assessment) -> str:
    case = reader.case
    score = t("Severity {score} of 100", score=_points(judged.score))
    reason = f"{score} → {judged.priority} {reader.label('priority', judged.priority)}"
    if judged.priority != case.priority:
        return f"{reason} · {t('The priority was changed by hand.')}"
    return f"{reason} · {t('Danger to people is always P1.')}" if judged.forced else reason


def _warranty(sheet: Sheet, reader: Reader) -> None:
    case, config = reader.case, reader.desk.config.warranty
    if not case.category or not case.handover_on:
        return
    day = case.occurred_on or case.taken_at.astimezone(reader.desk.settings.zone).date()
    found = warranty.check(case.category, case.handover_on, day, config)
    rule = config.rules[found.rule]
    words = {
        "in": t("Within the warranty"),
        "out": t("Out of the warranty"),
        "unknown": t("Warranty not known"),
    }[found.verdict]
    until = f" · {t('until {day}', day=format_date(found.until))}" if found.until else ""
    note(sheet, f"{words}{until} · {rule.zh if current_language().startswith('zh') else rule.en}")


def _points(number: float) -> str:
    return format_number(number, 0 if number == int(number) else 1)
