"""A later version of the app, in a process of its own: with columns, a tab, a stage and an action that this one lacks.

Started with the address of a store (and of the loopback server); each line on standard input is a command, and each
answer a line of JSON.
"""

import json
import sys
from datetime import date
from typing import Any

import lib.domain.records.case as case_module
from lib.domain.records.fields import column
from lib.domain.records.record import Day, Key, Record, Text


class Case(case_module.Case):
    promise_day: Day | None = column("date", "答复承诺日", "Answer promised for", default=None)
    promise_text: Text = column("text", "承诺内容", "What was promised")


class Notice(Record):
    notice_id: Key = column("text", "通知编号", "Notice", default=..., locked=True)
    text: Text = column("text", "内容", "Text")


case_module.Case = Case  # type: ignore[misc]  # before anything else takes the record's columns from it

import lib.store.schema as schema  # noqa: E402

schema._TABS["notices"] = schema._tab("notices", "通知", "Notices", Notice)
schema._TAB_OF[Notice] = schema._TABS["notices"]
schema.HOT_TABS = (*schema.HOT_TABS, "notices")

from lib.store.codec import encode  # noqa: E402
from lib.store.commit.batch import create, edit, note  # noqa: E402
from lib.store.commit.loop import Committer  # noqa: E402
from lib.store.port import Store  # noqa: E402
from lib.store.sql import SqlStore  # noqa: E402
from tests.store.support import batch, committer, new_case, no  # noqa: E402


def open_store(address: str, google: str) -> Store:
    if not google:
        return SqlStore(address)
    from tests.store.sheets.support import sheet_at

    return sheet_at(google, address)


def look(app: Committer) -> dict[str, Any]:
    app.keep_up()
    snapshot = app.snapshot
    cases = {key: encode(record) for key, record in snapshot.tables["cases"].items()}
    notices = {key: encode(record) for key, record in snapshot.tables["notices"].items()}
    bad = [key for table in snapshot.tables.values() for key in table.bad]
    return {"seq": snapshot.seq, "cases": cases, "notices": notices, "bad": bad}


def work(app: Committer) -> dict[str, Any]:
    """One of each: the columns filled in, the tab, the stage and the action."""
    promised = {"promise_day": date(2026, 3, 5), "promise_text": "周五前答复", "stage": "mediation"}
    app.commit(batch(edit(app.snapshot[Case][no(1)], promised), note(no(1), "双方已到场", action="mediated")))
    app.commit(batch(new_case(**{"title": "新版登记", **promised})))
    app.commit(batch(create(Notice(notice_id="n-1", text="停水通知"))))
    return look(app)


def main(address: str, google: str = "") -> None:
    store = open_store(address, google)
    store.provision(schema.SCHEMA)
    app = committer(store)
    for line in sys.stdin:
        answer = work(app) if line.strip() == "work" else look(app)
        print(json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
