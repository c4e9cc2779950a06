"""Suggested columns against hand-labelled tables of others, and what values say where headers do not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.services.data.importing.suggesting import suggestions
from lib.tabular.headers import normalise
from lib.tabular.reading import read_table
from lib.tabular.table import Cell, FileTable, SourceRow
from tests.services.data.importing.files import dry_run
from tests.services.data.importing.truth import FILES, HEADERS, LATER, OTHERS, Truth

SHARED = Path(__file__).resolve().parents[5] / "shared" / "data"


def fields(desk: Desk, headers: list[str], rows: list[list[Cell]] | None = None) -> dict[str, str]:
    cells = [SourceRow(number, tuple(row)) for number, row in enumerate(rows or [], start=2)]
    found = suggestions(desk, FileTable("t", tuple(headers), tuple(cells)))
    return {header: guess.target for header, guess in found.items() if guess.target}


@dataclass
class Score:
    """How many columns were suggested and right, and how many that have a field were found."""

    suggested: int = 0
    right: int = 0
    to_find: int = 0
    found: int = 0
    without_description: tuple[str, ...] = ()

    def add(self, name: str, table: FileTable, truth: Truth, desk: Desk) -> None:
        guesses = suggestions(desk, table)
        allowed = {header: truth.get(header, truth.get(normalise(header), "-")).split() for header in table.headers}
        right = [header for header in table.headers if (guesses[header].target or "-") in allowed[header]]
        suggested = [header for header in table.headers if guesses[header].target]
        to_find = [header for header in table.headers if "-" not in allowed[header]]
        self.suggested, self.right = self.suggested + len(suggested), self.right + len({*right} & {*suggested})
        self.to_find, self.found = self.to_find + len(to_find), self.found + len({*right} & {*to_find})
        told = [header for header in to_find if "description" in allowed[header]]
        if told and not {*told} & {*right}:
            self.without_description += (name,)


def headers_alone(desk: Desk, tables: Mapping[str, Truth]) -> Score:
    score = Score()
    for name, truth in tables.items():
        score.add(name, FileTable(name, tuple(truth), ()), truth, desk)
    return score


@pytest.mark.trial(8)
def test_headers_of_tables_that_nobody_here_had_seen(desk: Desk) -> None:
    score = headers_alone(desk, {**OTHERS, **LATER})
    assert score.right >= 0.95 * score.suggested
    assert score.found >= 0.95 * score.to_find
    assert score.without_description == ("市民诉求",)  # by its header it could as well be what she wants


@pytest.mark.trial(8)
def test_chinese_headers_of_real_systems(desk: Desk) -> None:
    path = SHARED / "zh_headers.json"
    if not path.is_file():
        pytest.skip(f"needs {path.name}, which is not here")
    score = Score()
    for table in json.loads(path.read_text("utf-8")):
        score.add(table["title"], FileTable(table["title"], tuple(table["headers"]), ()), HEADERS[table["title"]], desk)
    assert score.right >= 0.95 * score.suggested
    assert score.found >= 0.95 * score.to_find
    assert score.without_description == ()


@pytest.mark.trial(8)
def test_real_tables_with_their_values(desk: Desk) -> None:
    if not SHARED.is_dir():
        pytest.skip("needs the folder of real tables, which is not here")
    score = Score()
    for name, truth in FILES.items():
        score.add(name, read_table(SHARED.joinpath(name).read_bytes(), name), truth, desk)
    assert score.right >= 0.95 * score.suggested
    assert score.found >= 0.95 * score.to_find
    assert score.without_description == ()


STORIES = [
    "楼上空调滴水到我家阳台，多次沟通无效，请尽快处理",
    "签约时承诺的学位没有兑现，要求退还中介费用",
    "卫生间渗水，天花板已经发霉，孩子老人都住不了",
]


@pytest.mark.trial(8)
def test_the_longest_text_is_the_description(desk: Desk) -> None:
    rows: list[list[Cell]] = [["2026-01-05", text, "王芳", "急"] for text in STORIES]
    assert fields(desk, ["日期", "怎么回事", "谁", "x"], rows)["怎么回事"] == "description"
    assert fields(desk, ["日期", "诉求", "谁", "x"], rows)["诉求"] == "description"


@pytest.mark.trial(8)
def test_a_remark_is_the_description_only_where_nothing_else_is(desk: Desk) -> None:
    assert fields(desk, ["日期", "备注"], [["2026-01-05", text] for text in STORIES])["备注"] == "description"
    rows: list[list[Cell]] = [[text[::-1], f"{text}。物业已经来看过两次。"] for text in STORIES]
    assert fields(desk, ["反映事项", "备注"], rows) == {"反映事项": "description"}


@pytest.mark.trial(8)
def test_addresses_and_points_are_no_description(desk: Desk) -> None:
    points: list[list[Cell]] = [
        [f"(40.{n}3065, -73.{n}2082)", f"科苑路{n}号阳光花园三期南门保安亭旁的垃圾站"] for n in range(9)
    ]
    assert fields(desk, ["Where", "地址"], points) == {"地址": "location"}


@pytest.mark.trial(8)
def test_dates_that_lie_before_the_others_are_the_beginning(desk: Desk) -> None:
    rows: list[list[Cell]] = [
        [f"2026-01-{day + 3:02}", f"2026-01-{day:02}", text] for day, text in enumerate(STORIES, 5)
    ]
    assert fields(desk, ["第二次", "第一次", "问题描述"], rows) == {"第一次": "taken_at", "问题描述": "description"}
    assert fields(desk, ["结案日期", "第一次", "问题描述"], rows)["第一次"] == "taken_at"


@pytest.mark.trial(8)
def test_a_time_of_handling_is_no_deadline(desk: Desk) -> None:
    rows: list[list[Cell]] = [["2026-01-05", "2026-01-08", text] for text in STORIES]
    assert fields(desk, ["投诉时间", "办理时间", "内容"], rows) == {"投诉时间": "taken_at", "内容": "description"}
    assert fields(desk, ["办理时间", "处理时间", "维修时间"]) == {}


@pytest.mark.trial(8)
def test_an_office_name_is_no_title(desk: Desk) -> None:
    rows: list[list[Cell]] = [["Public Works Department", text] for text in STORIES]
    assert fields(desk, ["subject", "case_title"], rows).get("subject") != "title"
    branches: list[list[Cell]] = [
        [name, text] for name, text in zip(["城东分行", "城西门店", "客服中心"], STORIES, strict=True)
    ]
    assert "title" not in fields(desk, ["主题", "内容"], branches).values()


@pytest.mark.trial(8)
def test_a_category_of_kinds_is_the_kind(desk: Desk) -> None:
    rows: list[list[Cell]] = [
        [kind, part] for kind, part in zip(["投诉", "报修", "咨询"], ["渗漏", "电梯", "费用"], strict=True)
    ]
    assert fields(desk, ["类别", "问题分类"], rows) == {"类别": "kind", "问题分类": "category"}
    heat: list[list[Cell]] = [["Heat and Hot Water"], ["Tenant Action"], ["Heat and Hot Water"]]
    assert fields(desk, ["CaseType"], heat) == {"CaseType": "category"}


@pytest.mark.trial(8)
def test_few_known_values_are_a_choice(desk: Desk) -> None:
    rows: list[list[Cell]] = [["已结案", "电话", "业主"], ["处理中", "微信", "租客"], ["已结案", "电话", "业主"]]
    assert fields(desk, ["一", "二", "三"], rows) == {"一": "stage", "二": "channel", "三": "relation"}


@pytest.mark.trial(8)
def test_a_group_of_columns_says_whose_a_name_is(desk: Desk) -> None:
    headers = ["客户-姓名", "客户-电话", "维修人员-姓名", "维修人员-电话", "处理-时间", "处理-结果"]
    assert fields(desk, headers) == {
        "客户-姓名": "client_name",
        "客户-电话": "client_phone",
        "维修人员-姓名": "assignee",
        "处理-结果": "answer_text",
    }


@pytest.mark.trial(8)
def test_english_headers_in_short(desk: Desk) -> None:
    assert fields(desk, ["open_dt", "closed_dt", "case_title", "sla_target_dt", "case_status"]) == {
        "open_dt": "taken_at", "closed_dt": "closed_at", "case_title": "title", "sla_target_dt": "resolve_due",
        "case_status": "stage",
    }  # fmt: skip


@pytest.mark.trial(8)
def test_an_empty_title_takes_its_text_from_what_the_row_says(desk: Desk, people: dict[str, Actor]) -> None:
    text = "编号,受理时间,分类,小区,处理结果\n1,2026-01-05,渗漏,阳光花园,已换管\n2,2026-01-05,,,\n"
    mapping = {
        "columns": {
            "编号": "source_ref", "受理时间": "taken_at", "分类": "category", "小区": "community",
            "处理结果": "answer_text",
        }
    }  # fmt: skip
    found = dry_run(desk, people["manager"], text, mapping)
    assert [item.case.title for item in found.ready] == ["渗漏 · 阳光花园"]
    assert found.ready[0].case.description == "渗漏 · 阳光花园"
    assert [(item.row, item.reason) for item in found.refusals] == [(3, "missing")]
