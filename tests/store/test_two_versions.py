"""A later version of the app works on the same store at the same time: what it adds is carried along, never lost."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lib.config.settings import ROOT
from lib.domain.records.case import Case
from lib.errors import CannotMove
from lib.store.commit.batch import edit
from lib.store.migrate import copy
from lib.store.port import Store
from lib.store.schema import SCHEMA
from lib.store.schema_number import OURS
from lib.store.sql import SqlStore
from tests.google.server import SheetsServer
from tests.store import postgres
from tests.store.sheets.support import Sheets, sheet_at
from tests.store.support import batch, case, committer, new_case, no, open_sqlite

PROMISED = {"promise_day": "2026-03-05", "promise_text": "周五前答复", "stage": "mediation"}


@dataclass
class Later:
    """The later version at work."""

    process: subprocess.Popen[str]

    def __call__(self, command: str) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@dataclass
class Place:
    """An empty store, and how each version gets to it."""

    address: str
    google: str = ""

    def open(self) -> Store:
        return sheet_at(self.google, self.address) if self.google else SqlStore(self.address)

    @contextmanager
    def later(self) -> Iterator[Later]:
        command = [sys.executable, "-m", "tests.store.later_version", self.address, *filter(None, [self.google])]
        with subprocess.Popen(command, cwd=ROOT, stdin=-1, stdout=-1, text=True, encoding="utf-8") as process:
            yield Later(process)
            process.communicate()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres), "sheet"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        yield Place(f"sqlite:///{tmp_path}/store.db")
    elif request.param == "postgres":
        server: postgres.Server = request.getfixturevalue("server")
        with server.database() as url:
            yield Place(url)
    else:
        google: SheetsServer = request.getfixturevalue("google")
        yield Place(Sheets(google).id, google.url)


def promises(seen: Any) -> dict[str, Any]:
    return {key: {name: row.get(name) for name in PROMISED} for key, row in seen["cases"].items()}


@pytest.mark.trial(47)
def test_what_a_later_version_adds_is_carried_along(place: Place, tmp_path: Path) -> None:
    store = place.open()
    store.provision(SCHEMA)
    app = committer(store)
    app.commit(batch(new_case(title="漏水")))
    with place.later() as later:
        seen = later("work")
        assert promises(seen) == {no(1): PROMISED, no(2): PROMISED}
        app.keep_up()
        assert app.snapshot.seq == seen["seq"] == 4
        assert {one.title: one.stage for one in app.snapshot[Case].values()} == {
            "漏水": "mediation",
            "新版登记": "mediation",
        }
        assert not [table.bad for table in app.snapshot.tables.values() if table.bad]
        actions = [line["action"] for line in store.history()]
        assert "mediated" in actions

        for number in (1, 2):
            app.commit(batch(edit(case(app, number), {"title": f"改了 {number}"})))
        app.commit(batch(new_case(title="旧版登记")))
        app.commit(batch(edit(case(app, 2), {"stage": "archived"})))  # goes to another tab of a spreadsheet
        seen = later("look")
        assert promises(seen) == {
            no(1): PROMISED,
            no(2): {**PROMISED, "stage": "archived"},
            no(3): {"promise_day": None, "promise_text": None, "stage": "new"},
        }
        assert seen["cases"][no(2)]["title"] == "改了 2"
        assert seen["notices"] == {"n-1": {"notice_id": "n-1", "text": "停水通知"}}
        assert not seen["bad"]

    fresh_store = place.open()
    assert fresh_store.provision(SCHEMA, create=False) == []
    fresh = committer(fresh_store)
    fresh.keep_up()
    assert fresh.snapshot.seq == app.keep_up().seq == 8, "nobody edited anything by hand"
    assert dict(fresh.snapshot[Case]) == dict(app.snapshot[Case])
    assert fresh_store.pull(None).number > OURS
    with pytest.raises(CannotMove) as refused:
        copy(fresh_store, open_sqlite(tmp_path / "copy.db"), lambda *_: None)
    assert refused.value.why == "newer"
    for one in (store, fresh_store):
        one.close()
