"""What a text means: one way for lists, people, imports, conditions and the sheet."""

import pytest

from lib.domain.records.lists import Lists
from lib.domain.records.workspace import ListItem
from lib.domain.text.cleaning import folded, plain, tidy
from lib.domain.text.meaning import meanings


def test_an_earlier_level_goes_first_and_what_several_bear_means_none() -> None:
    found = meanings(
        [("a", "a")], [("A", "b"), ("漏水", "b"), ("其他", "b"), ("其他", "c"), ("", "c")], [("其他", "d")]
    )
    assert found == {"a": "a", "漏水": "b"}


@pytest.mark.parametrize("typed", ["3\u201112", "３－12", " 3-12\u200b", "3\u221212"])
def test_however_it_is_typed(typed: str) -> None:
    assert plain(typed) == folded(typed) == "3-12"


def test_what_is_kept_keeps_its_dashes() -> None:
    assert tidy("漏水\u200b——很急　Ａ") == "漏水——很急 A"


ITEMS = (
    ListItem(item_id="category:quality", list_name="category", code="quality", zh="质量", en="Quality"),
    ListItem(
        item_id="category:quality.other",
        list_name="category",
        code="quality.other",
        zh="其他",
        en="Other",
        parent="quality",
    ),
    ListItem(item_id="category:fees", list_name="category", code="fees", zh="费用", en="Fees"),
    ListItem(
        item_id="category:fees.other", list_name="category", code="fees.other", zh="其他", en="Other", parent="fees"
    ),
    ListItem(
        item_id="category:fees.deposit",
        list_name="category",
        code="fees.deposit",
        zh="押金",
        en="Deposit (A)",
        parent="fees",
    ),
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("押金", "fees.deposit"),
        ("DEPOSIT （Ａ）", "fees.deposit"),
        ("费用 / 押金", "fees.deposit"),
        ("费用 / 其他", "fees.other"),
        ("其他", None),
        ("Other", None),
        ("fees.other", "fees.other"),
        ("", None),
    ],
)
def test_a_label_that_two_entries_bear_means_neither(text: str, code: str | None) -> None:
    assert Lists(ITEMS).code_for("category", text) == code
