"""A value reads the same wherever it is read."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lib.domain.records.fields import Column
from lib.domain.records.lists import Lists
from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.i18n import in_language
from lib.words.values import ValueWords

ITEMS = [
    ListItem(item_id="priority.P1", list_name="priority", code="P1", zh="紧急", en="Urgent", position=0),
    ListItem(item_id="channel.phone", list_name="channel", code="phone", zh="电话", en="Telephone", position=0),
]
PEOPLE = {
    "an": Staff(staff_id="an", name="安经办", email="an@example.com", role="handler"),
    "bo": Staff(staff_id="bo", name="", email="bo@example.com", role="handler"),
}
WORDS = ValueWords(Lists(ITEMS), PEOPLE, ZoneInfo("Asia/Shanghai"))


def column(kind: Any, choices: str = "") -> Column:
    return Column("any", kind, "某列", "Any", choices=choices)


@pytest.mark.parametrize(
    ("field", "value", "chinese", "english"),
    [
        (column("text"), None, "", ""),
        (column("text"), "", "", ""),
        (column("choice", "channel"), "phone", "电话", "Telephone"),
        (column("choice", "channel"), "pigeon", "pigeon", "pigeon"),
        (column("choice", "priority"), "P1", "P1 紧急", "P1 Urgent"),
        (column("person"), "an", "安经办", "安经办"),
        (column("person"), "bo", "bo@example.com", "bo@example.com"),
        (column("person"), "gone", "gone", "gone"),
        (column("person"), "client", "客户", "Client"),
        (column("person"), "sheet", "在线表格", "Spreadsheet"),
        (column("people"), "an,bo", "安经办 · bo@example.com", "安经办 · bo@example.com"),
        (column("time"), datetime(2026, 3, 5, 16, 30, tzinfo=UTC), "2026年3月6日 00:30", "6 Mar 2026, 00:30"),
        (column("date"), date(2026, 3, 5), "2026年3月5日", "5 Mar 2026"),
        (column("flag"), True, "是", "Yes"),
        (column("money"), 1234567.5, "1,234,567.50", "1,234,567.50"),
        (column("number"), 2.0, "2", "2"),
        (column("number"), 0, "0", "0"),
    ],
)
def test_a_value_in_words(field: Column, value: Any, chinese: str, english: str) -> None:
    with in_language("zh_CN"):
        assert WORDS.value(field, value) == chinese
    with in_language("en"):
        assert WORDS.value(field, value) == english
