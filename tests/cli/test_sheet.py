"""`sheet setup`, `sheet check` and `sheet selfcheck`: what they print, what they change, how they end."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lib.app.bootstrap import open_desk
from lib.cli.app import app
from lib.domain.records.case import Case
from lib.services.workspace import workspace
from lib.store.sheets.api import client
from lib.store.sheets.model.meta import MetaCell, read_text
from tests.google.client import key_file
from tests.google.server import SheetsServer
from tests.store.sheets.support import unlimited

APP = "app@loopback.test"
THEIRS = "robot@other.iam.test"
Run = Callable[..., Result]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SheetsServer]:
    """A loopback server that the settings point at, with every other setting of the machine out of the way."""
    with SheetsServer() as running:
        values = {"FILES_DIR": tmp_path / "files", "SECRET_FILE": tmp_path / "key", "GOOGLE_ENDPOINT": running.url}
        for name, value in values.items():
            monkeypatch.setenv(f"CASESHEET_{name}", str(value))
        monkeypatch.setenv("LANG", "en_US.UTF-8")
        monkeypatch.delenv("LC_ALL", raising=False)
        monkeypatch.setattr(client, "Quota", unlimited)
        yield running


@pytest.fixture
def empty(server: SheetsServer) -> str:
    """An empty spreadsheet that is shared with the app."""
    return server.create("台账", share=(APP,))


def run(spreadsheet: str, *words: str) -> Result:
    return CliRunner().invoke(app, ["--store", f"gsheets://{spreadsheet}", "sheet", *words])


def kept_of(server: SheetsServer, spreadsheet: str) -> Any:
    """The result of the self-check that the spreadsheet holds."""
    return json.loads(read_text(server.manager(spreadsheet).rows("_casesheet")[0], MetaCell.SELFCHECK))


def told(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_new_spreadsheet_is_made_and_shared(server: SheetsServer) -> None:
    result = run("new", "setup", "--share", "boss@example.cn", "--title", "安居台账")
    assert result.exit_code == 0, result.output
    (made,) = server.store.files.values()
    assert made.book.properties["title"] == "安居台账"
    assert made.book.titled("Sheet1") is None
    assert made.user("boss@example.cn") is not None
    assert f"--store gsheets://{made.book.id}" in result.output
    assert "Share with boss@example.cn" in result.output
    assert len(server.log.entries) <= 6
    assert server.log.summary()["largest_request"] < 2_000_000
    server.log.reset()
    again = run(made.book.id, "setup", "--share", "boss@example.cn")
    assert again.exit_code == 0
    assert "as it should be" in again.output
    assert server.log.summary()["writes"] == 0
    assert all(entry["method"] == "GET" for entry in server.log.entries)


def test_a_given_spreadsheet_is_set_up_in_few_calls(server: SheetsServer, empty: str) -> None:
    assert run(empty, "setup").exit_code == 0
    assert len(server.log.entries) <= 6
    assert run(empty, "check").exit_code == 0
    desk = open_desk(store=f"gsheets://{empty}")
    assert workspace.initialise(desk) > 50
    desk.store.close()
    assert run(empty, "check").exit_code == 0, "the lists are those that the dropdowns were made of"


def test_a_demo_goes_into_a_sheet_as_one_copy(server: SheetsServer, empty: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--store", f"gsheets://{empty}", "init", "--demo"])
    assert result.exit_code == 0, result.output
    desk = open_desk(store=f"gsheets://{empty}")
    assert len(desk.snapshot[Case]) > 100
    assert workspace.is_demo(desk)
    desk.store.close()
    assert server.log.summary()["writes"] < 60, "a minute's quota"


def test_a_dry_run_tells_and_changes_nothing(server: SheetsServer, empty: str) -> None:
    before = server.store.files[empty].version
    result = run(empty, "setup", "--dry-run", "--share", "boss@example.cn")
    assert result.exit_code == 0
    for line in ("Make the tab", "dropdowns for", "filter view", "Share with boss@example.cn", "Nothing was changed."):
        assert line in result.output, line
    assert server.store.files[empty].version == before
    assert server.log.summary()["writes"] == 0


def test_a_dry_run_of_a_new_spreadsheet_makes_none(server: SheetsServer) -> None:
    result = run("new", "setup", "--dry-run")
    assert result.exit_code == 0
    assert "Make a new spreadsheet" in result.output
    assert not server.store.files
    assert not server.log.entries


def test_the_steps_as_json(empty: str) -> None:
    plan = told(run(empty, "setup", "--dry-run", "--json"))
    assert plan["dry_run"] is True
    assert plan["created"] is False
    assert {"kind": "tab", "tab": "cases", "names": [], "words": "Make the tab Cases"} in plan["steps"]
    done = told(run(empty, "setup", "--json"))
    assert done["steps"] == plan["steps"]
    assert done["spreadsheet_id"] == empty
    assert told(run(empty, "setup", "--json"))["steps"] == []


def test_check_lists_differences(server: SheetsServer, empty: str) -> None:
    assert run(empty, "check").exit_code == 1
    run(empty, "setup")
    assert told(run(empty, "check", "--json")) == []
    server.manager(empty).rename_column("案件", "渠道", "来源渠道")
    result = run(empty, "check")
    assert result.exit_code == 1
    assert "Cases: no header says Channel" in result.output
    assert [step["kind"] for step in told(run(empty, "check", "--json"))] == ["lost"]
    server.manager(empty).rename_column("案件", "来源渠道", "Channel")
    assert run(empty, "check").exit_code == 0


def test_a_deleted_column_is_added_again_only_when_asked(server: SheetsServer, empty: str) -> None:
    run(empty, "setup")
    server.manager(empty).delete_column("案件", "渠道")
    assert "no header says Channel" in run(empty, "setup").output
    assert "渠道" not in server.manager(empty).rows("案件")[0]
    assert "add at the end: Channel" in run(empty, "setup", "--restore-columns").output
    assert run(empty, "check").exit_code == 0


def test_what_is_said_is_in_the_language_of_the_shell(
    server: SheetsServer, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = run(empty, "setup", "--dry-run").output
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    chinese = run(empty, "setup", "--dry-run").output
    assert "Cases" in english
    assert "案件" in chinese
    assert "Cases" not in chinese


def test_selfcheck_tells_and_records(server: SheetsServer, empty: str) -> None:
    run(empty, "setup")
    result = run(empty, "selfcheck")
    assert result.exit_code == 0, result.output
    assert "✓ Of two simultaneous changes with one number exactly one is accepted" in result.output
    assert "Not tried, because no interface restores a version of the file" in result.output
    assert "it takes the key of a second account" in result.output
    assert "Several app processes may work" in result.output
    kept = kept_of(server, empty)
    assert kept["writers_allowed"] is True
    assert {item["name"] for item in kept["assumptions"]} >= {"one_winner", "error_text", "atomic", "version_follows"}
    assert all({"held", "detail", "seconds", "needed"} <= set(item) for item in kept["assumptions"])
    assert run(empty, "check").exit_code == 0


def test_selfcheck_refuses_several_writers_where_two_win(server: SheetsServer, empty: str) -> None:
    run(empty, "setup")
    server.google.control({"rules": {"taken_metadata": "allow"}})
    result = run(empty, "selfcheck", "--json")
    assert result.exit_code == 1
    assert told(result)["writers_allowed"] is False
    server.google.control({"rules": {"taken_metadata": "refuse"}})
    assert kept_of(server, empty)["writers_allowed"] is False


@pytest.mark.trial(40)
def test_selfcheck_tries_how_a_second_account_is_seen(server: SheetsServer, empty: str, tmp_path: Path) -> None:
    server.manager(empty).share(THEIRS)
    run(empty, "setup")
    result = run(empty, "selfcheck", "--other-key", str(key_file(tmp_path, server.url, THEIRS)))
    assert result.exit_code == 0, result.output
    assert "✓ The numbers of another account are seen, and taken" in result.output
    assert "it takes the key of a second account" not in result.output
    assert {"other_account", "other_project"} <= {item["name"] for item in kept_of(server, empty)["assumptions"]}


@pytest.mark.trial(40)
def test_a_second_account_that_may_not_write_is_named(server: SheetsServer, empty: str, tmp_path: Path) -> None:
    run(empty, "setup")
    result = run(empty, "selfcheck", "--other-key", str(key_file(tmp_path, server.url, THEIRS)))
    assert result.exit_code == 1
    assert THEIRS in result.output
    assert all(not tab.title.startswith("_selfcheck") for tab in server.workbook(empty).sheets)


@pytest.mark.trial(44)
def test_a_selfcheck_before_a_move_does_not_stand_in_its_way(
    server: SheetsServer, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = f"sqlite:///{tmp_path / 'office.db'}"
    made = CliRunner().invoke(app, ["--store", source, "init", "--admin", "boss@example.cn"])
    assert made.exit_code == 0, made.output
    run(empty, "setup")
    assert run(empty, "selfcheck").exit_code == 0
    moved = CliRunner().invoke(app, ["move", "--from", source, "--to", f"gsheets://{empty}"])
    assert moved.exit_code == 0, moved.output
    assert kept_of(server, empty)["writers_allowed"] is True
    assert run(empty, "setup").exit_code == 0
    assert kept_of(server, empty)["writers_allowed"] is True


def test_who_has_no_access_is_told_what_to_do(server: SheetsServer) -> None:
    private = server.create("私人")
    result = run(private, "check")
    assert result.exit_code == 1
    assert APP in result.output


def test_an_account_without_room_in_drive_is_told_how_to_go_on(server: SheetsServer) -> None:
    server.fault(method="POST", path="spreadsheets", status=403)
    result = run("new", "setup")
    assert result.exit_code == 1
    assert "Make an empty one yourself" in result.output
    assert APP in result.output


def test_another_store_has_no_sheet(tmp_path: Path, server: SheetsServer) -> None:
    result = CliRunner().invoke(app, ["--store", f"sqlite:///{tmp_path}/desk.db", "sheet", "check"])
    assert result.exit_code == 1
    assert "gsheets://SPREADSHEET_ID" in result.output
