"""Errors in words, in the current language: the one place that the pages and the command line share.

Every reason code that is used anywhere has its words in `lib.words.reasons`. Texts with braces take the facts of the
error.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil
from string import Formatter
from typing import Any

from lib.domain.records.lists import Lists
from lib.domain.text.uploads import MEGABYTE, BadUpload, UploadProblem
from lib.domain.time.reading import BadDate
from lib.domain.time.work_calendar import OutsideCalendar
from lib.errors import (
    AlreadyExists,
    ApiDisabled,
    BadCredentials,
    CannotMove,
    CasesheetError,
    CellsProtected,
    ChangedSince,
    ConfigError,
    Conflict,
    DemoHere,
    Difference,
    DriveFull,
    FileLost,
    FilesUnavailable,
    HeaderMissing,
    HeaderTwice,
    InvalidFields,
    NetworkDown,
    NoAccess,
    NoDemoHere,
    NotAllowed,
    NotFound,
    NoWorkspace,
    OpeningFailed,
    OutcomeUnknown,
    Problem,
    QuotaExceeded,
    SessionEnded,
    SeveralWriters,
    SignInFailed,
    SpreadsheetMissing,
    StoreBusy,
    StoreError,
    StoreTooNew,
    SurveyClosed,
    TabMissing,
    UnfinishedCopy,
    WriteTooLarge,
    WrongStage,
)
from lib.i18n import N_, current_language, t
from lib.store.schema import SCHEMA
from lib.store.sheets.model.tabs import sheet_tabs
from lib.tabular.table import UnreadableTable
from lib.tabular.writing import CellTooLong
from lib.words.reasons import REASONS

"""What is wrong with a field, by reason code; to be read after the field's name."""

_UNREADABLE: Mapping[str, str] = {
    "empty": N_("The file is empty."),
    "encrypted": N_("The file is protected with a password. Save it without one and try again."),
    "damaged": N_("The file is damaged and cannot be read."),
    "unknown_format": N_("This kind of file is not known. Use CSV, XLSX, XLS or ODS."),
    "not_text": N_("The file is neither a table nor text that can be read."),
    "unclosed_quote": N_("A quotation mark in line {line} is never closed."),
    "too_large": N_("The file has {size} MB; {limit} MB are allowed. Split it, or save it as XLSX."),
    "too_large_unpacked": N_("Unpacked the file has {size} MB; {limit} MB are allowed. Split it, or save it as CSV."),
    "too_many_rows": N_("The file has more than {limit} rows. Split it."),
    "too_many_columns": N_("The file has more than {limit} columns."),
    "too_many_cells": N_("The file has more than {limit} cells. Split it, or leave out columns."),
    "no_such_sheet": N_("The file has no sheet “{sheet}”."),
}
_UPLOADS: Mapping[str, str] = {
    UploadProblem.EMPTY: N_("{name}: the file is empty."),
    UploadProblem.TOO_LARGE: N_("{name}: the file is too large, {limit_mb} MB are allowed."),
    UploadProblem.TOO_MANY: N_("At most {limit} files are allowed."),
    UploadProblem.DANGEROUS: N_("{name}: programs, web pages and documents with macros are not accepted."),
    UploadProblem.UNKNOWN_TYPE: N_("{name}: this kind of file is not accepted."),
    UploadProblem.NOT_ALLOWED: N_("{name}: this kind of file is not accepted here."),
    UploadProblem.WRONG_EXTENSION: N_("{name}: the content does not fit the ending of the name."),
}
_STEPS: Mapping[str, str] = {
    "stage": N_("{case_no} is in stage “{stage}” now, where this step is not possible."),
    "kind": N_("{case_no}: this step is not for this kind of case."),
    "priority": N_("{case_no}: this step is not for cases of this priority."),
    "done": N_("{case_no}: this step is done already."),
    "early": N_("{case_no}: this step comes too early."),
    "missing": N_("{case_no}: before this step must be filled in: {fields}."),
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
_FILES: Mapping[str, str] = {
    "missing": N_("This file is missing from the place of the files. Restore it from the backup, or add it again."),
    "damaged": N_("This file was changed or damaged since it was added: its checksum is another. Restore it."),
}
_MOVES: Mapping[str, str] = {
    "other_data": N_("The target holds data that is no copy of the source; nothing was moved. Use an empty target."),
    "unfit": N_("The source holds cells that cannot be moved. Correct them (see data health), then move again."),
    "by_hand": N_(
        "People changed rows of the source that the app has not taken in: they would be lost. Start Casesheet on the "
        "source, put right what Data health shows, stop it, and run the command again."
    ),
    "unfinished": N_("The source is itself a copy that was never finished. Finish that move first."),
    "newer": N_("A later version of Casesheet works on the source. Update this one, and move then."),
    "source_changed": N_("Somebody saved to the source during the move. Run the same command again: it goes on here."),
    "in_use": N_("Somebody saves to the target during the move. Stop that first; the target is not a whole copy."),
}
_DIFFERENCES: Mapping[str, str] = {
    "missing": N_("{tab} {key}: is missing in the target"),
    "extra": N_("{tab} {key}: is only in the target"),
    "changed": N_("{tab} {key}: differs in {fields}"),
    "by_hand": N_("{tab} {key}: changed in the spreadsheet"),
    "unfit": N_("{tab} {key}: cannot be kept elsewhere as it is: {fields}"),
    "twice": N_("{tab} {key}: several rows have this key"),
}
_DIFFERENCES_SHOWN = 20
_A_MINUTE, _A_DAY = 60.0, 86_400.0  # seconds
_NAMES: Mapping[str, str] = {
    "text": N_("Text"),
    "old": N_("Old password"),
    "new": N_("New password"),
    "description": N_("Description"),
    "name": N_("Name"),
    "reason": N_("Reason"),
    "file": N_("File"),
    "where": N_("Condition"),
    "written_plan": N_("Written plan"),
    "witness": N_("Witness"),
    "statement": N_("What the witness says"),
}
"""Fields of forms that are no column of the tab in question."""


def explain(error: Exception, *, lists: Lists | None = None) -> list[str]:
    """What went wrong and, where it helps, what to do: one line for each field or case.

    `lists` gives the labels of choices (codes are shown without it). An error that is not one of ours gets a general
    sentence that gives nothing away.
    """
    known = lists or Lists(())
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return words(error, known)
    return [t("Something went wrong. Try again, or tell your administrator.")]


def reason_words(code: str, facts: Mapping[str, Any] | None = None) -> str:
    """A reason code in words, to be read after the name of the field."""
    if code in ("too_long", "string_too_long") and "limit" in (facts or {}):
        code = "over_limit"
    return _filled(REASONS.get(code, N_("is not valid")), facts or {})


def field_name(tab: str, field: str) -> str:
    """The label of a field of a tab, in the current language; the key where there is none."""
    known = sheet_tabs(SCHEMA).get(tab)
    column = known.column(field) if known else None
    if column is not None:
        return column.label(current_language())
    return t(_NAMES[field]) if field in _NAMES else field


def tab_name(tab: str) -> str:
    """The label of a tab, in the current language."""
    known = sheet_tabs(SCHEMA).get(tab)
    if known is None:
        return tab
    return known.label(current_language())


def joined(names: Iterable[str]) -> str:
    """Names one after the other, as the current language does it."""
    return t(", ").join(names)


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
    return [_filled(_STEPS.get(error.why, _STEPS["stage"]), facts)]


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


def _no_demo(error: NoDemoHere, _: Lists) -> list[str]:
    first = t(
        "No demo is made here: this workspace is in use ({count} rows in “{tab}”), and everybody can enter a demo.",
        count=error.count,
        tab=tab_name(error.tab),
    )
    return [first, t("Give the demo a store of its own, for example: --store sqlite:///data/demo.db")]


def _demo_here(_: DemoHere, __: Lists) -> list[str]:
    first = t("This is the workspace of a demo, which everybody enters without signing in.")
    return [first, t("Give your own workspace another store in config/app.toml, for example: sqlite:///data/office.db")]


def _cannot_move(error: CannotMove, _: Lists) -> list[str]:
    return [t(_MOVES[error.why]), *difference_words(error.differences)]


def difference_words(differences: Sequence[Difference]) -> list[str]:
    """A line for each of the first differences between two stores, and how many more there are."""
    lines = [
        t(
            _DIFFERENCES[found.kind],
            tab=tab_name(found.tab),
            key=found.key,
            fields=joined(field_name(found.tab, name) for name in found.fields),
        )
        for found in differences[:_DIFFERENCES_SHOWN]
    ]
    more = len(differences) - len(lines)
    return [*lines, t("… and {n} more", n=more)] if more else lines


def _sign_in(error: SignInFailed, _: Lists) -> list[str]:
    return [t(_SIGN_IN[error.reason])]


def _session_ended(_: SessionEnded, __: Lists) -> list[str]:
    return [t("Your session has ended. Nothing was saved. Sign in again.")]


def _upload(error: BadUpload, _: Lists) -> list[str]:
    megabytes = int(error.facts.get("limit", 0)) // MEGABYTE
    return [_filled(_UPLOADS[error.problem], {"name": error.name, "limit_mb": megabytes, **error.facts})]


def _unreadable(error: UnreadableTable, _: Lists) -> list[str]:
    return [_filled(_UNREADABLE[error.reason], error.facts)]


def _too_long(error: CellTooLong, _: Lists) -> list[str]:
    return [
        t(
            "Row {row}, {column}: the text has {length} characters, a cell of XLSX holds {limit}. Use CSV.",
            row=error.row,
            column=error.column,
            length=error.length,
            limit=error.limit,
        )
    ]


def _config(error: ConfigError, _: Lists) -> list[str]:
    known = error.code in REASONS and error.code != "value_error"  # a rule in words of its own says more
    why = reason_words(error.code, error.facts) if known else error.why
    place = {"file": error.file, "key": error.key}
    return [t("{file}, {key}: {why}", **place, why=why) if error.key else t("{file}: {why}", **place, why=why)]


def _busy(_: StoreBusy, __: Lists) -> list[str]:
    return [t("Too many people are saving at this moment; nothing was saved. Try again.")]


def _silent(_: OutcomeUnknown, __: Lists) -> list[str]:
    return [
        t("The data did not answer, so it is not known whether this was saved. Save again: nothing is saved twice.")
    ]


def _no_access(error: NoAccess, _: Lists) -> list[str]:
    first = t("The spreadsheet cannot be opened or changed: it is not shared with this app.")
    return [first, t("Share it with {email} as an editor, and try again.", email=error.email)]


def _api_disabled(_: ApiDisabled, __: Lists) -> list[str]:
    first = t("The Google Sheets API or the Google Drive API is not enabled in the project of the service account.")
    return [first, t("Ask your administrator to enable both, and try again a few minutes later.")]


def _drive_full(error: DriveFull, _: Lists) -> list[str]:
    first = t("The Drive of {email} has no room for another file.", email=error.email)
    return [first, t("Make an empty spreadsheet yourself and share it with this address as an editor.")]


def _over_quota(error: QuotaExceeded, _: Lists) -> list[str]:
    if error.wait is None or error.wait <= _A_MINUTE:
        return [t("Google Sheets takes no more calls for the moment. Wait a minute and try again.")]
    return [t("Google Sheets takes no more calls for the next {n} minutes. Try again then.", n=_minutes(error.wait))]


def _network_down(error: NetworkDown, _: Lists) -> list[str]:
    if error.wait is None or error.wait <= _A_MINUTE:
        return [t("Google Sheets cannot be reached. Check the connection and try again.")]
    return [t("Google Sheets is out of order, and asks for {n} minutes. Try again then.", n=_minutes(error.wait))]


def _minutes(seconds: float) -> int:
    """Never fewer than it takes, and no more than a day: who waits longer need not know."""
    return ceil(min(seconds, _A_DAY) / _A_MINUTE)


def _header_missing(error: HeaderMissing, _: Lists) -> list[str]:
    if len(error.fields) > _HEADERS_NAMED:
        first = t("In the spreadsheet, tab “{tab}”: the row of headers is missing.", tab=tab_name(error.tab))
        return [first, t("Undo its deletion, or restore it from the version history of the spreadsheet.")]
    headers = joined(field_name(error.tab, field) for field in error.fields)
    return [
        t(
            "In the spreadsheet, tab “{tab}”: the header “{header}” is missing. Put it back in the first row.",
            tab=tab_name(error.tab),
            header=headers,
        )
    ]


def _header_twice(error: HeaderTwice, _: Lists) -> list[str]:
    headers = joined(field_name(error.tab, field) for field in error.fields)
    return [
        t(
            "In the spreadsheet, tab “{tab}”: the header “{header}” is there twice. Delete or rename the wrong column.",
            tab=tab_name(error.tab),
            header=headers,
        )
    ]


def _cells_protected(error: CellsProtected, _: Lists) -> list[str]:
    return [
        t("In the spreadsheet, somebody protected cells that the app has to write."),
        t(
            "In Data → Protect sheets and ranges, let {email} edit them, or take the protection away.",
            email=error.email,
        ),
    ]


_HEADERS_NAMED = 5  # where more of them are missing, somebody deleted the whole row


def _tab_missing(error: TabMissing, _: Lists) -> list[str]:
    text = t("In the spreadsheet the tab “{tab}” is missing.", tab=tab_name(error.tab))
    return [text, t("Restore it from the version history of the spreadsheet, or set the spreadsheet up again.")]


def _spreadsheet_missing(error: SpreadsheetMissing, _: Lists) -> list[str]:
    return [
        t(
            "There is no spreadsheet {spreadsheet}. It was deleted, or its address in the settings is wrong.",
            spreadsheet=error.spreadsheet_id,
        ),
        t("Take it out of the bin of Google Drive, or have the administrator correct the address."),
    ]


_CREDENTIALS: Mapping[str, str] = {
    "missing": N_("The key of the service account is missing. It belongs in .streamlit/secrets.toml."),
    "invalid": N_("The key of the service account cannot be read. Ask your administrator to put it in again."),
    "refused": N_("Google refuses the key of the service account. Ask your administrator to make a new one."),
}


def _several(_: SeveralWriters, __: Lists) -> list[str]:
    first = t("Another process of this app writes to the spreadsheet; nothing was saved.")
    return [first, t("Only one at a time is safe there. Stop one of them; the other may go on two minutes later.")]


def _files(_: FilesUnavailable, __: Lists) -> list[str]:
    return [t("The place of the files cannot be reached. Try again in a minute, or tell your administrator.")]


def _too_new(error: StoreTooNew, _: Lists) -> list[str]:
    first = t("The data was changed by a later version of Casesheet, which this one does not understand.")
    facts = {"theirs": error.theirs, "ours": error.ours}
    return [first, t("Update Casesheet here (schema {theirs} of the data, {ours} of this version).", **facts)]


def _no_workspace(_: NoWorkspace, __: Lists) -> list[str]:
    first = t("There is no workspace at the address of the store. Perhaps the address is mistyped.")
    return [first, t("A new workspace is made by: casesheet init")]


def _unfinished(_: UnfinishedCopy, __: Lists) -> list[str]:
    first = t("The store is a copy that was never finished, or is damaged: its History goes further than its count.")
    return [first, t("Run the same move again, or restore the backup; nothing was opened or changed.")]


def _opening_failed(error: OpeningFailed, _: Lists) -> list[str]:
    facts = {"kind": error.kind, "number": error.number}
    first = t("Something unforeseen went wrong in opening the workspace: {kind}.", **facts)
    return [first, t("Your administrator finds it in the log under the number {number}.", **facts)]


def _store(_: StoreError, __: Lists) -> list[str]:
    return [t("The data cannot be reached. Try again in a minute, or tell your administrator.")]


def _filled(template: str, facts: Mapping[str, Any]) -> str:
    """The text with what it asks for of the facts."""
    names = {name for _, name, _, _ in Formatter().parse(template) if name}
    return t(template, **{name: facts.get(name, "…") for name in names})


_WORDS: Mapping[type[Exception], Callable[[Any, Lists], list[str]]] = {
    InvalidFields: _invalid,
    Conflict: _conflict,
    WrongStage: _wrong_stage,
    NotAllowed: _not_allowed,
    NotFound: _not_found,
    AlreadyExists: _exists,
    ChangedSince: _changed_since,
    CannotMove: _cannot_move,
    NoDemoHere: _no_demo,
    DemoHere: _demo_here,
    FileLost: lambda error, _: [t(_FILES[error.why])],
    FilesUnavailable: _files,
    SurveyClosed: lambda error, _: [t(_SURVEY[error.why])],
    SessionEnded: _session_ended,
    SignInFailed: _sign_in,
    ConfigError: _config,
    OpeningFailed: _opening_failed,
    StoreBusy: _busy,
    OutcomeUnknown: _silent,
    WriteTooLarge: lambda _, __: [t("That is too much for one save. Save it in smaller parts.")],
    NoAccess: _no_access,
    HeaderMissing: _header_missing,
    HeaderTwice: _header_twice,
    CellsProtected: _cells_protected,
    TabMissing: _tab_missing,
    SpreadsheetMissing: _spreadsheet_missing,
    ApiDisabled: _api_disabled,
    DriveFull: _drive_full,
    QuotaExceeded: _over_quota,
    NetworkDown: _network_down,
    BadCredentials: lambda error, _: [t(_CREDENTIALS[error.reason])],
    SeveralWriters: _several,
    StoreTooNew: _too_new,
    NoWorkspace: _no_workspace,
    UnfinishedCopy: _unfinished,
    StoreError: _store,
    BadUpload: _upload,
    UnreadableTable: _unreadable,
    CellTooLong: _too_long,
    BadDate: lambda error, _: [reason_words(f"date_{error.why}")],
    OutsideCalendar: lambda _, __: [reason_words("outside_calendar")],
}
"""The most particular kinds first."""

KNOWN_ERRORS: tuple[type[Exception], ...] = (CasesheetError, *_WORDS)
"""What `explain` has words for: errors that are raised on purpose."""
