"""Setting up a spreadsheet and upgrading one that people worked in: real HTTP against the loopback server."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from openpyxl.formula import Tokenizer

from lib.cli.sheet_words import finding_words
from lib.config.settings import load_config, load_settings
from lib.desk.desk import fixed_lists
from lib.domain.records.people import Staff
from lib.domain.records.record import Record
from lib.domain.records.workspace import ListItem
from lib.services.workspace.workspace import seeds_of
from lib.store.schema import SCHEMA
from lib.store.sheets.api import drive
from lib.store.sheets.api.client import Rejected, SheetsClient
from lib.store.sheets.model.meta import tag_of
from lib.store.sheets.model.options import Options
from lib.store.sheets.selfcheck import selfcheck
from lib.store.sheets.setup import readme_tab, setup
from lib.store.sheets.setup.choices import Words, wanted_columns
from lib.store.sheets.setup.dropdowns import Dropdowns
from lib.store.sheets.setup.setup import SetUp, Workspace
from lib.store.sheets.store import SheetsStore
from lib.store.sheets.write.requests import MARKER_KEY, MARKERS
from lib.store.sheets.writer import PRUNE_EVERY
from tests.google.book.a1 import column_letters
from tests.google.book.workbook import METADATA_BUDGET
from tests.store.contract import case_row
from tests.store.sheets.support import APP, Sheets
from tests.store.support import row_write
from tests.support import MONDAY, ZONE

SETTINGS = load_settings()
CONFIG = load_config(SETTINGS)
CHINESE = Workspace(
    language="zh_CN",
    time_zone="Asia/Shanghai",
    editor=APP,
    workflow=CONFIG.workflow,
    seeds=seeds_of(CONFIG.lists),
    fixed=fixed_lists(CONFIG),
    low={"process": 2, "outcome": 2},
)
ENGLISH = replace(CHINESE, language="en")
WRITERS = "writer@loopback.test"


def set_up(sheets: Sheets, workspace: Workspace = CHINESE, **more: Any) -> SetUp:
    client = sheets.client()
    plan = setup.plan(client, workspace, **more)
    setup.carry_out(client, plan)
    return plan


def kinds(plan: SetUp) -> set[tuple[str, str]]:
    return {(step.kind, step.tab) for step in plan.steps}


def again(sheets: Sheets, workspace: Workspace = CHINESE) -> SetUp:
    return setup.plan(sheets.client(), workspace)


def plain(record: Record) -> dict[str, Any]:
    return {name: cell for name, cell in record.model_dump(mode="json").items() if cell not in ("", None)}


def writes(sheets: Sheets) -> int:
    return int(sheets.server.log.summary()["writes"])


def extras(sheets: Sheets, tab: str, kind: str) -> list[dict[str, Any]]:
    return list(sheets.manager.book.titled(tab).extras.get(kind, []))


def look(sheets: Sheets, tab: str, row: int, column: str) -> dict[str, Any]:
    sheet = sheets.manager.book.titled(tab)
    return dict(sheet.look(row - 1, sheets.manager.column(tab, column)) or {})


def formulas(sheets: Sheets, tab: str) -> list[str]:
    rules = extras(sheets, tab, "conditionalFormats")
    return [rule["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for rule in rules]


class TestFresh:
    def test_it_takes_two_calls_and_little(self, sheets: Sheets) -> None:
        sheets.server.log.reset()
        set_up(sheets)
        told = sheets.server.log.summary()
        assert told["requests"] == 2
        assert told["largest_request"] < 2_000_000

    def test_a_second_run_sends_no_change(self, sheets: Sheets) -> None:
        set_up(sheets)
        version = sheets.client().version()
        sheets.server.log.reset()
        assert set_up(sheets).steps == []
        assert writes(sheets) == 0
        assert sheets.server.log.summary()["reads"] == 4
        assert sheets.client().version() == version

    @pytest.mark.parametrize(("workspace", "tab", "header"), [(CHINESE, "案件", "标题"), (ENGLISH, "Cases", "Title")])
    def test_it_speaks_the_language_of_the_workspace(
        self, sheets: Sheets, workspace: Workspace, tab: str, header: str
    ) -> None:
        set_up(sheets, workspace)
        assert header in sheets.manager.rows(tab)[0]
        assert again(sheets, workspace).steps == []

    def test_the_store_works_on_it(self, sheets: Sheets) -> None:
        set_up(sheets)
        store = sheets.open()
        assert store.provision(SCHEMA) == []
        row = case_row("A-1", title="漏水", taken_at=MONDAY.isoformat(), kind="repair", room="0501")
        store.write(row_write(store, {"lists": [plain(item) for item in CHINESE.seeds]}))
        store = sheets.open()
        store.write(row_write(store, {"cases": [row]}))
        assert sheets.open().pull(None).rows["cases"] == [row]
        assert sheets.cell("案件", "A-1", "类型") == "报修"
        assert again(sheets).steps == []

    def test_dropdowns_offer_labels_and_do_not_refuse(self, sheets: Sheets) -> None:
        set_up(sheets)
        rule = look(sheets, "案件", 2, "渠道")["dataValidation"]
        assert rule["condition"]["type"] == "ONE_OF_RANGE"
        assert rule["showCustomUi"] is True
        assert not rule.get("strict")
        place = rule["condition"]["values"][0]["userEnteredValue"].removeprefix("=")
        offered = sheets.client().values([place])[0]["values"]
        assert offered == [[zh] for zh, _ in CONFIG.lists["channel"].values()]
        assert look(sheets, "案件", 200, "渠道") == look(sheets, "案件", 2, "渠道")

    def test_flags_are_no_tick_boxes_which_would_count_as_content(self, sheets: Sheets) -> None:
        set_up(sheets)
        assert look(sheets, "人员", 2, "在职")["dataValidation"]["condition"]["type"] == "ONE_OF_LIST"

    @pytest.mark.parametrize(
        ("column", "kind", "pattern"),
        [
            ("受理时间", "DATE_TIME", "yyyy-mm-dd hh:mm"),
            ("发生日期", "DATE", "yyyy-mm-dd"),
            ("补偿金额", "NUMBER", "#,##0.00"),
            ("客户电话", "TEXT", "@"),
            ("房号", "TEXT", "@"),
        ],
    )
    def test_columns_have_the_format_of_their_kind(self, sheets: Sheets, column: str, kind: str, pattern: str) -> None:
        set_up(sheets)
        wanted = {"type": kind, "pattern": pattern}
        assert look(sheets, "案件", 2, column)["userEnteredFormat"]["numberFormat"] == wanted
        assert look(sheets, "案件", 200, column)["userEnteredFormat"]["numberFormat"] == wanted

    def test_header_and_key_are_frozen_and_columns_grouped(self, sheets: Sheets) -> None:
        set_up(sheets)
        sheet = sheets.manager.book.titled("案件")
        grid = sheet.properties["gridProperties"]
        assert (grid["frozenRowCount"], grid["frozenColumnCount"]) == (1, 1)
        names = list(SCHEMA["cases"].columns)
        spans = [(g["range"]["startIndex"], g["range"]["endIndex"]) for g in extras(sheets, "案件", "columnGroups")]
        first, end = spans[0]
        assert {SCHEMA["cases"].columns[name].group for name in names[first:end]} == {"intake"}
        assert all(one[1] < other[0] for one, other in pairwise(spans)), "groups touch"
        description = sheets.manager.column("案件", "问题描述")
        assert sheet.lines["COLUMNS"][description]["pixelSize"] == SCHEMA["cases"].columns["description"].width
        assert sheet.lines["COLUMNS"][sheets.manager.column("案件", "_hash")]["hiddenByUser"] is True

    def test_where_people_work_protection_warns_and_elsewhere_it_refuses(self, sheets: Sheets) -> None:
        set_up(sheets)
        assert all(item["warningOnly"] for item in extras(sheets, "案件", "protectedRanges"))
        other = sheets.server.manager(sheets.id, WRITERS)
        other.store.files[sheets.id].permissions.append(
            {"kind": "drive#permission", "id": "1", "type": "user", "role": "writer", "emailAddress": WRITERS}
        )
        other.set("'案件'!A2:B2", [["", "x"]])
        other.sort("案件", "标题")
        for tab in ("历史", "_casesheet", "_choices"):
            with pytest.raises(Exception, match="protected"):
                other.set(f"'{tab}'!A2", [["x"]])
        sheets.manager.set("'历史'!L50", [["the owner may"]])

    def test_the_archive_is_like_the_tab_of_cases(self, sheets: Sheets) -> None:
        set_up(sheets)
        archive, manager = "案件归档", sheets.manager
        assert manager.rows(archive)[0] == manager.rows("案件")[0]
        found = [sheet["properties"] for sheet in sheets.client().metadata("sheets.properties(title,hidden)")["sheets"]]
        assert [one["title"] for one in found if not one.get("hidden")][-2:] == [archive, "Sheet1"]
        for column in ("受理时间", "发生日期", "补偿金额", "房号", "阶段"):
            assert look(sheets, archive, 2, column) == look(sheets, "案件", 2, column)
        assert len(extras(sheets, archive, "protectedRanges")) == len(extras(sheets, "案件", "protectedRanges"))
        wanted = [one for one in formulas(sheets, "案件") if " late " not in one and " soon " not in one]
        assert [one for one in formulas(sheets, archive) if "invalid" in one] == [o for o in wanted if "invalid" in o]
        assert not [one for one in formulas(sheets, archive) if "late" in one]

    def test_late_and_unreadable_cells_are_coloured(self, sheets: Sheets) -> None:
        set_up(sheets)
        told = formulas(sheets, "案件")
        (late,) = [text for text in told if "casesheet late resolve_due" in text]
        due, end = (column_letters(sheets.manager.column("案件", name)) for name in ("办结时限", "答复时间"))
        assert f"${due}2<NOW()" in late
        assert f"LEN(${end}2)=0" in late
        assert "_choices" in late
        for name in ("invalid channel", "invalid occurred_on", "invalid client_phone", "soon resolve_due"):
            assert any(f'N("casesheet {name}")' in text for text in told), name

    def test_every_formula_can_be_read(self, sheets: Sheets) -> None:
        set_up(sheets)
        views = [view for sheet in sheets.manager.book.sheets for view in sheet.extras.get("filterViews", [])]
        conditions = [spec["filterCriteria"]["condition"] for view in views for spec in view.get("filterSpecs", [])]
        told = [value["userEnteredValue"] for condition in conditions for value in condition.get("values", [])]
        told += [text for tab in ("案件", "任务", "回访", "满意度", "外部单位") for text in formulas(sheets, tab)]
        assert len(told) > 50
        for text in told:
            tokens = Tokenizer(text).items
            opened = sum(token.subtype == "OPEN" for token in tokens)
            assert opened == sum(token.subtype == "CLOSE" for token in tokens) > 0, text
            assert not [token for token in tokens if "{" in token.value and token.subtype != "TEXT"], text

    def test_running_clocks_come_from_the_workflow(self, sheets: Sheets) -> None:
        words = Words("zh_CN", [*CHINESE.seeds, *CHINESE.fixed], ())
        columns = wanted_columns(words, CONFIG.workflow, SCHEMA)
        assert set(columns["clock.review+"]) == {"in_review", "复核中", "Under review"}
        assert "待补充" not in columns["clock.acknowledge+"]
        assert "已结案" not in columns["stage.open+"]

    def test_filter_views_answer_common_questions(self, sheets: Sheets) -> None:
        set_up(sheets, ENGLISH)
        titles = [view["title"] for tab in ("Cases", "Surveys") for view in extras(sheets, tab, "filterViews")]
        assert titles == [
            "Open cases by deadline",
            "Overdue cases",
            "Open cases by assignee (choose your name)",
            "Open cases without assignee",
            "Logged this week",
            "Low satisfaction",
        ]

    def test_managers_find_a_read_me_first(self, sheets: Sheets) -> None:
        set_up(sheets, ENGLISH)
        assert sheets.manager.book.sheets[0].title == "Read me"
        assert sheets.manager.rows("Read me")[0] == ["Before you edit"]

    def test_times_are_on_the_clock_of_the_workspace(self, sheets: Sheets) -> None:
        set_up(sheets)
        assert sheets.manager.book.properties["timeZone"] == "Asia/Shanghai"

    def test_names_of_people_are_offered(self, sheets: Sheets) -> None:
        set_up(sheets)
        store = sheets.open()
        people = [
            {"staff_id": "s1", "name": "李经办", "email": "a@b.cn", "active": True},
            {"staff_id": "s2", "name": "吴先前", "email": "b@b.cn", "active": False},
        ]
        store.write(row_write(store, {"staff": people, "lists": [plain(item) for item in CHINESE.seeds]}))
        assert kinds(again(sheets)) == {("choices", "_choices")}
        client = sheets.client()
        live = SheetsStore(client, Options(zone=ZONE, fixed=CHINESE.fixed), dropdowns=Dropdowns(client))
        live.pull(None)
        rows = sheets.manager.rows("_choices")
        offered, known = rows[0].index("person"), rows[0].index("person+")
        assert [row[offered] for row in rows[1:] if len(row) > offered and row[offered]] == ["李经办"]
        assert {row[known] for row in rows[1:] if len(row) > known} >= {"李经办", "吴先前", "s1", "s2"}
        assert ("choices", "_choices") not in kinds(again(sheets))

    def test_a_list_changed_in_the_workspace_reaches_the_dropdowns(self, sheets: Sheets) -> None:
        set_up(sheets)
        store = sheets.open()
        item = ListItem(item_id="channel.hotline", list_name="channel", code="hotline", zh="服务热线", en="Hotline")
        store.write(row_write(store, {"lists": [plain(item)]}))
        (step,) = again(sheets).steps
        assert step.kind == "choices"
        assert "channel" in step.names
        set_up(sheets)
        assert again(sheets).steps == []


class TestUpgrade:
    """An older sheet, or one in which people worked."""

    def test_a_sheet_that_only_the_app_made_gets_everything(self, sheets: Sheets) -> None:
        sheets.opened()
        plan = set_up(sheets)
        assert {kind for kind, _ in kinds(plan)} >= {"choices", "look", "formats", "dropdowns", "protection", "colours"}
        assert again(sheets).steps == []

    def test_moved_renamed_and_extra_columns_are_kept(self, sheets: Sheets) -> None:
        store = sheets.opened()
        row = case_row("A-1", title="漏水", kind="repair", client_phone="13800138000")
        store.write(row_write(store, {"cases": [row]}))
        manager = sheets.manager
        manager.move_column("案件", "标题", "阶段")
        manager.rename_column("案件", "渠道", "Channel")
        manager.rename_column("案件", "客户电话", "client_phone")
        manager.add_column("案件", "我的备注", before="标题")
        manager.set_cell("案件", 2, "我的备注", "自己的")
        manager.note("案件", 2, "标题", "问过客户")
        manager.hide_column("案件", "楼栋")
        manager.rename_tab("案件", "我们的案件")
        before = manager.rows("我们的案件")
        set_up(sheets)
        assert manager.rows("我们的案件") == before
        assert look(sheets, "我们的案件", 2, "标题")["note"] == "问过客户"
        assert "dataValidation" in look(sheets, "我们的案件", 2, "Channel")
        assert "dataValidation" not in look(sheets, "我们的案件", 2, "我的备注")
        assert "userEnteredFormat" not in look(sheets, "我们的案件", 2, "我的备注")
        assert again(sheets).steps == []
        by_hand = sheets.open().pull(None).by_hand
        assert by_hand is not None
        assert by_hand.added["cases"] == {"A-1": {**row, "+我的备注": "自己的"}}

    def test_columns_moved_after_the_set_up_keep_their_rules(self, sheets: Sheets) -> None:
        set_up(sheets)
        sheets.manager.move_column("案件", "办结时限", "标题")
        plan = set_up(sheets)
        assert ("colours", "cases") in kinds(plan)
        (late,) = [text for text in formulas(sheets, "案件") if "casesheet late resolve_due" in text]
        place = sheets.manager.column("案件", "办结时限")
        assert f"${'ABCDEFGH'[place]}2<NOW()" in late
        assert again(sheets).steps == []

    def test_a_column_that_is_new_in_the_schema_comes_last(self, sheets: Sheets) -> None:
        set_up(sheets)
        manager = sheets.manager
        manager.delete_column("案件", "严重度")
        memory = manager.rows("_casesheet")[0]
        manager.set("_casesheet!D1", [[text.replace('"severity_score",', "") for text in memory[3:5]]], option="RAW")
        plan = set_up(sheets)
        assert ("columns", "cases") in kinds(plan)
        assert manager.rows("案件")[0][-1] == "严重度"
        assert "note" in look(sheets, "案件", 1, "严重度")
        assert again(sheets).steps == []
        assert sheets.open().pull(None).rows["cases"] == []

    def test_a_lost_header_is_told_and_not_papered_over(self, sheets: Sheets) -> None:
        """Its cells may stand under another name: an empty column beside it would look as if somebody emptied them."""
        set_up(sheets)
        sheets.manager.rename_column("案件", "客户电话", "手机")
        plan = set_up(sheets)
        assert [(step.kind, step.names) for step in plan.steps if step.by_hand] == [("lost", ("client_phone",))]
        assert "客户电话" not in sheets.manager.rows("案件")[0]
        restored = set_up(sheets, lost_too=True)
        assert ("columns", "cases") in kinds(restored)
        assert sheets.manager.rows("案件")[0][-1] == "客户电话"
        assert again(sheets).steps == []

    def test_a_header_that_is_there_twice_is_told(self, sheets: Sheets) -> None:
        set_up(sheets)
        sheets.manager.add_column("案件", "Title")
        plan = set_up(sheets)
        told = [(step.kind, step.tab, step.names) for step in plan.steps if step.by_hand]
        assert told == [("twice", "cases", ("title",))]
        assert [step for step in again(sheets).steps if not step.by_hand] == []

    def test_taste_is_left_to_people(self, sheets: Sheets) -> None:
        set_up(sheets)
        manager = sheets.manager
        sheet = manager.book.titled("案件")
        place = manager.column("案件", "标题")
        lines = {"sheetId": sheet.id, "dimension": "COLUMNS", "startIndex": place, "endIndex": place + 1}
        header = {"sheetId": sheet.id, "startRowIndex": 0, "endRowIndex": 1}
        green = {"userEnteredFormat": {"backgroundColor": {"green": 1}}}
        own = {
            "ranges": [{"sheetId": sheet.id, "startColumnIndex": 3, "endColumnIndex": 4}],
            "booleanRule": {
                "condition": {"type": "NOT_BLANK"},
                "format": {"backgroundColor": {"blue": 1}},
            },
        }
        view = extras(sheets, "案件", "filterViews")[0]
        manager.batch(
            {"updateDimensionProperties": {"range": lines, "properties": {"pixelSize": 333}, "fields": "pixelSize"}},
            {"repeatCell": {"range": header, "cell": green, "fields": "userEnteredFormat.backgroundColor"}},
            {"addConditionalFormatRule": {"rule": own, "index": 0}},
            {"deleteFilterView": {"filterId": view["filterViewId"]}},
        )
        assert again(sheets).steps == []
        manager.move_column("案件", "办结时限", "标题")
        set_up(sheets)
        assert manager.book.titled("案件").lines["COLUMNS"][manager.column("案件", "标题")]["pixelSize"] == 333
        assert extras(sheets, "案件", "conditionalFormats")[0]["booleanRule"]["condition"]["type"] == "NOT_BLANK"
        assert view["filterViewId"] not in {one["filterViewId"] for one in extras(sheets, "案件", "filterViews")}

    def test_widths_chosen_before_the_first_set_up_are_kept(self, sheets: Sheets) -> None:
        sheets.opened()
        sheet = sheets.manager.book.titled("案件")
        place = sheets.manager.column("案件", "标题")
        lines = {"sheetId": sheet.id, "dimension": "COLUMNS", "startIndex": place, "endIndex": place + 1}
        wide = {"range": lines, "properties": {"pixelSize": 333}, "fields": "pixelSize"}
        sheets.manager.batch({"updateDimensionProperties": wide})
        set_up(sheets)
        assert sheets.manager.book.titled("案件").lines["COLUMNS"][place]["pixelSize"] == 333

    def test_our_rules_keep_the_colours_that_people_gave_them(self, sheets: Sheets) -> None:
        set_up(sheets)
        rules = extras(sheets, "案件", "conditionalFormats")
        index = next(at for at, text in enumerate(formulas(sheets, "案件")) if "late resolve_due" in text)
        pink = {"backgroundColor": {"red": 1, "blue": 1}}
        changed = {**rules[index], "booleanRule": {**rules[index]["booleanRule"], "format": pink}}
        sheets.manager.batch({"updateConditionalFormatRule": {"index": index, "rule": changed}})
        assert again(sheets).steps == []
        sheets.manager.move_column("案件", "办结时限", "标题")
        set_up(sheets)
        (rule,) = [r for r in extras(sheets, "案件", "conditionalFormats") if "late resolve_due" in str(r)]
        assert rule["booleanRule"]["format"] == pink

    def test_a_format_of_the_same_sort_is_kept_and_another_is_put_right(self, sheets: Sheets) -> None:
        set_up(sheets)
        sheet = sheets.manager.book.titled("案件")

        def give(column: str, kind: str, pattern: str) -> None:
            place = sheets.manager.column("案件", column)
            area = {"sheetId": sheet.id, "startRowIndex": 1, "startColumnIndex": place, "endColumnIndex": place + 1}
            cell = {"userEnteredFormat": {"numberFormat": {"type": kind, "pattern": pattern}}}
            sheets.manager.batch(
                {"repeatCell": {"range": area, "cell": cell, "fields": "userEnteredFormat.numberFormat"}}
            )

        give("发生日期", "DATE", "m月d日")
        give("房号", "NUMBER", "0")
        (step,) = again(sheets).steps
        assert (step.kind, step.names) == ("formats", ("room",))

    def test_rows_below_the_old_end_get_what_the_others_have(self, sheets: Sheets) -> None:
        set_up(sheets)
        store = sheets.open()
        store.write(row_write(store, {"cases": [case_row(f"A-{n}", title="x") for n in range(250)]}))
        plan = set_up(sheets)
        assert {kind for kind, _ in kinds(plan)} <= {"formats", "dropdowns", "colours", "protection", "longer_views"}
        assert "dataValidation" in look(sheets, "案件", 251, "渠道")
        assert again(sheets).steps == []

    def test_what_people_wrote_into_the_read_me_is_kept(self, sheets: Sheets, monkeypatch: pytest.MonkeyPatch) -> None:
        set_up(sheets, ENGLISH)
        sheets.manager.set("'Read me'!A1", [["Our own rules"]])
        assert again(sheets, ENGLISH).steps == []
        monkeypatch.setattr(readme_tab, "readme_rows", lambda: ["# Newer"])
        assert again(sheets, ENGLISH).steps == []

    def test_an_old_read_me_is_written_anew(self, sheets: Sheets, monkeypatch: pytest.MonkeyPatch) -> None:
        set_up(sheets, ENGLISH)
        monkeypatch.setattr(readme_tab, "readme_rows", lambda: ["# Newer", "One line"])
        assert ("readme", "_readme") in kinds(set_up(sheets, ENGLISH))
        assert sheets.manager.rows("Read me") == [["Newer"], ["One line"]]
        assert again(sheets, ENGLISH).steps == []

    def test_a_dropdown_that_somebody_took_away_comes_back(self, sheets: Sheets) -> None:
        set_up(sheets)
        sheet = sheets.manager.book.titled("案件")
        place = sheets.manager.column("案件", "渠道")
        area = {"sheetId": sheet.id, "startColumnIndex": place, "endColumnIndex": place + 1}
        sheets.manager.batch({"setDataValidation": {"range": area}})
        (step,) = again(sheets).steps
        assert (step.kind, step.names) == ("dropdowns", ("channel",))

    def test_thousands_of_rows_stay_within_the_size_of_a_request(self, sheets: Sheets) -> None:
        store = sheets.opened()
        staff = [
            plain(Staff(staff_id=f"s{n}", email=f"s{n}@example.cn", name=f"员工{n}", active=True)) for n in range(600)
        ]
        store.write(row_write(store, {"staff": staff}))
        client = sheets.client()
        setup.carry_out(client, setup.plan(client, CHINESE))
        assert client.largest < 2_000_000
        assert again(sheets).steps == []

    def test_a_tab_of_people_with_one_of_our_names_is_left_alone(self, sheets: Sheets) -> None:
        sheets.manager.add_tab("案件")
        sheets.manager.set("案件!A1", [["ours"]])
        set_up(sheets)
        assert sheets.manager.rows("案件") == [["ours"]]
        assert sheets.manager.rows("案件 2")[0][0] == "案件编号"
        assert again(sheets).steps == []

    def test_a_sheet_from_before_the_archive_gets_it(self, sheets: Sheets) -> None:
        set_up(sheets)
        sheets.manager.delete_tab("案件归档")
        found = kinds(set_up(sheets))
        assert {kind for kind, tab in found if tab == "archive"} >= {
            "tab",
            "formats",
            "dropdowns",
            "protection",
            "colours",
        }
        assert {tab for _, tab in found} == {"archive"}
        assert again(sheets).steps == []

    def test_a_tab_that_was_deleted_comes_back_whole(self, sheets: Sheets) -> None:
        set_up(sheets)
        sheets.manager.delete_tab("满意度")
        plan = set_up(sheets)
        assert {kind for kind, tab in kinds(plan) if tab == "surveys"} >= {"tab", "look", "formats", "colours", "views"}
        assert again(sheets).steps == []


class TestSharing:
    def test_a_new_spreadsheet_is_ours(self, sheets: Sheets) -> None:
        client = sheets.client()
        client.spreadsheet_id = drive.create(client, "台账", time_zone="Asia/Shanghai", language="zh_CN")
        assert drive.not_shared(client, ["boss@example.cn"]) == ["boss@example.cn"]
        drive.share(client, "boss@example.cn")
        assert drive.not_shared(client, ["Boss@example.cn", "b@example.cn"]) == ["b@example.cn"]
        setup.carry_out(client, setup.plan(client, CHINESE, new=True))
        assert setup.plan(client, CHINESE).steps == []
        sheets.server.manager(client.spreadsheet_id).delete_spreadsheet()


class TestSelfCheck:
    def run(self, sheets: Sheets) -> dict[str, selfcheck.Finding]:
        found: Sequence[selfcheck.Finding] = selfcheck.run(sheets.client(), wait=1.0, sleep=lambda _: None)
        return {finding.name: finding for finding in found}

    def test_everything_needed_holds_on_a_good_server(self, sheets: Sheets) -> None:
        set_up(sheets)
        tabs, metadata = len(sheets.manager.book.sheets), dict(sheets.manager.book.metadata)
        found = self.run(sheets)
        assert [name for name, finding in found.items() if not finding.held] == ["rows_keep_format"]
        assert "already exists" in found["error_text"].detail
        assert len(sheets.manager.book.sheets) == tabs, "the scratch tab is gone"
        assert sheets.manager.book.metadata == metadata
        assert again(sheets).steps == []

    def test_two_winners_are_noticed_and_several_writers_refused(self, sheets: Sheets) -> None:
        sheets.server.google.control({"rules": {"taken_metadata": "allow"}})
        found = self.run(sheets)
        failed = {name for name, finding in found.items() if not finding.held}
        assert failed >= {"one_winner", "error_text", "atomic"}
        result = selfcheck.result(list(found.values()), MONDAY)
        assert result["writers_allowed"] is False
        assert len(sheets.manager.book.sheets) == 1
        assert not sheets.manager.book.metadata

    @pytest.mark.trial(40)
    def test_a_filter_that_copies_and_appends_obey_refuses_several_writers(self, sheets: Sheets) -> None:
        sheets.server.google.control({"rules": {"filtered": "obeyed"}})
        found = self.run(sheets)
        assert {name for name, finding in found.items() if not finding.held} >= {"copy_of_hidden", "append_filtered"}
        assert found["copy_of_hidden"].detail == "['a', 'c']"
        assert selfcheck.result(list(found.values()), MONDAY)["writers_allowed"] is False

    @pytest.mark.trial(40)
    def test_numbers_that_come_back_rounded_are_noticed(self, sheets: Sheets, monkeypatch: pytest.MonkeyPatch) -> None:
        exact = SheetsClient.values

        def rounded(client: SheetsClient, ranges: list[str]) -> list[dict[str, Any]]:
            found = exact(client, ranges)
            for part in found:
                part["values"] = [
                    [round(cell, 4) if isinstance(cell, float) else cell for cell in row]
                    for row in part.get("values", ())
                ]
            return found

        monkeypatch.setattr(SheetsClient, "values", rounded)
        assert not self.run(sheets)["doubles_exact"].held

    @pytest.mark.trial(40)
    def test_too_little_room_for_markers_is_noticed(self, sheets: Sheets, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tests.google.batch.metadata.METADATA_BUDGET", 10_000)
        found = self.run(sheets)["many_markers"]
        assert (found.held, found.needed) == (False, False)
        assert "exceed" in found.detail

    @pytest.mark.trial(40)
    def test_the_markers_that_are_kept_take_two_thirds_of_the_room_at_most(self) -> None:
        longest = len(MARKER_KEY) + len(tag_of("x" * 99))
        assert (MARKERS + PRUNE_EVERY) * longest <= METADATA_BUDGET * 2 / 3

    @pytest.mark.trial(40)
    def test_what_follows_is_said_for_everything_that_does_not_hold(self) -> None:
        names = [*selfcheck.TRIALS, *selfcheck.TRIALS_BY_TWO, "version_follows"]
        lines = finding_words([selfcheck.Finding(name, False, "", 0.1) for name in names])
        assert len(lines) == 2 * len(names)
        assert len(finding_words([selfcheck.Finding(name, True, "", 0.1) for name in names])) == len(names)

    def test_what_only_one_writer_needs_refuses_nobody(self, sheets: Sheets) -> None:
        sheets.server.google.control({"rules": {"missing_metadata": "refuse"}})
        found = self.run(sheets)
        assert not found["delete_missing"].held
        assert selfcheck.result(list(found.values()), MONDAY)["writers_allowed"] is True

    def test_the_scratch_tab_of_a_run_that_broke_off_is_removed(self, sheets: Sheets) -> None:
        sheets.manager.add_tab("_selfcheck 7")
        self.run(sheets)
        assert [sheet.title for sheet in sheets.manager.book.sheets] == ["Sheet1"]

    @pytest.mark.parametrize(
        ("setting", "allowed"),
        [
            (None, True),
            ("", True),
            ("not json", True),
            ("[]", True),
            ('{"writers_allowed": true}', True),
            ('{"writers_allowed": false}', False),
        ],
    )
    def test_only_a_failure_that_was_seen_refuses(self, setting: str | None, allowed: bool) -> None:
        assert selfcheck.writers_allowed(setting) is allowed


def test_a_plan_of_a_sheet_that_changed_since_changes_nothing(sheets: Sheets) -> None:
    plan = setup.plan(sheets.client(), CHINESE)
    set_up(sheets)
    before = sheets.client().version()
    with pytest.raises(Rejected, match="already exists"):
        setup.carry_out(sheets.client(), plan)
    assert sheets.client().version() == before
