"""The triage of a case in words, the same on a page and on paper: severity and its reasons, the warranty.

Plain text in the language of this thread; a page escapes it.
"""

from lib.domain.records.severity import Assessment
from lib.domain.rules.warranty import Verdict, Warranty, WarrantyConfig
from lib.i18n import N_, current_language, format_date, format_number, t

_VERDICTS: dict[Verdict, str] = {
    "in": N_("Within the warranty"),
    "out": N_("Out of the warranty"),
    "unknown": N_("Warranty not known"),
}


def not_judged() -> str:
    return t("Preliminary: the severity has not been rated yet.")


def score(judged: Assessment) -> str:
    return t("Severity {score} of 100", score=points(judged.score))


def points(number: float) -> str:
    """With one decimal, where there is one."""
    return format_number(number, 0 if number == int(number) else 1)


def departure(judged: Assessment, priority: str) -> str:
    """Why `priority` is not what the score alone gives, or nothing."""
    if judged.priority != priority:
        return t("The priority was changed by hand.")
    return t("Danger to people is always P1.") if judged.forced else ""


def verdict(found: Warranty) -> str:
    return t(_VERDICTS[found.verdict])


def ground(found: Warranty, config: WarrantyConfig) -> str:
    """The last day of the warranty, if it is known, and the rule that gives it."""
    rule = config.rules[found.rule].label(current_language())
    return f"{t('until {day}', day=format_date(found.until))} · {rule}" if found.until else rule
