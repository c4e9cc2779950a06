"""Custom fields: declared in config/fields.toml, with a type, choices and validation, on every store."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from lib.app.bootstrap import open_desk
from lib.cli.sheet_words import step_words
from lib.config.settings import CONFIG
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import ConfigError, Conflict, InvalidFields, NotAllowed
from lib.services.cases import handling
from lib.services.data import fix
from lib.services.data.exporting import export_cases
from lib.services.data.health import HealthProblem, record_problems
from lib.services.data.search import search
from lib.services.parts.extras import extra_columns
from lib.services.workspace import workspace
from lib.store.commit.batch import create, edit
from lib.store.migrate import compare, copy
from lib.store.schema import SCHEMA, declare
from lib.store.sheets.setup import setup
from lib.store.sql import SqlStore
from tests.cases import take_in
from tests.google.server import SheetsServer
from tests.store.sheets.support import Sheets
from tests.store.support import committer
from tests.support import PEOPLE, Clock, actors_of

TAB = "案件"
FIELDS = """
[cases."钥匙编号"]
en = "Key number"

[cases."钥匙位置"]
en = "Key kept at"
kind = "choice"
choices = "branch"
required = true

[cases."验房日期"]
en = "Looked over on"
kind = "date"

[cases."面积"]
en = "Area"
kind = "number"

[cases."物业电话"]
en = "Manager's phone"
kind = "phone"

[cases."有电梯"]
en = "Lift"
kind = "flag"
"""
VALUES = {
    "+钥匙编号": "A-3",
    "+钥匙位置": "head_office",
    "+验房日期": "2026-05-01",
    "+面积": 88.5,
    "+物业电话": "021 51082000",
    "+有电梯": True,
}
KEPT = {**VALUES, "+物业电话": "021-51082000"}
Open = Callable[..., Desk]


@pytest.fixture
def sheets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sheets]:
    with SheetsServer() as server:
        monkeypatch.setenv("CASESHEET_GOOGLE_ENDPOINT", server.url)
        yield Sheets(server)


@pytest.fixture
def open_one(tmp_path: Path, clock: Clock) -> Iterator[Open]:
    """Opens a workspace with the custom fields that a test gives, in a store that it names."""
    opened: list[Desk] = []

    def open_with(fields: str = FIELDS, store: str = "") -> Desk:
        config = tmp_path / "config"
        shutil.copytree(CONFIG, config, dirs_exist_ok=True)
        (config / "fields.toml").write_text(fields, encoding="utf-8")
        folder = {"files_dir": tmp_path / "files", "secret_file": tmp_path / "key"}
        opened.append(
            open_desk(
                create=True, config_dir=config, clock=clock, store=store or f"sqlite:///{tmp_path}/desk.db", **folder
            )
        )
        workspace.initialise(opened[-1])
        if not opened[-1].snapshot.tables["staff"]:
            opened[-1].save(system_actor(), [create(person) for person in PEOPLE])
        return opened[-1]

    yield open_with
    for one in opened:
        one.store.close()
    declare({})


@pytest.fixture(params=["sqlite", "sheets"])
def desk(request: pytest.FixtureRequest, open_one: Open) -> Desk:
    if request.param == "sqlite":
        return open_one()
    return open_one(store=f"gsheets://{request.getfixturevalue('sheets').id}")


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor]) -> Case:
    return take_in(desk, people["intake"])


def kept(desk: Desk, case: Case) -> dict[str, object]:
    return dict(desk.snapshot[Case][case.case_no].__pydantic_extra__)


def put(desk: Desk, people: dict[str, Actor], case: Case, **values: object) -> Case:
    """The case after its extra columns were edited."""
    handling.edit_facts(desk, actor=people["manager"], case=case, values={f"+{name}": v for name, v in values.items()})
    return desk.snapshot[Case][case.case_no]


def quiet(_phase: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def wrong(desk: Desk) -> list[HealthProblem]:
    return [problem for problem in record_problems(desk) if problem.tab == "cases"]


def test_values_of_every_kind_are_kept(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    handling.edit_facts(desk, actor=people["manager"], case=case, values=VALUES)
    assert kept(desk, case) == KEPT
    line = desk.history(case_no=case.case_no)[-1]
    assert json.loads(line.changes) == {name: [None, cell] for name, cell in KEPT.items()}
    assert [column.en for column in extra_columns(desk, "cases")][:2] == ["Key number", "Key kept at"]
    assert search(desk, "A-3", actor=people["manager"]) == [case.case_no]
    put(desk, people, desk.snapshot[Case][case.case_no], 面积=None, 验房日期="")
    assert {"+面积", "+验房日期"} & kept(desk, case).keys() == set()
    assert wrong(desk) == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("验房日期", "五月一号", "date_type"),
        ("面积", "很大", "float_type"),
        ("物业电话", "12", "phone_too_short"),
        ("钥匙位置", "月球", "unknown_choice"),
        ("有电梯", "也许", "bool_type"),
        ("钥匙位置", "", "missing"),
    ],
)
def test_what_is_not_of_its_kind_is_refused(
    desk: Desk, people: dict[str, Actor], case: Case, name: str, value: str, code: str
) -> None:
    seen = put(desk, people, case, 钥匙位置="head_office")
    with pytest.raises(InvalidFields) as refused:
        put(desk, people, seen, **{name: value})
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [(f"+{name}", code)]
    assert kept(desk, case) == {"+钥匙位置": "head_office"}


def test_what_must_be_there_is_asked_for_with_the_others(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    with pytest.raises(InvalidFields) as refused:
        put(desk, people, case, 钥匙编号="A-3")
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("+钥匙位置", "missing")]
    handling.edit_facts(desk, actor=people["manager"], case=case, values={"title": "厨房漏水"})  # nothing of theirs


def test_others_are_asked_where_both_changed_it(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    put(desk, people, case, 钥匙编号="A-3", 钥匙位置="head_office")
    with pytest.raises(Conflict):
        put(desk, people, case, 钥匙编号="B-4", 钥匙位置="head_office")
    with pytest.raises(NotAllowed):
        put(desk, {"manager": people["reviewer"]}, desk.snapshot[Case][case.case_no], 钥匙编号="C-5")


def test_an_export_has_them(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    handling.edit_facts(desk, actor=people["manager"], case=case, values=VALUES)
    content = export_cases(desk, actor=people["manager"], cases=[case.case_no], format="xlsx", language="en")
    header, row = load_workbook(BytesIO(content)).active.iter_rows(values_only=True)
    told = dict(zip(header, row, strict=True))
    assert (told["Key number"], told["Area"], told["Lift"]) == ("A-3", 88.5, True)
    assert str(told["Looked over on"]).startswith("2026-05-01")
    assert told["Key kept at"] == desk.lists.label("branch", "head_office", "en")


def test_the_sheet_has_labels_dropdowns_and_formats(open_one: Open, sheets: Sheets) -> None:
    desk = open_one(store=f"gsheets://{sheets.id}")
    actors = actors_of(desk)
    case = take_in(desk, actors["intake"])
    handling.edit_facts(desk, actor=actors["manager"], case=case, values=VALUES)
    label = desk.lists.label("branch", "head_office", "zh")
    assert sheets.cell(TAB, case.case_no, "钥匙位置") == label
    assert sheets.cell(TAB, case.case_no, "验房日期") == 46143
    sheets.manager.set_cell(TAB, 2, "钥匙位置", "head_office ")
    sheets.manager.set_cell(TAB, 2, "验房日期", "2026-06-01")
    sheets.manager.set_cell(TAB, 2, "面积", 90)
    desk.committer.keep_up()
    assert kept(desk, case) == {**KEPT, "+验房日期": "2026-06-01", "+面积": 90}
    config = desk.config
    plan = setup.plan(
        sheets.client(),
        setup.Workspace("zh_CN", "Asia/Shanghai", "app@loopback.test", config.workflow, schema=SCHEMA),
    )
    steps = {step.kind: step.names for step in plan.steps if step.tab == "cases"}
    assert {"+钥匙编号", "+验房日期", "+物业电话"} <= set(steps["formats"])
    assert {"+钥匙位置", "+有电梯"} <= set(steps["dropdowns"])


def test_a_bad_cell_in_the_sheet_is_shown_and_put_right_by_one_click(open_one: Open, sheets: Sheets) -> None:
    desk = open_one(store=f"gsheets://{sheets.id}")
    actors = actors_of(desk)
    case = take_in(desk, actors["intake"])
    sheets.manager.set_cell(TAB, 2, "验房日期", "26年5月1日")
    sheets.manager.set_cell(TAB, 2, "面积", "88.5平米")
    sheets.manager.set_cell(TAB, 2, "钥匙编号", "A-3")
    desk.committer.keep_up()
    assert kept(desk, case) == {"+钥匙编号": "A-3"}
    problems = wrong(desk)
    assert {one.field: one.suggestion for one in problems} == {"+验房日期": "2026-05-01", "+面积": 88.5}
    values = {one.field: one.suggestion for one in problems}
    fix.fix(desk, actor=actors["manager"], problems=problems, values=values)
    assert kept(desk, case) == {"+钥匙编号": "A-3", "+验房日期": "2026-05-01", "+面积": 88.5}
    assert wrong(desk) == []
    desk.committer.keep_up()
    assert wrong(desk) == []


def test_a_column_that_is_there_becomes_a_custom_field(open_one: Open) -> None:
    """What stood in it before may be wrong now: it is kept and shown, and the case stays in the app."""
    before = open_one("")
    people = actors_of(before)
    case = take_in(before, people["intake"])
    seen = before.snapshot[Case][case.case_no]
    before.save(people["manager"], [edit(seen, {"+面积": "约 90 平", "+备用": "x"})])
    after = open_one('[cases."面积"]\nkind = "number"\n')
    assert kept(after, case) == {"+面积": "约 90 平", "+备用": "x"}
    assert [column.key for column in extra_columns(after, "cases")] == ["+面积", "+备用"]
    (problem,) = wrong(after)
    assert (problem.field, problem.reason, problem.suggestion, problem.hidden) == ("+面积", "float_type", 90, False)
    handling.edit_facts(after, actor=people["manager"], case=after.snapshot[Case][case.case_no], values={"title": "改"})
    fix.fix(after, actor=people["manager"], problems=[problem], values={"+面积": 90})
    assert kept(after, case) == {"+面积": 90, "+备用": "x"}


def test_they_move_house(open_one: Open, sheets: Sheets, tmp_path: Path) -> None:
    source = open_one()
    actors = actors_of(source)
    case = take_in(source, actors["intake"])
    handling.edit_facts(source, actor=actors["manager"], case=case, values=VALUES)
    seen = source.snapshot[Case][case.case_no]
    source.save(actors["manager"], [edit(seen, {"+没有声明的列": "=1+1", "+数": 7})])
    spreadsheet = sheets.opened()
    copy(source.store, spreadsheet, quiet)
    assert compare(source.store, spreadsheet, quiet).equal
    assert sheets.cell(TAB, case.case_no, "没有声明的列") == "=1+1"
    back = SqlStore(f"sqlite:///{tmp_path}/back.db")
    back.provision(SCHEMA)
    copy(spreadsheet, back, quiet)
    assert compare(source.store, back, quiet).equal
    assert committer(back).snapshot[Case] == source.snapshot[Case]
    back.close()


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ('[cases."钥匙"]\nkind = "colour"', "cases.钥匙.kind"),
        ('[cases."钥匙"]\nkind = "choice"', "cases.钥匙"),
        ('[cases."标题"]', "cases.标题"),
    ],
)
def test_a_wrong_declaration_names_its_key(open_one: Open, fields: str, key: str) -> None:
    with pytest.raises(ConfigError) as refused:
        open_one(fields)
    assert (refused.value.file, refused.value.key) == ("fields.toml", key)


def test_the_set_up_gives_them_all_that_a_field_has(open_one: Open, sheets: Sheets) -> None:
    """Also a header with a space in it; and a second time there is nothing left to do."""
    desk = open_one('[cases."Key kept at"]\nkind = "choice"\nchoices = "branch"\n', store=f"gsheets://{sheets.id}")
    config = desk.config
    wanted = setup.Workspace("zh_CN", "Asia/Shanghai", "app@loopback.test", config.workflow, schema=SCHEMA)
    steps = {step.kind: step for step in setup.plan(sheets.client(), wanted).steps if step.tab == "cases"}
    assert "+Key kept at" in steps["dropdowns"].names
    assert "invalid +Key kept at" in steps["colours"].names
    for kind, name in (("dropdowns", "+Key kept at"), ("colours", "invalid +Key kept at")):
        assert "Key kept at" in step_words(replace(steps[kind], names=(name,)))
    setup.carry_out(sheets.client(), setup.plan(sheets.client(), wanted))
    assert setup.plan(sheets.client(), wanted).steps == []
    assert desk.committer.keep_up().tables["cases"].bad == {}


@pytest.mark.trial(28)
def test_a_text_that_no_cell_holds_is_refused_with_the_limit(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    with pytest.raises(InvalidFields) as refused:
        handling.edit_facts(desk, actor=people["manager"], case=case, values={**VALUES, "+钥匙编号": "x" * 50_001})
    [problem] = refused.value.problems
    assert (problem.field, problem.code, problem.facts) == ("+钥匙编号", "string_too_long", {"limit": 50_000})
