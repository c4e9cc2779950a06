from pathlib import Path

import pytest

from lib.tabular.headers import BadAliases, Suggestion, Target, load_aliases, normalise, suggest
from lib.tabular.reading import read_table

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
KINDS = {"taken_at": "datetime", "closed_at": "datetime", "due": "datetime", "answered_at": "datetime"}
KINDS |= {"client_phone": "phone", "stage": "choice", "category": "choice", "channel": "choice", "kind": "choice"}
FIELDS = (
    "source_ref taken_at closed_at due kind channel category client_name client_phone relation community building "
    "unit room location deal_no title description stated_cause wanted_outcome stage department assignee answer_text "
    "answered_at priority satisfaction"
)


def targets() -> list[Target]:
    aliases = load_aliases(ROOT / "config" / "import_aliases.toml")
    return [Target(key, names, KINDS.get(key, "text")) for key, names in aliases.items()]


def mapping(headers, rows=()) -> dict[str, str]:
    return {header: s.target for header, s in suggest(headers, rows, targets()).items() if s.target}


def test_the_shipped_aliases_cover_every_field():
    assert sorted(load_aliases(ROOT / "config" / "import_aliases.toml")) == sorted(FIELDS.split())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('a = "x"', "not_a_list"),
        ('a = ["--"]', "empty_name"),
        ('a = ["Due Date"]\nb = ["due_date"]', "name_used_twice"),
    ],
)
def test_wrong_aliases_are_refused(tmp_path: Path, text: str, why: str):
    path = tmp_path / "aliases.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadAliases) as refused:
        load_aliases(path)
    assert refused.value.why == why


def test_normalise():
    assert normalise("Created Date") == normalise("created_date") == normalise("ＣREATED-date：") == "createddate"


def test_names_in_any_case_and_form():
    phone, when = (
        Target("client_phone", ("联系电话", "Phone", "Tel"), "phone"),
        Target("taken_at", ("时间", "Taken at")),
    )
    found = suggest(["TEL.", "taken_at", "颜色"], [], [phone, when])
    assert [(s.target, s.reason) for s in found.values()] == [
        ("client_phone", "alias"),
        ("taken_at", "same_name"),
        (None, "nothing_fits"),
    ]
    assert found["颜色"] == Suggestion(None, 0.0, "nothing_fits")


def test_one_field_is_suggested_once_and_the_better_name_wins():
    assert mapping(["Agency", "Agency Name"]) == {"Agency Name": "department"}
    assert mapping(["联系电话", "投诉电话"]) == {"投诉电话": "client_phone"}


def test_similar_names():
    found = suggest(["业主投诉内容说明"], [], [Target("description", ("投诉内容说明",)), Target("due", ("到期",))])
    assert found["业主投诉内容说明"].target == "description"
    assert found["业主投诉内容说明"].reason == "similar_name"
    assert 0.57 <= found["业主投诉内容说明"].confidence < 0.9


def test_values_speak_against_a_name():
    when = [Target("taken_at", ("留言时间",), "datetime")]
    assert suggest(["留言时间"], [["2020/1/6"]] * 3, when)["留言时间"].target == "taken_at"
    assert suggest(["留言时间"], [["05/06/2020"]] * 3, when)["留言时间"].target == "taken_at"
    assert suggest(["留言时间"], [[12], [7], [9]], when)["留言时间"].target is None
    phone = [Target("client_phone", ("电话",), "phone")]
    assert suggest(["电话"], [["无人接听"], ["是"]], phone)["电话"].target is None


def test_values_speak_for_a_field():
    phone = [Target("client_phone", ("电话",), "phone")]
    rows = [["13812345678"], ["0571-88886666"], [13912345678], ["400-800-1234"]]
    assert suggest(["怎么找他"], rows, phone)["怎么找他"] == Suggestion("client_phone", 0.6, "values")
    assert suggest(["编号"], [["1"], ["2"], ["3"]], phone)["编号"].target is None


def test_an_address_beats_coordinates():
    rows = [["(40.83, -73.92)", "1006 GERARD AVENUE"], ["POINT (-73.92 40.58)", "3939 EMMONS AVENUE"]]
    assert mapping(["Location", "Incident Address"], rows) == {"Incident Address": "location"}


def test_chinese_complaint_headers():
    headers = [
        "自动编号",
        "房间编号",
        "投诉人",
        "投诉电话",
        "投诉日期",
        "投诉类别",
        "状态",
        "受理结果",
        "受理完成时间",
        "数据来源",
        "是否满意",
        "回访人",
    ]
    assert mapping(headers) == {
        "自动编号": "source_ref",
        "房间编号": "room",
        "投诉人": "client_name",
        "投诉电话": "client_phone",
        "投诉日期": "taken_at",
        "投诉类别": "category",
        "状态": "stage",
        "受理结果": "answer_text",
        "受理完成时间": "closed_at",
        "数据来源": "channel",
        "是否满意": "satisfaction",
    }


NYC311 = {
    "uniquekey": "source_ref",
    "createddate": "taken_at",
    "closeddate": "closed_at",
    "agencyname": "department",
    "complainttype": "category",
    "descriptor": "title",
    "incidentaddress": "location",
    "status": "stage",
    "duedate": "due",
    "resolutiondescription": "answer_text",
    "resolutionactionupdateddate": "answered_at",
    "borough": "community",
}


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no folder {SHARED}")
@pytest.mark.parametrize("name", ["fedhere.csv", "jasonlin.csv", "rjhcarto.csv"])
def test_three_styles_of_the_same_columns(name: str):
    table = read_table((SHARED / "nyc311" / name).read_bytes(), name)
    found = mapping(table.headers, [row.cells for row in table.rows])
    assert {normalise(header): field for header, field in found.items()}.items() >= NYC311.items()


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no folder {SHARED}")
def test_chinese_messages_with_answers():
    path = SHARED / "tipdm2020_sample" / "附件4.xlsx"
    table = read_table(path.read_bytes(), path.name)
    assert list(mapping(table.headers, [row.cells for row in table.rows]).values()) == [
        *("source_ref", "client_name", "title", "taken_at", "description", "answer_text", "answered_at"),
    ]
