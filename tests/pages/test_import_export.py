"""Import and export: who may, the way of a file from upload to report, undo, and the file of an export."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.workspace import ImportRun
from lib.domain.rules.permissions import Actor
from lib.i18n import Language, in_language
from lib.services.cases import handling
from lib.services.data import importing
from lib.ui.session.state import EXPORT, IMPORT
from tests.pages.cases_support import take_in

OpenPage = Callable[..., AppTest]
FILE = """编号,客户姓名,联系电话,问题描述,受理时间,类型,渠道,备注
A-1,张三,13800138000,厨房漏水,2026-02-01 09:00,报修,电话,x
A-2,李四,123,墙面开裂,2026-02-02 10:00,投诉,电话,y
A-3,王五,13900139000,"=SUM(1), 电梯",not a date,投诉,微信,z
A-4,赵六,021-61234567,电梯停运,2026-02-03 11:00,投诉,漂流瓶,z
"""
REJECTED = "4 rows: 2 imported, 0 there already, 2 rejected"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """AppTest asks for the labels of options outside the app's own run."""
    with in_language("en"):
        yield


def opened(open_page: OpenPage, text: str = FILE, name: str = "old.csv") -> AppTest:
    at = open_page("import_export", "manager", language="en")
    at.file_uploader[0].upload(name, text.encode())
    return at.run()


def tried(open_page: OpenPage, text: str = FILE) -> AppTest:
    return opened(open_page, text).button(key=IMPORT + "try").click().run()


def counts(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


@pytest.mark.parametrize(("language", "title"), [("zh_CN", "导入导出"), ("en", "Import and export")])
@pytest.mark.parametrize("part", ["import", "past", "export"])
def test_every_part_in_both_languages(open_page: OpenPage, language: str, title: str, part: str) -> None:
    at = open_page("import_export", "manager", language=language, do=part)
    assert not at.exception
    assert not at.error
    assert at.header[0].value == title


@pytest.mark.parametrize("who", ["intake", "handler", "reviewer"])
def test_who_may_not_open_it(open_page: OpenPage, who: str) -> None:
    at = open_page("import_export", who, language="en")
    assert at.error[0].value == "You don't have access to this page."


def test_who_only_exports_sees_no_import(open_page: OpenPage) -> None:
    at = open_page("import_export", "head", language="en", do="import")
    assert not at.file_uploader
    assert at.button(key=EXPORT + "prepare")


def test_the_mapping_is_suggested_with_samples_and_reasons(open_page: OpenPage) -> None:
    at = opened(open_page)
    rows = at.data_editor[0].value.set_index("header")
    assert rows.loc["问题描述", "field"] == "description"
    assert rows.loc["联系电话", "field"] == "client_phone"
    assert rows.loc["受理时间", "field"] == "taken_at"
    assert rows.loc["类型", "sample"] == "报修 | 投诉"
    assert rows.loc["客户姓名", "why"] == "same name · 100%"
    assert rows.loc["渠道", "on_unknown"] == "empty"
    assert pd.isna(rows.loc["问题描述", "on_unknown"])


def test_the_dry_run_saves_nothing_and_says_why(open_page: OpenPage, desk: Desk) -> None:
    before = desk.snapshot.seq
    at = tried(open_page)
    assert not at.exception
    assert counts(at) == {"Rows": "4", "Can be imported": "2", "There already": "0", "Rejected": "2"}
    table = next(frame.value for frame in at.dataframe if "Why not" in frame.value)
    assert list(table["Row"]) == [3, 4]
    assert list(table["Column"]) == ["联系电话", "受理时间"]
    assert list(table["Value"]) == ["123", "not a date"]
    assert "too short" in table["Why not"][0]
    remarks = next(frame.value for frame in at.dataframe if "What is done" in frame.value)
    remark = remarks.iloc[0].drop("Row").to_dict()
    assert remark == {"Column": "渠道", "Value": "漂流瓶", "What is done": "left empty", "Cells": 1}
    assert desk.snapshot.seq == before


def test_the_import_and_its_report(open_page: OpenPage, desk: Desk) -> None:
    at = tried(open_page).button(key=IMPORT + "run").click().run()
    assert not at.error
    assert at.success[0].value == REJECTED
    assert sorted(case.client_name for case in desk.snapshot[Case].values()) == ["张三", "赵六"]
    assert not at.data_editor  # ready for the next file
    again = tried(open_page)
    assert counts(again)["There already"] == "2"
    assert again.button(key=IMPORT + "run").disabled


def test_the_rejected_rows_come_back_corrected(open_page: OpenPage, desk: Desk) -> None:
    at = tried(open_page).button(key=IMPORT + "run").click().run()
    text = downloaded(at, f"{IMPORT}done.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["编号"] for row in rows] == ["A-2", "A-3"]
    assert "too short" in rows[0]["Why not imported"]
    corrected = text.replace(",123,", ",13700137000,").replace("not a date", "2026-02-02 12:00")
    second = tried(open_page, corrected).button(key=IMPORT + "run").click().run()
    assert second.success[0].value == "2 rows: 2 imported, 0 there already, 0 rejected"
    assert (
        next(case for case in desk.snapshot[Case].values() if case.client_name == "王五").description == "=SUM(1), 电梯"
    )


def downloaded(at: AppTest, key: str) -> bytes:
    button = at.download_button(key=key)
    content = button.value if isinstance(button.value, bytes) else None
    return content if content is not None else _deferred(at, key)


def _deferred(at: AppTest, key: str) -> bytes:
    """The bytes of a download that is made on demand."""
    report, checked = at.session_state[IMPORT + "done"]
    assert report.imported
    with in_language("en"):
        return importing.rejected_file(checked, format=key.rpartition(".")[2])


def test_two_columns_cannot_become_one_field(open_page: OpenPage) -> None:
    at = opened(open_page)
    set_field(at, "备注", "description")
    assert "both become" in at.warning[0].value
    assert not [button for button in at.button if button.key == IMPORT + "try"]


def test_a_file_that_does_not_say_what_a_case_is_about_asks_for_it(open_page: OpenPage, desk: Desk) -> None:
    at = opened(open_page, "x1,zz,when\nlift stands still,3,2026-02-01\nwater,4,2026-02-02\n")
    assert not at.error
    assert "tells what a case is about" in at.warning[0].value
    set_fields(at, {"x1": "description", "when": "taken_at"})
    assert not at.warning
    at.button(key=IMPORT + "try").click().run()
    at.button(key=IMPORT + "run").click().run()
    assert {case.description for case in desk.snapshot[Case].values()} == {"lift stands still", "water"}


def set_field(at: AppTest, header: str, name: str | None) -> None:
    set_fields(at, {header: name})


def set_fields(at: AppTest, fields: dict[str, str | None]) -> None:
    """What was typed into the table of columns, all of it."""
    editor = at.data_editor[0]
    headers = list(editor.value["header"])
    edited = {headers.index(header): {"field": name} for header, name in fields.items()}
    at.session_state[editor.key] = {"edited_rows": edited, "added_rows": [], "deleted_rows": []}
    at.run()


def test_a_column_given_a_choice_by_hand_follows_the_usual_treatment(open_page: OpenPage, desk: Desk) -> None:
    at = opened(open_page)
    set_fields(at, {"渠道": None, "备注": "channel"})
    assert not at.error
    at.button(key=IMPORT + "try").click().run()
    assert counts(at)["Can be imported"] == "2"


def test_a_changed_mapping_needs_a_new_dry_run(open_page: OpenPage) -> None:
    at = tried(open_page)
    set_field(at, "客户姓名", None)
    assert not at.metric
    assert not [button for button in at.button if button.key == IMPORT + "run"]


def test_a_mapping_is_kept_under_a_name_and_used_again(open_page: OpenPage, desk: Desk) -> None:
    at = opened(open_page)
    set_field(at, "备注", "location")
    at.text_input(key=IMPORT + "mapping_name").set_value("旧系统").run()
    at.button(key=IMPORT + "save_mapping").click().run()
    assert importing.saved_mapping(desk, "旧系统").columns["备注"].field == "location"
    fresh = opened(open_page)
    choice = next(box for box in fresh.selectbox if box.label == "Mapping")
    choice.set_value("旧系统").run()
    assert fresh.data_editor[0].value.set_index("header").loc["备注", "field"] == "location"
    assert fresh.data_editor[0].value.set_index("header").loc["备注", "why"] == "chosen by hand"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"%PDF-1.7 ...", "This kind of file is not known"), (b"PK\x03\x04broken", "damaged")],
)
def test_a_file_that_cannot_be_read_says_why(open_page: OpenPage, content: bytes, words: str) -> None:
    at = open_page("import_export", "manager", language="en")
    at.file_uploader[0].upload("table.csv", content)
    at.run()
    assert not at.exception
    assert words in at.error[0].value


def test_the_sheet_can_be_chosen(open_page: OpenPage) -> None:
    book = openpyxl.Workbook()
    book.active.title = "first"
    book.active.append(["问题描述", "类型"])
    book.active.append(["漏水", "报修"])
    second = book.create_sheet("second")
    second.append(["问题描述", "客户姓名"])
    second.append(["开裂", "张三"])
    content = io.BytesIO()
    book.save(content)
    at = open_page("import_export", "manager", language="en")
    at.file_uploader[0].upload("book.xlsx", content.getvalue())
    at.run()
    sheet = next(box for box in at.selectbox if box.label == "Sheet")
    assert sheet.value == "first"
    sheet.set_value("second").run()
    assert list(at.data_editor[0].value["header"]) == ["问题描述", "客户姓名"]


@pytest.fixture
def imported(open_page: OpenPage, desk: Desk) -> ImportRun:
    tried(open_page).button(key=IMPORT + "run").click().run()
    return next(iter(desk.snapshot[ImportRun].values()))


def test_an_import_is_taken_back_as_a_whole(open_page: OpenPage, desk: Desk, imported: ImportRun) -> None:
    at = open_page("import_export", "manager", language="en", do="past")
    assert any("old" in text.value and REJECTED in text.value for text in at.markdown)
    at.button(key=f"{IMPORT}undo.{imported.import_id}").click().run()
    assert not at.error
    assert not desk.snapshot[Case]
    assert any("undone" in text.value for text in at.markdown)
    assert not [button for button in at.button if button.label == "Undo the import"]


def test_cases_that_people_worked_on_are_not_taken_silently(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], imported: ImportRun
) -> None:
    case = next(iter(desk.snapshot[Case].values()))
    handling.add_note(desk, actor=people["manager"], case=case, text="rang her")
    at = open_page("import_export", "manager", language="en", do="past")
    at.button(key=f"{IMPORT}undo.{imported.import_id}").click().run()
    assert case.case_no in at.error[0].value
    assert len(desk.snapshot[Case]) == 2
    at.run()
    at.checkbox(key=f"{IMPORT}force.{imported.import_id}").check().run()
    at.button(key=f"{IMPORT}undo.{imported.import_id}").click().run()
    assert not desk.snapshot[Case]


@pytest.mark.parametrize(("language", "header"), [("zh_CN", "问题描述"), ("en", "Description")])
def test_an_export_holds_the_cases_and_is_recorded(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], language: Language, header: str
) -> None:
    take_in(desk, people["intake"], description="厨房漏水")
    with in_language(language):
        at = open_page("import_export", "manager", language=language, do="export")
        at.segmented_control(key=EXPORT + "format").set_value("csv").run()
        at.button(key=EXPORT + "prepare").click().run()
    assert not at.exception
    content: Any = at.session_state[EXPORT + "ready"][1]
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row[header] for row in rows] == ["厨房漏水"]
    assert at.download_button(key=EXPORT + "file")
    assert [line.text for line in desk.history(actions=["export"])] == ["csv 1"]
    with in_language(language):
        at.segmented_control(key=EXPORT + "format").set_value("xlsx").run()
    assert not at.download_button  # the file on offer is always the one asked for


def test_an_export_of_closed_cases_only(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    take_in(desk, people["intake"])
    at = open_page("import_export", "manager", language="en", do="export")
    assert at.button(key=EXPORT + "prepare").label == "Prepare 1 case"
    at.segmented_control(key=EXPORT + "which").set_value("closed").run()
    assert at.button(key=EXPORT + "prepare").disabled


UNDATED = "编号,问题描述\n1,厨房漏水\n2,墙面开裂\n3,合计\n"


@pytest.mark.trial(6)
def test_cases_without_a_date_are_asked_about(open_page: OpenPage, desk: Desk) -> None:
    at = opened(open_page, UNDATED)
    assert at.warning[0].value == "Say what cases without a date are."
    assert not [button for button in at.button if button.key == IMPORT + "try"]
    choice = next(one for one in at.radio if one.label == "No column says when the cases were logged")
    assert choice.value is None
    choice.set_value("new").run()
    at.button(key=IMPORT + "try").click().run()
    assert counts(at) == {"Rows": "2", "Can be imported": "2", "There already": "0", "Rejected": "0"}
    at.button(key=IMPORT + "run").click().run()
    assert {case.taken_at for case in desk.snapshot[Case].values()} == {desk.now()}


@pytest.mark.trial(6)
def test_the_page_tells_columns_and_remarks(open_page: OpenPage) -> None:
    at = opened(open_page, "编号,问题描述,受理时间,点赞数\n1,厨房漏水,2026-02-01,4\n合计,,,4\n")
    at.button(key=IMPORT + "try").click().run()
    remarks = next(frame.value for frame in at.dataframe if "What is done" in frame.value)
    assert list(remarks["What is done"]) == ["a line of totals: not imported"]
    at.button(key=IMPORT + "run").click().run()
    assert any("问题描述 → Description" in text.value for text in at.markdown)
    assert any(text.value == "Not imported: 点赞数" for text in at.caption)
    assert any("What is done" in frame.value for frame in at.dataframe)


VALUES = """编号,问题描述,受理时间,状态,紧急程度
1,厨房漏水,2026-02-01,已结,很急
2,墙面开裂,2026-02-01,办妥,很急
"""


@pytest.mark.trial(8)
def test_what_the_values_become_is_chosen_beside_the_columns(open_page: OpenPage, desk: Desk) -> None:
    at = opened(open_page, VALUES)
    tables = {tuple(editor.value.get("text", ())): editor for editor in at.data_editor[1:]}
    stages = tables[("办妥", "已结")]
    assert list(stages.value["how"]) == ["unknown", "known"]
    assert [pd.isna(stages.value["becomes"][0]), stages.value["becomes"][1]] == [True, "closed"]
    for editor, code in ((stages, "closed"), (tables[("很急",)], "P2")):
        edited = {"edited_rows": {0: {"becomes": code}}, "added_rows": [], "deleted_rows": []}
        at.session_state[editor.key] = edited
    at.run()
    at.button(key=IMPORT + "try").click().run()
    assert counts(at)["Can be imported"] == "2"
    at.text_input(key=IMPORT + "mapping_name").set_value("旧系统").run()
    at.button(key=IMPORT + "save_mapping").click().run()
    saved = importing.saved_mapping(desk, "旧系统")
    assert (saved.columns["状态"].values, saved.columns["紧急程度"].values) == ({"办妥": "closed"}, {"很急": "P2"})


@pytest.mark.trial(5)
def test_new_list_entries_wait_for_a_tick(open_page: OpenPage, desk: Desk) -> None:
    at = tried(
        open_page, "受理时间,问题描述,投诉类别\n2026-02-01 09:00,厨房漏水,鬼屋\n2026-02-02 09:00,墙面开裂,渗漏\n"
    )
    assert "**1 new list entry** (Category): 鬼屋" in [warning.value for warning in at.warning]
    assert at.button(key=IMPORT + "run").disabled
    [tick] = [box for box in at.checkbox if str(box.key).startswith(f"{IMPORT}new.")]
    tick.check().run()
    at.button(key=IMPORT + "run").click().run()
    assert desk.lists.has("category", "鬼屋")
    assert len(desk.snapshot[Case]) == 2
