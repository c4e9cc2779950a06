"""A workspace that moves into a spreadsheet is read there by people: they find labels and names, not codes."""

from pathlib import Path

from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.store.commit.batch import create
from lib.store.migrate import compare, copy
from tests.store.sheets.support import loopback
from tests.store.support import batch, committer, new_case, open_sqlite


def test_a_moved_case_shows_labels_and_names(tmp_path: Path) -> None:
    source = open_sqlite(tmp_path / "source.db")
    item = ListItem(item_id="kind.repair", list_name="kind", code="repair", zh="报修", en="Repair")
    person = Staff(staff_id="s-1", name="王芳")
    receipt = committer(source).commit(
        batch(create(item), create(person), new_case(title="漏水", kind="repair", assignee="s-1"))
    )
    with loopback() as sheets:
        target = sheets.opened()
        copy(source, target, lambda _step, _done, _total: None)
        shown = [sheets.cell("案件", receipt.first("cases"), header) for header in ("类型", "责任人")]
        assert compare(source, target, lambda _step, _done, _total: None).equal
    assert shown == ["报修", "王芳"]
