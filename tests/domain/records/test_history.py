"""What lines of History tell, and playing them again."""

import pytest

from lib.domain.records.history import Changes, changes_of, creates, last_version, removes, replayed

MADE: Changes = {"case_no": (None, "TS-1"), "title": (None, "漏水"), "room": (None, "501")}
EDITED: Changes = {"title": ("漏水", "墙面漏水"), "room": ("501", None)}
REMOVED: Changes = {"case_no": ("TS-1", None), "title": ("墙面漏水", None)}


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ('{"title":["a","b"]}', {"title": ("a", "b")}),
        ('{"title":[null,1]}', {"title": (None, 1)}),
        ("", {}),
        (None, {}),
        ('{"title":', {}),
        ("[1]", {}),
        ('{"title":"b","room":["1"],"unit":["1","2"]}', {"unit": ("1", "2")}),
    ],
)
def test_what_a_line_tells(text: str | None, changes: Changes) -> None:
    assert changes_of(text) == changes


def test_a_record_is_made_edited_and_removed() -> None:
    assert replayed(None, "case_no", [MADE]) == {"case_no": "TS-1", "title": "漏水", "room": "501"}
    assert replayed(None, "case_no", [MADE, EDITED]) == {"case_no": "TS-1", "title": "墙面漏水"}
    assert replayed(None, "case_no", [MADE, EDITED, REMOVED]) is None
    assert replayed(None, "case_no", [EDITED]) is None, "of a record that nobody knows an edit tells too little"
    assert replayed({"case_no": "TS-1", "title": "漏水"}, "case_no", [EDITED]) == {
        "case_no": "TS-1",
        "title": "墙面漏水",
    }
    assert (creates("case_no", MADE), creates("case_no", EDITED), creates("case_no", REMOVED)) == (True, False, False)
    assert (removes("case_no", MADE), removes("case_no", EDITED), removes("case_no", REMOVED)) == (False, False, True)


def test_the_last_version_of_a_removed_record() -> None:
    whole = {"case_no": "TS-1", "title": "墙面漏水"}
    assert last_version("case_no", [MADE, EDITED, REMOVED]) == whole
    assert last_version("case_no", [EDITED, REMOVED]) == whole, "its removal tells all of it"
    assert last_version("case_no", [MADE, EDITED]) == whole
    assert last_version("case_no", [MADE, REMOVED, {"case_no": (None, "TS-1")}]) == {"case_no": "TS-1"}
    assert last_version("case_no", []) == {}
