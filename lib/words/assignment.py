"""The decision of the assignment rules in words: which rule chose, why those before did not, and who was passed over.

Plain text in the language of this thread; a page escapes it.
"""

from collections.abc import Iterator
from typing import Literal

from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.domain.records.lists import Lists
from lib.domain.rules.assignment import AssignmentStep, Candidate, Choice, Condition, Proposal, Skip, SkipReason
from lib.i18n import N_, current_language, format_date, t

Mark = Literal["unmet", "rule", "skipped", "fit", "chosen"]

_SKIPPED: dict[SkipReason, str] = {
    "away": N_("{name}: away until {day}"),
    "no_cases": N_("{name}: takes no cases (capacity 0)"),
    "has_it": N_("{name}: has the case now"),
    "reviewed": N_("{name}: reviews the case"),
    "complained_about": N_("{name}: is the person complained about"),
    "full": N_("{name}: full, {open} of {capacity}"),
}
_WHY: dict[Choice, str] = {
    "round_robin": N_("next in turn"),
    "least_open": N_("the least open work for the capacity"),
    "all_full": N_("all are full, this is the least loaded"),
    "nobody": N_("The rules find nobody for this case."),
}


def why(proposal: Proposal) -> str:
    """Rule and method in one line."""
    words = t(_WHY[proposal.why])
    return f"{proposal.rule.label(current_language())} · {words}" if proposal.rule else words


def explanation(proposal: Proposal, lists: Lists) -> Iterator[tuple[Mark, str]]:
    """The steps to the decision, line by line."""
    for number, step in enumerate(proposal.steps, start=1):
        name = f"{number}. {step.rule.label(current_language())}"
        if step.unmet:
            why_not = ", ".join(_unmet(condition, proposal.case, lists) for condition in step.unmet)
            yield "unmet", t("{rule}: does not apply ({why})", rule=name, why=why_not)
        else:
            yield "rule", name
            yield from _people(step, proposal)


def _people(step: AssignmentStep, proposal: Proposal) -> Iterator[tuple[Mark, str]]:
    chosen = proposal.assignee if step is proposal.steps[-1] else ""
    passed = {skip.candidate.staff.staff_id for skip in step.skipped}
    for one in step.considered:
        if one.staff.staff_id == chosen:
            yield "chosen", f"{_load(one)} · {t(_WHY[proposal.why])}"
    for one in step.considered:
        if one.staff.staff_id not in passed and one.staff.staff_id != chosen:
            yield "fit", _load(one)
    for skip in step.skipped:
        yield "skipped", _skipped(skip)
    if not step.considered:
        yield "skipped", t("There is nobody in this group.")


def _load(candidate: Candidate) -> str:
    words = t("{open} of {capacity} open", open=candidate.open, capacity=candidate.staff.capacity)
    last = candidate.given[0] if candidate.given else None
    given = t("last given a case on {day}", day=format_date(last.date())) if last else t("never given a case yet")
    return t("{name}: {load}", name=candidate.staff.name, load=f"{words} · {given}")


def _skipped(skip: Skip) -> str:
    staff = skip.candidate.staff
    return t(
        _SKIPPED[skip.why],
        name=staff.name,
        day=format_date(skip.until) if skip.until else "",
        open=skip.candidate.open,
        capacity=staff.capacity,
    )


def _unmet(condition: Condition, case: Case, lists: Lists) -> str:
    column, value = columns(Case)[condition], str(getattr(case, condition))
    label = lists.label(column.choices, value, current_language()) if column.choices and value else value
    return t("{field} is “{value}”", field=column.label(current_language()), value=label or t("empty"))
