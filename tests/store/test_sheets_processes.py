"""Several app processes, a manager at work and a bad network, all on one spreadsheet; the counts are printed."""

import json
import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from lib.domain.case import Case
from lib.errors import StoreError
from lib.settings import ROOT
from lib.store.commit import Committer
from tests.google.server import SheetsServer
from tests.store import sheets_audit as audit
from tests.store.sheets_support import Sheets
from tests.store.support import committer, replay, rows_of

APPS = 3
SECONDS = float(os.environ.get("CASESHEET_TEST_SECONDS", "6"))


def start(module: str, *arguments: str) -> subprocess.Popen[str]:
    program = [sys.executable, "-m", f"tests.store.{module}", *arguments]
    return subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    lines, _ = process.communicate(timeout=SECONDS + 60)
    assert process.returncode == 0
    return [json.loads(line) for line in lines.splitlines()]


def calm_down(app: Committer) -> None:
    """Until nothing is left to be put right or taken in."""
    for _ in range(10):
        try:
            app.keep_up()
        except StoreError:
            continue
        return
    pytest.fail("it does not come to rest")


def test_apps_a_manager_and_a_bad_network() -> None:
    with SheetsServer() as server:
        sheets = Sheets(server)
        sheets.opened().close()
        apps = [start("sheets_saving", server.url, sheets.id, f"app{n}", str(SECONDS)) for n in range(APPS)]
        boss = start("sheets_managing", server.url, sheets.id, str(SECONDS + 1))
        printed = [line for app in apps for line in finish(app)]
        (managed,) = finish(boss)
        server.google.faults.clear()
        store = sheets.open()
        late = committer(store)
        calm_down(late)
        lines = store.history()
        saved = {line["commit"]: line["lines"] for line in printed if "commit" in line}
        seqs = {line["commit"]: line["seq"] for line in printed if "commit" in line}
        met = sum((Counter(line["met"]) for line in printed if "met" in line), Counter())
        counts = {
            "saves acknowledged": len(saved),
            "conflicts": met["conflicts"],
            "retries": met["retries"],
            "repairs": audit.put_right(lines),
            "typed by hand": len(managed["typed"]),
            "rows moved": managed["did"]["move"] + managed["did"]["overtake"],
            "cases": len(audit.numbers(lines)),
            "lost": len(audit.lost(lines, saved)),
            "twice": len(audit.twice(lines, saved)),
            "gaps": len(audit.gaps(lines)),
            "not in History": len(audit.untold(lines, managed["typed"])),
        }
        print(json.dumps(counts, ensure_ascii=False))
        assert counts["saves acknowledged"] > 10
        assert counts["repairs"] > 0
        assert audit.untold(lines, managed["typed"]) == []
        assert [counts[name] for name in ("lost", "twice", "gaps")] == [0, 0, 0]
        assert {line["commit_id"]: line["seq"] for line in lines if line["commit_id"] in seqs} == seqs
        assert replay(lines) == rows_of(store)
        assert store.pull(None).by_hand is None
        again = committer(sheets.open())
        assert dict(again.snapshot[Case]) == dict(late.snapshot[Case])
        keys = [row[0] for row in key_column(sheets)]
        assert sorted(keys) == sorted(late.snapshot[Case])


def key_column(sheets: Sheets) -> list[list[str]]:
    """The numbers that stand in the sheet: each once, and no row without one."""
    rows = sheets.manager.rows("案件")
    at = rows[0].index("案件编号")
    ours = [place for place, text in enumerate(rows[0]) if text and not str(text).startswith("_")]
    filled = [row for row in rows[1:] if any(place < len(row) and row[place] != "" for place in ours)]
    return [[str(row[at]) if at < len(row) else ""] for row in filled]
