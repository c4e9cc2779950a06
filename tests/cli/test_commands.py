"""The command line: what it prints, where, in which language, and how it ends."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lib import __version__
from lib.app.bootstrap import open_desk
from lib.cli.app import app
from lib.cli.session import COMMAND_LINE
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Account, Staff
from lib.domain.rules.permissions import system_actor
from lib.services.cases import handling
from lib.services.data.importing import ImportMapping, save_mapping
from lib.services.people import accounts
from lib.services.workspace import workspace

ROOT = Path(__file__).resolve().parents[2]
BAD = "3,2026-01-05 10:00,窗户坏了,12,已结案\n"
GOOD = """编号,投诉时间,投诉内容,联系电话,状态
1,2026-01-05 10:00,厨房漏水,13800138000,已结案
2,2026-01-06 10:00,门坏了,,处理中
"""

Run = Callable[..., Result]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A workspace of its own, with every setting of the machine out of the way."""
    for name, value in {"FILES_DIR": tmp_path / "files", "SECRET_FILE": tmp_path / "secret.key"}.items():
        monkeypatch.setenv(f"CASESHEET_{name}", str(value))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    return f"sqlite:///{tmp_path}/desk.db"


@pytest.fixture
def run(store: str) -> Run:
    return lambda *words: CliRunner().invoke(app, ["--store", store, *map(str, words)])


@pytest.fixture
def ready(run: Run) -> Run:
    assert run("init").exit_code == 0
    return run


@pytest.mark.trial(42)
def test_a_real_workspace_is_never_turned_into_a_demo(run: Run, store: str) -> None:
    assert run("init", "--admin", "boss@example.cn").exit_code == 0
    before = desk_of(store).snapshot.seq
    refused = run("init", "--demo")
    assert refused.exit_code == 1
    assert "everybody can enter a demo" in refused.stderr
    after = desk_of(store)
    assert after.snapshot.seq == before
    assert not workspace.is_demo(after)


@pytest.mark.trial(43)
def test_an_office_does_not_begin_in_a_demo_by_forgetting_the_store(run: Run, store: str) -> None:
    workspace.initialise(open_desk(store=store, create=True), demo=True)
    refused = run("init", "--admin", "boss@example.cn")
    assert refused.exit_code == 1
    assert "sqlite:///data/office.db" in refused.stderr
    assert run("user", "add", "li@example.cn", "--role", "handler").exit_code == 1
    assert not desk_of(store).snapshot[Account]


@pytest.mark.trial(26)
@pytest.mark.parametrize("words", [("health",), ("case", "show", "TS-1"), ("export", "cases", "--format", "csv")])
def test_no_command_but_init_makes_a_workspace(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    refused = run(*words)
    assert refused.exit_code == 1
    assert "There is no workspace" in refused.stderr
    assert list(tmp_path.glob("desk.db*")) == []
    (tmp_path / "desk.db").touch()
    assert run(*words).exit_code == 1, "a file of 0 bytes is none"


def desk_of(store: str) -> Desk:
    return open_desk(store=store)


def file(folder: Path, text: str, name: str = "cases.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def shell(store: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "lib.cli", "--store", store, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_init_may_be_repeated_and_shows_a_password_once(run: Run, store: str) -> None:
    assert run("init").exit_code == 0
    shown = run("init", "--admin", "boss@example.cn")
    assert shown.exit_code == 0
    password = shown.stdout.split()[-1]
    desk = desk_of(store)
    staff = accounts.sign_in(desk, email="boss@example.cn", password=password)
    assert staff.role == "administrator"
    assert desk.snapshot[Account][staff.staff_id].must_change
    assert password not in "".join(line.changes + line.text for line in desk.history())
    assert run("init", "--admin", "not an address").exit_code == 1


def test_user_add(ready: Run, store: str) -> None:
    shown = ready("user", "add", "li@example.cn", "--role", "handler", "--name", "李经办")
    assert shown.exit_code == 0
    staff = accounts.sign_in(desk_of(store), email="li@example.cn", password=shown.stdout.split()[-1])
    assert (staff.name, staff.role) == ("李经办", "handler")
    again = ready("user", "add", "li@example.cn", "--role", "handler")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "taken" in again.stderr
    assert ready("user", "add", "wu@example.cn", "--role", "emperor").exit_code == 1
    assert len(desk_of(store).snapshot[Staff]) == 1
    assert ready("user", "add", "wu@example.cn").exit_code == 2


def test_import_and_undo(ready: Run, store: str, tmp_path: Path) -> None:
    path = file(tmp_path, GOOD)
    dry = ready("import", "cases", path, "--dry-run", "--json")
    assert dry.exit_code == 0
    assert json.loads(dry.stdout)["imported"] == 2
    assert not desk_of(store).snapshot[Case]

    done = ready("import", "cases", path, "--json")
    report = json.loads(done.stdout)
    assert done.exit_code == 0
    assert {key: report[key] for key in ("rows", "imported", "skipped", "rejected")} == {
        "rows": 2, "imported": 2, "skipped": 0, "rejected": [],
    }  # fmt: skip
    assert report["import_id"].startswith("imp-")
    assert "2 of 2" in done.stderr

    twice = json.loads(ready("import", "cases", path, "--json").stdout)
    assert (twice["imported"], twice["skipped"]) == (0, 2)

    desk = desk_of(store)
    case = next(iter(desk.snapshot[Case].values()))
    handling.add_note(desk, actor=system_actor("case.note"), case=case, text="看过了")
    refused = ready("import", "undo", report["import_id"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert case.case_no in refused.stderr
    undone = ready("import", "undo", report["import_id"], "--force")
    assert (undone.exit_code, undone.stdout) == (0, "2 cases removed\n")
    assert ready("import", "undo", "imp-none-1").exit_code == 1


def test_import_with_rejected_rows(ready: Run, tmp_path: Path) -> None:
    both = file(tmp_path, GOOD + BAD)
    back = tmp_path / "back.csv"
    mixed = ready("import", "cases", both, "--json", "--rejected", back)
    report = json.loads(mixed.stdout)
    assert mixed.exit_code == 0
    [item] = report["rejected"]
    assert (item["row"], item["column"], item["value"], item["reason"]) == (4, "联系电话", "12", "phone_too_short")
    assert "too short" in item["message"]
    assert "窗户坏了" in back.read_text("utf-8-sig")
    plain = ready("import", "cases", back)
    assert plain.exit_code == 1
    assert "Row 2, 联系电话" in plain.stderr
    assert "1 rows: 0 imported, 0 skipped, 1 rejected" in plain.stdout


@pytest.mark.trial(6)
def test_an_import_without_dates_needs_a_decision(ready: Run, store: str, tmp_path: Path) -> None:
    path = file(tmp_path, "编号,问题描述,点赞数\n1,厨房漏水,4\n合计,,4\n")
    asked = ready("import", "cases", path)
    assert asked.exit_code == 1
    assert "--undated" in asked.stderr
    assert not desk_of(store).snapshot[Case]
    assert ready("import", "cases", path, "--undated", "tomorrow").exit_code == 1
    done = json.loads(ready("import", "cases", path, "--undated", "2025-12-31", "--json").stdout)
    assert (done["rows"], done["imported"], done["left_out"], done["absent"]) == (1, 1, ["点赞数"], [])
    assert done["mapping"][1] == {
        "header": "问题描述", "field": "description", "reason": "same_name", "confidence": 1.0,
    }  # fmt: skip
    [remark] = done["remarks"]
    assert (remark["row"], remark["what"]) == (3, "total")
    [case] = desk_of(store).snapshot[Case].values()
    assert (case.taken_at.date().isoformat(), case.unalerted) == ("2025-12-31", True)
    again = json.loads(ready("import", "cases", path, "--undated", "new", "--json").stdout)
    assert (again["imported"], again["skipped"], again["rejected"]) == (0, 1, [])


@pytest.mark.trial(8)
def test_values_are_told_and_decided(ready: Run, store: str, tmp_path: Path) -> None:
    path = file(tmp_path, "问题描述,受理时间,状态\n厨房漏水,2026-01-05,办妥\n墙面开裂,2026-01-05,已结\n")
    dry = json.loads(ready("import", "cases", path, "--dry-run", "--json").stdout)
    told = [(one["text"], one["count"], one["code"], one["how"]) for one in dry["values"]]
    assert told == [("办妥", 1, "", "unknown"), ("已结", 1, "closed", "known")]
    assert ready("import", "cases", path, "--value", "状态:办妥=已结案").exit_code == 0
    assert {case.stage for case in desk_of(store).snapshot[Case].values()} == {"closed"}
    assert ready("import", "cases", path, "--value", "状态:办妥=gone").exit_code == 1
    assert ready("import", "cases", path, "--value", "nothing").exit_code == 2


@pytest.mark.trial(6)
def test_clocks_of_imported_cases_run_on_request(ready: Run, store: str, tmp_path: Path) -> None:
    ready("import", "cases", file(tmp_path, "问题描述,受理时间\n厨房漏水,2026-01-05 10:00\n"), "--clocks")
    [case] = desk_of(store).snapshot[Case].values()
    assert not case.unalerted
    assert case.acknowledge_due is not None


def test_import_mappings(ready: Run, store: str, tmp_path: Path) -> None:
    path = file(tmp_path, "Was,Wann\nRohr kaputt,05.01.2026\n")
    assert ready("import", "cases", path).exit_code == 1
    toml = file(tmp_path, '[columns]\nWas = "description"\nWann = "taken_at"\n', "map.toml")
    assert ready("import", "cases", path, "--map", toml, "--dry-run").exit_code == 0
    mapping = ImportMapping.model_validate({"undated": "new", "columns": {"Was": "description"}})
    save_mapping(desk_of(store), actor=COMMAND_LINE, name="alt", mapping=mapping)
    assert ready("import", "cases", path, "--map", "alt").exit_code == 0
    wrong = file(tmp_path, '[columns]\nWas = "nothing"\n', "wrong.toml")
    refused = ready("import", "cases", path, "--map", wrong)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "columns.Was" in refused.stderr
    assert ready("import", "cases", path, "--map", "no such name").exit_code == 1
    assert ready("import", "cases", path, "--map", tmp_path / "missing.toml").exit_code == 2


def test_export(ready: Run, store: str, tmp_path: Path) -> None:
    ready("import", "cases", file(tmp_path, GOOD))
    out = ready("export", "cases", "--format", "jsonl", "--where", "stage=closed")
    [line] = out.stdout.splitlines()
    assert json.loads(line)["description"] == "厨房漏水"
    target = tmp_path / "out.xlsx"
    assert ready("export", "cases", "--format", "xlsx", "--out", target).stdout == ""
    assert target.read_bytes().startswith(b"PK")
    assert [item.text for item in desk_of(store).history(actions=["export"])] == ["jsonl 1", "xlsx 2"]
    wrong = ready("export", "cases", "--format", "csv", "--where", "colour=red")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "colour: is not a field of a case" in wrong.stderr
    assert ready("export", "cases", "--format", "docx").exit_code == 2
    assert ready("export", "cases", "--format", "csv", "--out", tmp_path / "no" / "folder.csv").exit_code == 1


def test_case_show(ready: Run, tmp_path: Path) -> None:
    ready("import", "cases", file(tmp_path, GOOD))
    shown = json.loads(ready("case", "show", "TS-2026-000001", "--json").stdout)
    assert shown["case"]["description"] == "厨房漏水"
    assert shown["case"]["client_phone"] == "13800138000"
    assert shown["timeline"][0]["action"] == "import"
    assert shown["changes"][0]["changes"]["stage"] == [None, "closed"]
    assert "Stage: Closed" in ready("case", "show", "TS-2026-000001").stdout
    missing = ready("case", "show", "TS-1", "--json")
    assert (missing.exit_code, missing.stdout) == (1, "")


def test_health(ready: Run, tmp_path: Path) -> None:
    assert json.loads(ready("health", "--json").stdout) == []
    assert ready("health").stdout == "No problems found.\n"
    ready("import", "cases", file(tmp_path, GOOD))
    found = ready("health", "--json")
    assert found.exit_code == 1
    [problem] = json.loads(found.stdout)
    assert problem == {
        "tab": "cases", "key": "TS-2026-000001", "field": "closed_at", "value": "", "reason": "needed_in_stage",
        "suggestion": "2026-01-05T10:00:00+08:00", "confidence": "likely", "hidden": False, "missing": [],
    }  # fmt: skip
    assert "must be filled in at this stage" in ready("health").stdout


def test_no_traceback_and_the_right_status_from_a_shell(store: str, tmp_path: Path) -> None:
    assert shell(store, "init").returncode == 0
    done = shell(store, "import", "cases", str(file(tmp_path, GOOD)), "--json")
    assert (done.returncode, json.loads(done.stdout)["imported"]) == (0, 2)
    refused = shell(store, "case", "show", "TS-1", "--json", LANG="zh_CN.UTF-8")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "案件" in refused.stderr
    assert "Traceback" not in refused.stderr
    usage = shell(store, "import", "cases")
    assert (usage.returncode, usage.stdout) == (2, "")
    assert shell(store, "fly").returncode == 2
    assert shell(store, "--help").returncode == 0


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (("--store", "mysql://nowhere/x", "health"), {}),
        (("--store", "nonsense", "health"), {}),
        (("health",), {"CASESHEET_STORE": "oracle://x"}),
        (("health",), {"CASESHEET_CSAT_TARGET": "many"}),
    ],
)
def test_a_store_that_cannot_be_opened(
    store: str, words: tuple[str, ...], environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ended = CliRunner().invoke(app, list(words))
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr
    assert isinstance(ended.exception, SystemExit)


@pytest.mark.parametrize(
    ("lang", "expected"), [("zh_CN.UTF-8", "zh"), ("en_GB.UTF-8", "en"), ("C.UTF-8", "zh"), ("", "zh")]
)
def test_the_language_of_the_shell(ready: Run, lang: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", lang)
    header = ready("export", "cases", "--format", "csv").stdout
    assert header.lstrip("\ufeff").startswith("案件编号" if expected == "zh" else "Case number")


@pytest.mark.trial(46)
def test_the_store_may_be_named_anywhere_and_is_said(store: str, tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(app, ["--store", store, "init"]).exit_code == 0
    for words in (["health", "--store", store], [f"--store={store}", "health"], ["--store", store, "health"]):
        done = run(app, words)
        assert (done.exit_code, done.stdout) == (0, "No problems found.\n")
        assert store in done.stderr
    assert run(app, ["health", "--store"]).exit_code == 2


@pytest.mark.trial(46)
def test_a_password_in_the_address_of_the_store_is_not_said(store: str) -> None:
    shown = CliRunner().invoke(app, ["health", "--store", "postgresql+psycopg://me:secret@127.0.0.1:1/x"])
    assert shown.exit_code == 1
    assert "secret" not in shown.output


@pytest.mark.trial(46)
def test_version_and_help(store: str) -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.strip() == __version__
    assert "--store" in CliRunner().invoke(app, ["-h"]).stdout
    assert CliRunner().invoke(app, ["case", "show", "-h"]).exit_code == 0


@pytest.mark.trial(46)
@pytest.mark.parametrize("encoding", ["gbk", "cp1252"])
def test_a_console_of_another_code_page(ready: Run, store: str, tmp_path: Path, encoding: str) -> None:
    ready("import", "cases", file(tmp_path, GOOD.replace("门坏了", "门坏了 🚪")))
    shown = subprocess.run(
        [sys.executable, "-m", "lib.cli", "--store", store, "case", "show", "TS-2026-000002"],
        cwd=ROOT, env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    assert b"Traceback" not in shown.stderr


@pytest.mark.trial(46)
def test_whoever_reads_may_stop_reading(ready: Run, store: str, tmp_path: Path) -> None:
    """As `| head -1` does."""
    ready("import", "cases", file(tmp_path, GOOD))
    command = [sys.executable, "-m", "lib.cli", "--store", store, "case", "show", "TS-2026-000001"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.trial(46)
def test_no_workbook_to_a_terminal(ready: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.cli.exports.on_terminal", lambda: True)
    refused = ready("export", "cases", "--format", "xlsx")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--out" in refused.stderr
    assert ready("export", "cases", "--format", "csv").exit_code == 0


@pytest.mark.trial(46)
def test_a_case_tells_names_and_not_ids(ready: Run, store: str, tmp_path: Path) -> None:
    ready("user", "add", "li@example.cn", "--role", "handler", "--name", "李经办")
    desk = desk_of(store)
    [person] = desk.snapshot[Staff]
    ready(
        "import",
        "cases",
        file(
            tmp_path,
            GOOD.replace("状态", "状态,经办人").replace("已结案", "已结案,李经办").replace("处理中", "处理中,李经办"),
        ),
    )
    shown = ready("case", "show", "TS-2026-000001").stdout
    assert "李经办" in shown
    assert person not in shown
    assert "Casesheet  Imported" in shown
