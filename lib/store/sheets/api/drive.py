"""Spreadsheets as files: made, copied, shared, deleted. A service account owns what it makes, but some have no room in
Drive for it."""

from collections.abc import Sequence

from gspread.urls import DRIVE_FILES_API_V3_URL, SPREADSHEETS_API_V4_BASE_URL

from lib.errors import OutcomeUnknown
from lib.i18n import Language
from lib.store.sheets.api.client import SheetsClient

_PAGE = 100


def create(client: SheetsClient, title: str, *, time_zone: str, language: Language) -> str:
    """The id of a new spreadsheet. Raises NoAccess or DriveFull where the account may not make one, and OutcomeUnknown
    where nobody knows whether there is one now."""
    locale = "zh_CN" if language == "zh_CN" else "en_US"
    wanted = {"properties": {"title": title, "locale": locale, "timeZone": time_zone}}
    answer = client.drive("post", SPREADSHEETS_API_V4_BASE_URL, params={"fields": "spreadsheetId"}, body=wanted)
    made = answer.get("spreadsheetId")
    if not made:
        raise OutcomeUnknown("an answer without the id of the new spreadsheet")
    return str(made)


def copy(client: SheetsClient, title: str) -> str:
    """The id of a copy. Raises as `create` does."""
    params = {"fields": "id", "supportsAllDrives": "true"}
    answer = client.drive("post", f"{_file(client)}/copy", params=params, body={"name": title})
    made = answer.get("id")
    if not made:
        raise OutcomeUnknown("an answer without the id of the copy")
    return str(made)


def delete(client: SheetsClient) -> None:
    """For good, not into the bin."""
    client.drive("delete", _file(client), params={"supportsAllDrives": "true"})


def not_shared(client: SheetsClient, emails: Sequence[str]) -> list[str]:
    """Those of the addresses that may not write yet."""
    params = {
        "fields": "permissions(emailAddress,role)",
        "pageSize": str(_PAGE),
        "supportsAllDrives": "true",
    }
    answer = client.drive("get", _permissions(client), params=params)
    may = {
        item.get("emailAddress", "").casefold()
        for item in answer.get("permissions", ())
        if item.get("role") in ("owner", "organizer", "fileOrganizer", "writer")
    }
    return [email for email in emails if email.casefold() not in may]


def share(client: SheetsClient, email: str) -> None:
    """Let a person edit the spreadsheet; Google tells her by e-mail."""
    params = {"supportsAllDrives": "true", "sendNotificationEmail": "true"}
    wanted = {"type": "user", "role": "writer", "emailAddress": email}
    client.drive("post", _permissions(client), params=params, body=wanted)


def _permissions(client: SheetsClient) -> str:
    return f"{_file(client)}/permissions"


def _file(client: SheetsClient) -> str:
    return f"{DRIVE_FILES_API_V3_URL}/{client.spreadsheet_id}"
