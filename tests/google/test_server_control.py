"""Faults, quota, the manager's hands, the log, and the server as a process that keeps its state."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import gspread
import pytest
import requests
from gspread.exceptions import APIError

from tests.google.client import loopback_client
from tests.google.server import SheetsServer

TABLE = [["案号", "状态", "数"], ["K1", "新", 3], ["K2", "办", 1], ["K3", "结", 2]]


@pytest.fixture
def table(sheets: SheetsServer, book: gspread.Spreadsheet) -> Any:
    manager = sheets.manager(book.id)
    manager.set("Sheet1!A1", TABLE)
    sheets.log.reset()
    return manager


def control(sheets: SheetsServer, **body: Any) -> Any:
    return requests.post(f"{sheets.url}/_control", json=body, timeout=10).json()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_fault_before_leaves_nothing(status: int, sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    sheets.fault(status=status, method="PUT", path="/values/", retry_after=3)
    tab = book.sheet1
    with pytest.raises(APIError) as error:
        tab.update([["x"]], "A1")
    assert error.value.code == status
    assert error.value.response.headers["Retry-After"] == "3"
    assert sheets.manager(book.id).rows("Sheet1") == []
    tab.update([["x"]], "A1")


def test_a_fault_after_the_change_was_made(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    sheets.fault(status=503, when="after", path="/values/")
    with pytest.raises(APIError, match="currently unavailable"):
        tab.update([["x"]], "A1")
    assert sheets.manager(book.id).rows("Sheet1") == [["x"]]


def test_a_lost_answer(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    sheets.fault(drop=True, when="after", path="/values/")
    with pytest.raises(requests.ConnectionError):
        tab.update([["x"]], "A1")
    assert sheets.manager(book.id).rows("Sheet1") == [["x"]]
    assert sheets.log.entries[-1]["status"] == 0


def test_slow_answers_and_half_open_connections(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    book.client.set_timeout(0.2)
    sheets.fault(delay=0.6, when="after", path="/values/")
    sheets.fault(hang=5, path="/values/")
    for written in ([["x"]], []):
        with pytest.raises(requests.Timeout):
            tab.update([["x"]], "A1")
        assert sheets.manager(book.id).rows("Sheet1") == written
        sheets.manager(book.id).set("A1", [[""]])


def test_a_write_that_is_carried_out_after_its_caller_gave_up(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    book.client.set_timeout(0.1)
    sheets.fault(delay=0.3, when="before", path="/values/")
    with pytest.raises(requests.Timeout):
        tab.update([["x"]], "A1")
    assert sheets.manager(book.id).rows("Sheet1") == []
    deadline = time.monotonic() + 5
    while not sheets.manager(book.id).rows("Sheet1") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sheets.manager(book.id).rows("Sheet1") == [["x"]]


def test_faults_wait_for_their_turn(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    sheets.fault(status=500, path="/values/", skip=1, times=2)
    outcomes = []
    for _ in range(4):
        try:
            tab.update([["x"]], "A1")
            outcomes.append(200)
        except APIError as error:
            outcomes.append(error.code)
    assert outcomes == [200, 500, 500, 200]


def test_the_manager_acts_between_a_read_and_the_next_write(sheets: SheetsServer, table: Any) -> None:
    tab = sheets.client("app").open_by_key(table.id).sheet1
    sorting = [["sort", {"tab": "Sheet1", "column": "数"}]]
    assert control(sheets, fault={"method": "PUT", "manager": sorting}) == {"results": []}
    row = tab.find("K1").row
    tab.update([["改"]], f"B{row}")
    assert table.rows("Sheet1")[1:] == [["K2", "改", 1], ["K3", "结", 2], ["K1", "新", 3]]


def test_quota_is_counted_by_user(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    sheets.quota(reads=2, writes=1, retry_after=7)
    tab.update([["x"]], "A1")
    with pytest.raises(APIError) as error:
        tab.update([["y"]], "A1")
    body = error.value.response.json()["error"]
    assert (body["code"], body["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert "Write requests per minute" in body["message"]
    assert body["details"][0]["metadata"]["quota_limit_value"] == "1"
    assert error.value.response.headers["Retry-After"] == "7"
    assert [tab.acell("A1").value for _ in range(2)] == ["x", "x"]
    with pytest.raises(APIError, match="Read requests"):
        tab.acell("A1")
    book.share("li@example.com", perm_type="user", role="writer", notify=False)
    key = sheets.client("li@example.com").http_client.values_get(book.id, "A1")
    assert key["values"] == [["x"]]
    control(sheets, reset=["quota"])
    assert tab.acell("A1").value == "x"


def test_the_log_counts(sheets: SheetsServer, table: Any) -> None:
    tab = sheets.client("app").open_by_key(table.id).sheet1
    sheets.log.reset()
    tab.update([["x" * 1000]], "A1")
    tab.get_all_values()
    log = requests.get(f"{sheets.url}/_control/log", timeout=10).json()
    assert (log["reads"], log["writes"], log["requests"], log["refused"]) == (1, 1, 2, 0)
    assert 1000 < log["largest_request"] < 1100
    assert log["entries"][0]["call"] == "spreadsheets.values.update"
    control(sheets, reset=["log"])
    assert sheets.log.summary()["requests"] == 0


def test_the_manager_moves_rows(table: Any) -> None:
    table.sort("Sheet1", "数", descending=True)
    assert [row[0] for row in table.rows("Sheet1")] == ["案号", "K1", "K3", "K2"]
    table.insert_rows("Sheet1", 2)
    table.move_rows("Sheet1", 5, 2)
    assert [row[:1] for row in table.rows("Sheet1")] == [["案号"], ["K2"], [], ["K1"], ["K3"]]
    table.delete_rows("Sheet1", 3)
    table.set_cell("Sheet1", table.row_of("Sheet1", "K3"), "状态", "0139")
    assert table.rows("Sheet1")[-1] == ["K3", 139, 2]


def test_the_manager_changes_columns(sheets: SheetsServer, table: Any) -> None:
    table.add_column("Sheet1", "备注")
    table.add_column("Sheet1", "序", before="案号")
    table.move_column("Sheet1", "数", "案号")
    table.rename_column("Sheet1", "状态", "进度")
    assert table.rows("Sheet1")[0] == ["序", "数", "案号", "进度", "备注"]
    assert table.rows("Sheet1")[1] == ["", 3, "K1", "新"]
    table.delete_column("Sheet1", "序")
    table.hide_column("Sheet1", "案号")
    table.note("Sheet1", 1, "案号", "勿动")
    tab = sheets.client("app").open_by_key(table.id).sheet1
    assert tab.row_values(1) == ["数", "案号", "进度", "备注"]
    assert tab.get_note("B1") == "勿动"


def test_the_manager_changes_tabs_and_access(sheets: SheetsServer, table: Any) -> None:
    table.rename_tab("Sheet1", "案件")
    table.add_tab("其他")
    table.delete_header("案件")
    assert table.rows("案件")[0] == ["K1", "新", 3]
    table.delete_tab("其他")
    book = sheets.client("app").open_by_key(table.id)
    assert [tab.title for tab in book.worksheets()] == ["案件"]
    table.revoke("app@loopback.test")
    with pytest.raises(APIError) as error:
        book.worksheets()
    assert error.value.error == {
        "code": 403,
        "message": "The caller does not have permission",
        "status": "PERMISSION_DENIED",
    }
    table.share("app@loopback.test")
    book.worksheets()
    table.delete_spreadsheet()
    with pytest.raises(APIError) as error:
        book.worksheets()
    assert error.value.error == {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}


def test_the_manager_over_http(sheets: SheetsServer, table: Any) -> None:
    steps = [["set", {"range": "Sheet1!B2", "values": [["=2*3"]]}], ["rows", {"tab": "Sheet1"}]]
    answer = control(sheets, spreadsheet=table.id, manager=steps, user="owner")
    assert answer["results"][1][1] == ["K1", 6, 3]
    assert "revoke" not in answer
    assert "cannot fly" in control(sheets, manager=[["fly", {}]])["error"]["message"]
    assert control(sheets, wings=2)["error"]["code"] == 400
    overview = requests.get(f"{sheets.url}/_control", timeout=10).json()
    assert overview["spreadsheets"][0]["tabs"] == ["Sheet1"]


def test_callers_without_a_token_are_turned_away(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    answer = requests.get(f"{sheets.url}/v4/spreadsheets/{book.id}", timeout=10)
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_a_service_account_gets_a_token(sheets: SheetsServer) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from google.auth.transport.requests import Request
    from google.oauth2.service_account import Credentials

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    info = {"client_email": "robot@project.iam.test", "private_key": pem, "token_uri": f"{sheets.url}/token"}
    credentials = Credentials.from_service_account_info(info, scopes=["x"])
    with requests.Session() as session:
        credentials.refresh(Request(session))
    assert loopback_client(sheets.url, credentials.token).create("机器").title == "机器"
    assert next(iter(sheets.store.files.values())).owner == "robot@project.iam.test"


def test_the_process_keeps_its_state(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    process, url = _spawn(state)
    book = loopback_client(url).create("台账")
    book.sheet1.update([["=1+1", "文"]], "A1", raw=False)
    book.sheet1.format("B1", {"textFormat": {"bold": True}})
    book.sheet1.add_protected_range("A1:A1")
    _end(process)
    process, url = _spawn(state)
    again = loopback_client(url).open_by_key(book.id)
    assert again.sheet1.get("A1:B1", value_render_option="FORMULA") == [["=1+1", "文"]]
    assert len(again.list_protected_ranges(0)) == 1
    fields = {"fields": "sheets.data.rowData.values.userEnteredFormat.textFormat.bold"}
    assert again.fetch_sheet_metadata(fields)["sheets"][0]["data"][0]["rowData"][0]["values"][1]
    _end(process)
    assert json.loads(state.read_text(encoding="utf-8"))[0]["owner"] == "app@loopback.test"


def _spawn(state: Path) -> tuple[subprocess.Popen[str], str]:
    arguments = [sys.executable, "-m", "tests.google.server", "--port", "0", "--state", str(state)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().split()[-1]


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_ten_thousand_rows_are_read_quickly(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    row = ["文字 " * 10, 46083.5, True] * 25
    tab = book.add_worksheet("大", 10_001, 75)
    sheets.manager(book.id).set("大!A1", [row] * 10_000, option="RAW")
    book.client.values_batch_get(book.id, ["大"], {"valueRenderOption": "UNFORMATTED_VALUE"})
    book.client.values_batch_get(book.id, [f"'{tab.title}'!A2:BV"], {"valueRenderOption": "UNFORMATTED_VALUE"})
    entries = [e for e in sheets.log.entries if e.get("call") == "spreadsheets.values.batchGet"]
    assert all(entry["bytes_out"] > 10_000_000 for entry in entries)
    assert max(entry["seconds"] for entry in entries) < 2


def test_readers_are_not_held_up_by_a_slow_caller(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    sheets.fault(delay=1.5, method="PUT")
    writer = threading.Thread(target=book.sheet1.update, args=([["x"]], "A1"))
    writer.start()
    started = time.monotonic()
    sheets.client("app").http_client.values_get(book.id, "A1")
    assert time.monotonic() - started < 1
    writer.join()
