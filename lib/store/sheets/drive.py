"""Making a spreadsheet and sharing it. A service account owns what it makes, but some have no room in Drive for it."""

from collections.abc import Sequence
from typing import Any

from gspread.urls import DRIVE_FILES_API_V3_URL, SPREADSHEETS_API_V4_BASE_URL

from lib.i18n import Language
from lib.store.sheets.client import SheetsClient

_PAGE = 100


def create(client: SheetsClient, title: str, *, time_zone: str, language: Language) -> str:
    """The id of a new spreadsheet. Raises NoAccess where the account may not make one."""
    locale = "zh_CN" if language == "zh_CN" else "en_US"
    wanted = {"properties": {"title": title, "locale": locale, "timeZone": time_zone}}
    answer = client.request("post", SPREADSHEETS_API_V4_BASE_URL, params={"fields": "spreadsheetId"}, json=wanted)
    return str(answer.json()["spreadsheetId"])


def not_shared(client: SheetsClient, emails: Sequence[str]) -> list[str]:
    """Those of the addresses that may not write yet."""
    params = {
        "fields": "permissions(emailAddress,role)",
        "pageSize": str(_PAGE),
        "supportsAllDrives": "true",
    }
    answer: dict[str, Any] = client.request("get", _permissions(client), params=params).json()
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
    client.request("post", _permissions(client), params=params, json=wanted)


def _permissions(client: SheetsClient) -> str:
    return f"{DRIVE_FILES_API_V3_URL}/{client.spreadsheet_id}/permissions"
