"""Columns are found by their headers: in any order, in either language, hidden or not."""

from collections.abc import Iterator

import pytest

from lib.domain.records.case_parts import Task
from lib.domain.records.custom_fields import FieldsConfig
from lib.domain.records.improvement import Action
from lib.errors import ConfigError
from lib.store.commit.batch import create, edit
from lib.store.schema import SCHEMA, Tab, declare
from lib.store.sheets.model.layout import headers, places, technical
from tests.google.server import SheetsServer
from tests.store.sheets.support import Sheets
from tests.store.support import a_case, batch, committer
from tests.support import MONDAY


@pytest.fixture
def sheets() -> Iterator[Sheets]:
    with SheetsServer() as server:
        yield Sheets(server)


@pytest.mark.parametrize("tab", SCHEMA.values(), ids=list(SCHEMA))
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_tab_has_no_label_twice(tab: Tab, language: str) -> None:
    labels = [column.label(language) for column in tab.columns.values()]
    assert headers(tab, language) == [*labels, *technical(tab.name)]
    assert len({label.casefold() for label in labels}) == len(labels)


@pytest.mark.parametrize("tab", SCHEMA.values(), ids=list(SCHEMA))
def test_both_languages_and_keys_lead_to_the_same_columns(tab: Tab) -> None:
    names = [*tab.columns, *technical(tab.name)]
    for header in (headers(tab, "zh_CN"), headers(tab, "en"), names, [f"  {text.upper()} " for text in names]):
        assert places(tab, header[::-1]) == {name: len(names) - 1 - at for at, name in enumerate(names)}


def test_tabs_with_the_same_labels_are_not_mixed_up(sheets: Sheets) -> None:
    """In English a task and an action both have a title that is called like the thing itself."""
    store = sheets.opened(language="en")
    app = committer(store)
    app.commit(batch(create(a_case())))
    case_no = next(iter(app.snapshot.tables["cases"]))
    app.commit(
        batch(
            create(Task(task_id="t-1", case_no=case_no, title="Visit the owner")),
            create(Action(action_id="a-1", title="Train the staff", week=MONDAY.date())),
        )
    )
    for tab in ("Tasks", "Improvement"):
        manager = sheets.manager
        columns = manager.rows(tab)[0]
        for header in columns[1:]:  # each to the front: the order is turned round
            manager.move_column(tab, header, manager.rows(tab)[0][0])
        manager.hide_column(tab, columns[2])
    app.commit(batch(edit(app.snapshot[Task]["t-1"], {"title": "Visit the neighbour"})))
    app.commit(batch(edit(app.snapshot[Action]["a-1"], {"title": "Train everybody"})))
    late = committer(sheets.open(language="zh_CN"))
    assert late.snapshot[Task]["t-1"].title == "Visit the neighbour"
    assert late.snapshot[Action]["a-1"].title == "Train everybody"
    assert late.snapshot[Task] == app.snapshot[Task]


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"nowhere": {"钥匙": {}}}, "nowhere"),
        ({"settings": {"钥匙": {}}}, "settings"),
        ({"cases": {"标题": {}}}, "cases.标题"),
        ({"cases": {"钥匙": {"en": "Case number"}}}, "cases.钥匙"),
        ({"cases": {"钥匙": {"en": "Key"}, "备用": {"en": "key"}}}, "cases.钥匙"),
        ({"cases": {" ": {}}}, "cases.+ "),
    ],
)
def test_a_custom_field_must_have_a_place_and_a_name_of_its_own(fields: dict[str, object], key: str) -> None:
    before = dict(SCHEMA)
    with pytest.raises(ConfigError) as refused:
        declare(FieldsConfig.model_validate(fields).columns())
    assert (refused.value.file, refused.value.key) == ("fields.toml", key)
    assert dict(SCHEMA) == before
