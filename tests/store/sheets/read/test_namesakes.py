"""A text in the sheet that several people, or entries of a list, bear or bore: whose it is, the row or History says.

Nothing moves to a namesake; where nobody can tell, the cell is on data health. A process that starts now and one that
saw everything read the same.
"""

import json
from typing import Any

import pytest

from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.store.commit.batch import Edit, adopt, create, edit, repair
from lib.store.commit.loop import Committer
from lib.store.schema import SCHEMA
from lib.store.sheets.read import mirror
from lib.store.sheets.store import SheetsStore
from tests.store.sheets.support import ARCHIVE_TAB, TAB, Sheets
from tests.store.support import a_case, batch, case, committer, no, replay, rows_of

LI, SECOND, HAN = "s-li", "s-second", "s-han"
NAME = "李经办"

pytestmark = [pytest.mark.trial(1), pytest.mark.usefixtures("no_pause")]


@pytest.fixture
def app(store: SheetsStore) -> Committer:
    """Case 1 is 李经办's, case 2 is 韩's."""
    made = committer(store)
    made.commit(batch(create(Staff(staff_id=LI, name=NAME)), create(Staff(staff_id=HAN, name="韩"))))
    made.commit(batch(create(a_case(title="a", assignee=LI))))
    made.commit(batch(create(a_case(title="b", assignee=HAN))))
    return made


def namesake_joins(app: Committer, *, renamed: bool = False) -> None:
    """A second 李经办; perhaps the first was given another name before."""
    if renamed:
        app.commit(batch(edit(app.snapshot[Staff][LI], {"name": "李大"})))
    app.commit(batch(create(Staff(staff_id=SECOND, name=NAME))))


def late_process(sheets: Sheets) -> tuple[Committer, SheetsStore]:
    store = sheets.open()
    late = committer(store)
    for _ in range(8):
        late.keep_up()
    return late, store


def assert_alike(sheets: Sheets, app: Committer, store: SheetsStore) -> None:
    """The running process and a fresh one read the same, and History explains it."""
    late, late_store = late_process(sheets)
    app.keep_up()
    assert dict(late.snapshot[Case]) == dict(app.snapshot[Case])
    assert problems(late) == problems(app)
    assert replay(late_store.history()) == rows_of(late_store) == rows_of(store)


def problems(app: Committer) -> list[tuple[str, str, str]]:
    bad = app.snapshot[Case].bad
    return [(key, one.field, one.code) for key, row in sorted(bad.items()) for one in row.problems]


def by_hand(store: SheetsStore) -> list[Any]:
    return [json.loads(str(line["changes"])) for line in store.history(actions=["edited_in_sheet", "overwrote_sheet"])]


@pytest.mark.parametrize("renamed", [False, True], ids=["together", "after_a_rename"])
def test_the_cases_of_a_namesake_stay_where_they_were(
    sheets: Sheets, store: SheetsStore, app: Committer, *, renamed: bool
) -> None:
    app.commit(batch(edit(case(app, 1), {"stage": "archived"})))
    app.commit(batch(create(a_case(title="c", assignee=LI))))
    namesake_joins(app, renamed=renamed)
    assert sheets.cell(ARCHIVE_TAB, no(1), "责任人") == NAME
    late, late_store = late_process(sheets)
    assert [late.snapshot[Case][no(n)].assignee for n in (1, 2, 3)] == [LI, HAN, LI]
    assert late_store.pull(None).by_hand is None
    assert by_hand(late_store) == []
    assert_alike(sheets, app, store)


def test_as_little_of_history_is_read(
    sheets: Sheets, store: SheetsStore, app: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    namesake_joins(app, renamed=True)
    for number in range(6):
        app.commit(batch(edit(case(app, 2), {"title": str(number)})))
    monkeypatch.setattr(mirror, "TAIL", 2)
    monkeypatch.setattr(mirror, "CHUNK", 2)
    sheets.manager.set_cell(TAB, 3, "责任人", NAME)
    late = committer(sheets.open())
    late.keep_up()
    assert late.snapshot[Case][no(1)].assignee == LI
    assert problems(late) == [(no(2), "assignee", "means_several")]
    assert_alike(sheets, app, store)


def test_an_edit_beside_the_name_leaves_the_person(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    namesake_joins(app)
    sheets.manager.set_cell(TAB, 2, "标题", "neu")
    late, late_store = late_process(sheets)
    assert (late.snapshot[Case][no(1)].title, late.snapshot[Case][no(1)].assignee) == ("neu", LI)
    assert by_hand(late_store) == [{"title": ["a", "neu"]}]
    assert_alike(sheets, app, store)
    app.commit(batch(edit(case(app, 1), {"community": "neu"})))
    assert store.pull(None).by_hand is None
    assert_alike(sheets, app, store)


def test_a_name_typed_that_may_be_either_is_on_data_health(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    namesake_joins(app)
    sheets.manager.set_cell(TAB, 3, "责任人", NAME)
    sheets.manager.set_cell(TAB, 3, "标题", "neu")
    app.keep_up()
    assert (case(app, 2).title, case(app, 2).assignee) == ("neu", HAN)
    assert problems(app) == [(no(2), "assignee", "means_several")]
    assert by_hand(store) == [{"title": ["b", "neu"]}]
    assert_alike(sheets, app, store)
    app.commit(batch(repair("cases", no(2), {"assignee": Edit(NAME, SECOND)})))
    assert (case(app, 2).assignee, problems(app)) == (SECOND, [])
    assert sheets.cell(TAB, no(2), "责任人") == SECOND
    late, _ = late_process(sheets)
    assert (late.snapshot[Case][no(2)].assignee, problems(late)) == (SECOND, [])


def test_a_name_that_somebody_bore_before_may_be_either(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """As where an old cell is copied to another row."""
    namesake_joins(app, renamed=True)
    sheets.manager.set_cell(TAB, 3, "责任人", NAME)
    app.keep_up()
    assert (case(app, 2).assignee, problems(app)) == (HAN, [(no(2), "assignee", "means_several")])
    assert_alike(sheets, app, store)


def test_a_row_typed_with_such_a_name_waits(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    namesake_joins(app)
    for column, value in (("标题", "getippt"), ("受理时间", "2026-03-02 10:00"), ("责任人", NAME)):
        sheets.manager.set_cell(TAB, 4, column, value)
    app.keep_up()
    ((token, row),) = app.snapshot[Case].bad.items()
    assert [(one.field, one.code, one.value) for one in row.problems] == [("assignee", "means_several", NAME)]
    assert_alike(sheets, app, store)
    app.commit(batch(adopt(a_case("new:1", title="getippt", assignee=SECOND), token)))
    assert (case(app, 3).assignee, problems(app)) == (SECOND, [])
    assert_alike(sheets, app, store)


def test_giving_the_case_to_the_namesake_overwrites_nothing(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    namesake_joins(app)
    app.commit(batch(edit(case(app, 1), {"assignee": SECOND})))
    app.keep_up()
    assert (case(app, 1).assignee, by_hand(store)) == (SECOND, [])
    assert_alike(sheets, app, store)


def test_an_older_copy_of_the_row_gives_way(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    row = sheets.manager.rows(TAB)[1]
    app.commit(batch(edit(case(app, 1), {"title": "neu"})))
    namesake_joins(app, renamed=True)
    sheets.manager.set(f"{TAB}!A2", [row], option="RAW")
    late, late_store = late_process(sheets)
    assert (late.snapshot[Case][no(1)].title, late.snapshot[Case][no(1)].assignee) == ("neu", LI)
    assert by_hand(late_store) == []
    assert_alike(sheets, app, store)


def test_a_row_without_its_digest_goes_by_history(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    namesake_joins(app)
    sheets.manager.set_cell(TAB, 2, "_hash", "")
    late, late_store = late_process(sheets)
    assert late.snapshot[Case][no(1)].assignee == LI
    assert (by_hand(late_store), problems(late)) == ([], [])
    assert_alike(sheets, app, store)


def items(app: Committer) -> tuple[ListItem, ListItem]:
    """A first level and one below it; case 3 has it."""
    top = ListItem(item_id="category.water", list_name="category", code="water", zh="漏水", en="Water")
    below = ListItem(
        item_id="category.kitchen", list_name="category", code="kitchen", zh="厨房", en="Kitchen", parent="water"
    )
    app.commit(batch(create(top), create(below)))
    app.commit(batch(create(a_case(title="c", category="kitchen"))))
    return top, below


def test_a_label_that_another_entry_bears_now(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    top, _ = items(app)
    app.commit(batch(create(a_case(title="d", category="water"))))
    app.commit(batch(edit(top, {"zh": "渗水", "en": "Seepage"})))
    other = ListItem(item_id="category.other", list_name="category", code="other", zh="漏水", en="Other")
    app.commit(batch(create(other)))
    app.commit(batch(create(a_case(title="e", category="other"))))
    assert [sheets.cell(TAB, no(n), "分类") for n in (4, 5)] == ["漏水", "other"]
    late, late_store = late_process(sheets)
    assert [late.snapshot[Case][no(n)].category for n in (3, 4, 5)] == ["kitchen", "water", "other"]
    assert (late_store.pull(None).by_hand, problems(late)) == (None, [])
    assert_alike(sheets, app, store)


def test_a_label_under_a_parent_that_was_renamed(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    top, below = items(app)
    app.commit(batch(edit(top, {"zh": "渗水"})))
    app.commit(batch(edit(below, {"zh": "灶间"})))
    assert sheets.cell(TAB, no(3), "分类") == "漏水 / 厨房"
    late, late_store = late_process(sheets)
    assert (late.snapshot[Case][no(3)].category, problems(late)) == ("kitchen", [])
    assert late_store.pull(None).by_hand is None
    sheets.manager.set_cell(TAB, 3, "分类", "渗水 / 厨房")
    app.keep_up()
    assert (case(app, 2).category, problems(app)) == ("kitchen", [])
    assert_alike(sheets, app, store)


def test_a_code_that_was_the_label_of_another(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    top, _ = items(app)
    app.commit(batch(edit(top, {"zh": "leak"})))
    app.commit(batch(create(a_case(title="d", category="water"))))
    assert sheets.cell(TAB, no(4), "分类") == "leak"
    app.commit(
        batch(create(ListItem(item_id="category.leak", list_name="category", code="leak", zh="管道", en="Pipe")))
    )
    late, late_store = late_process(sheets)
    assert (late.snapshot[Case][no(4)].category, problems(late)) == ("water", [])
    assert late_store.pull(None).by_hand is None
    sheets.manager.set_cell(TAB, 3, "分类", "leak")  # a code says what it is
    app.keep_up()
    assert (case(app, 2).category, problems(app)) == ("leak", [])
    assert_alike(sheets, app, store)


def test_a_short_label_below_two_parents_is_asked_for(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    items(app)
    app.commit(
        batch(
            create(ListItem(item_id="category.lift", list_name="category", code="lift", zh="电梯", en="Lift")),
            create(
                ListItem(item_id="category.lk", list_name="category", code="lk", zh="厨房", en="Galley", parent="lift")
            ),
        )
    )
    sheets.manager.set_cell(TAB, 3, "分类", "厨房")
    app.keep_up()
    assert (case(app, 2).category, problems(app)) == ("", [(no(2), "category", "means_several")])
    sheets.manager.set_cell(TAB, 3, "分类", "电梯 / 厨房")
    app.keep_up()
    assert (case(app, 2).category, problems(app)) == ("lk", [])
    assert SCHEMA["cases"].columns["category"].choices == "category"
    assert_alike(sheets, app, store)
