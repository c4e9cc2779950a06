"""What is wrong with the store, in words; most of it concerns a spreadsheet."""

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

from lib.domain.records.lists import Lists
from lib.errors import (
    ApiDisabled,
    BadCredentials,
    CellsProtected,
    DriveFull,
    HeaderMissing,
    HeaderTwice,
    NetworkDown,
    NoAccess,
    OutcomeUnknown,
    QuotaExceeded,
    SeveralWriters,
    SpreadsheetMissing,
    StoreBusy,
    StoreError,
    TabMissing,
    WriteTooLarge,
)
from lib.i18n import N_, t
from lib.words.names import field_name, joined, tab_name

_A_MINUTE, _A_DAY = 60.0, 86_400.0  # seconds


def _busy(_: StoreBusy, __: Lists) -> list[str]:
    return [t("Too many people are saving at this moment; nothing was saved. Try again.")]


def _silent(_: OutcomeUnknown, __: Lists) -> list[str]:
    return [
        t(
            "The data store did not respond, so it is not known whether this was saved. "
            "Save again: nothing is saved twice."
        )
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
    return [
        t(
            "Google Sheets is temporarily unavailable and asks to wait {n} minutes. Try again then.",
            n=_minutes(error.wait),
        )
    ]


def _minutes(seconds: float) -> int:
    """Never fewer than needed, and at most a day: more precision does not help anybody who waits longer."""
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


def _store(_: StoreError, __: Lists) -> list[str]:
    return [t("The data cannot be reached. Try again in a minute, or tell your administrator.")]


STORE_ERRORS: Mapping[type[Exception], Callable[[Any, Lists], list[str]]] = {
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
    StoreError: _store,
}
"""The most specific kinds first."""
