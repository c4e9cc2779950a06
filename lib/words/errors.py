"""Errors in words, in the current language: the one place that the pages and the command line share.

Every reason code that is used anywhere has its words in `lib.words.reasons`. Texts with braces take the facts of the
error.
"""

from collections.abc import Callable, Mapping
from typing import Any

from lib.domain.records.lists import Lists
from lib.domain.time.reading import BadDate
from lib.domain.time.work_calendar import OutsideCalendar
from lib.errors import (
    AlreadyExists,
    CasesheetError,
    ChangedSince,
    Conflict,
    InvalidFields,
    NotAllowed,
    NotFound,
    Problem,
    SessionEnded,
    SignInFailed,
    SurveyClosed,
    WrongStage,
)
from lib.i18n import N_, current_language, t
from lib.store.schema import SCHEMA
from lib.words.files import FILE_ERRORS
from lib.words.names import field_name, filled, joined, reason_words, tab_name
from lib.words.opening import OPENING_ERRORS
from lib.words.store import STORE_ERRORS

_STEPS: Mapping[str, str] = {
    "stage": N_("{case_no} is in stage “{stage}” now, where this step is not possible."),
    "kind": N_("{case_no}: this step is not for this kind of case."),
    "priority": N_("{case_no}: this step is not for cases of this priority."),
    "done": N_("{case_no}: this step is done already."),
    "early": N_("{case_no}: this step comes too early."),
    "missing": N_("{case_no}: fill in first: {fields}."),
    "incomplete": N_("{case_no}: the file is not complete. Add what is missing, or a reason why it is archived so."),
    "own": N_("{case_no}: this step is for somebody who has not handled the case and is not complained about."),
}

_SIGN_IN: Mapping[str, str] = {
    "wrong": N_("E-mail or password is wrong. After 5 wrong ones the account is locked for 15 minutes, then longer."),
    "busy": N_("Too many attempts from your network. Wait a few minutes and try again."),
    "expired": N_("This one-time password has expired. Ask your administrator for another one."),
    "locked": N_("Too many attempts. Wait 15 minutes and try again."),
    "stranger": N_("This account is not on the staff list. Ask your administrator."),
    "issuer": N_("Accounts of this provider are not accepted here. Ask your administrator."),
    "tenant": N_("Accounts of this organisation are not accepted here. Ask your administrator."),
    "unverified": N_("The provider does not say that this e-mail address is verified. Ask your administrator."),
    "undated": N_("The provider does not say when you signed in. Ask your administrator."),
}

_SURVEY: Mapping[str, str] = {
    "answered": N_("This survey has been answered already. Thank you."),
    "expired": N_("This survey is closed."),
}


def explain(error: Exception, *, lists: Lists | None = None) -> list[str]:
    """What went wrong and, where it helps, what to do: one line for each field or case.

    `lists` gives the labels of choices (codes are shown without it). A foreign error gets a general
    sentence without details.
    """
    known = lists or Lists(())
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return words(error, known)
    return [t("Something went wrong. Try again, or tell your administrator.")]


def _invalid(error: InvalidFields, _: Lists) -> list[str]:
    return [_problem(error.tab, problem) for problem in error.problems]


def _problem(tab: str, problem: Problem) -> str:
    facts = problem.facts or {}
    line = t(
        "{field}: {value}{reason}",
        field=field_name(tab, problem.field),
        value=t("“{value}” ", value=problem.value[:60]) if problem.value else "",
        reason=reason_words(problem.code, facts),
    )
    return f"{line} ({facts['why']})" if "why" in facts else line


def _conflict(error: Conflict, lists: Lists) -> list[str]:
    return [_clash(clash.tab, clash.field, clash.record_id, clash.theirs, lists) for clash in error.clashes]


def _clash(tab: str, field: str, record_id: str, theirs: Any, lists: Lists) -> str:
    if not field:
        return t("{record} was removed by somebody else.", record=record_id)
    column = SCHEMA[tab].column(field)
    text = lists.label(column.choices, str(theirs), current_language()) if column and column.choices else theirs
    return t(
        "{field} of {record} was changed by somebody else; it is “{theirs}” now.",
        field=field_name(tab, field),
        record=record_id,
        theirs="" if text is None else text,
    )


def _wrong_stage(error: WrongStage, lists: Lists) -> list[str]:
    stage = lists.label("stage", error.stage, current_language())
    fields = joined(field_name("cases", name) for name in error.missing)
    facts = {"case_no": error.case_no, "stage": stage, "fields": fields}
    return [filled(_STEPS.get(error.why, _STEPS["stage"]), facts)]


def _not_allowed(error: NotAllowed, _: Lists) -> list[str]:
    if error.record:
        return [t("You may not do this with {record}.", record=error.record)]
    return [t("You may not do this.")]


def _not_found(error: NotFound, _: Lists) -> list[str]:
    return [t("{tab}: there is no “{record}”.", tab=tab_name(error.tab), record=error.record_id)]


def _exists(error: AlreadyExists, _: Lists) -> list[str]:
    return [t("{tab}: “{record}” is there already.", tab=tab_name(error.tab), record=error.record_id)]


def _changed_since(error: ChangedSince, _: Lists) -> list[str]:
    first = t("People have worked on cases of this import since; it was not undone:")
    return [first, *error.case_nos]


def _sign_in(error: SignInFailed, _: Lists) -> list[str]:
    return [t(_SIGN_IN[error.reason])]


def _session_ended(_: SessionEnded, __: Lists) -> list[str]:
    return [t("Your session has ended. Nothing was saved. Sign in again.")]


_WORDS: Mapping[type[Exception], Callable[[Any, Lists], list[str]]] = {
    InvalidFields: _invalid,
    Conflict: _conflict,
    WrongStage: _wrong_stage,
    NotAllowed: _not_allowed,
    NotFound: _not_found,
    AlreadyExists: _exists,
    ChangedSince: _changed_since,
    SurveyClosed: lambda error, _: [t(_SURVEY[error.why])],
    SessionEnded: _session_ended,
    SignInFailed: _sign_in,
    BadDate: lambda error, _: [reason_words(f"date_{error.why}")],
    OutsideCalendar: lambda _, __: [reason_words("outside_calendar")],
    **OPENING_ERRORS,
    **FILE_ERRORS,
    **STORE_ERRORS,
}
"""The most specific kinds first."""

KNOWN_ERRORS: tuple[type[Exception], ...] = (CasesheetError, *_WORDS)
"""The errors that `explain` words: those that are raised on purpose."""
