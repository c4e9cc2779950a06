"""A program that works on a spreadsheet as an app does, for some seconds: `python -m tests.store.sheets.saving URL ID
NAME SECONDS`. Prints one JSON line for each save that was acknowledged, and what else it met at the end.
"""

import json
import random
import sys
import time
from collections import Counter

from lib.domain.records.case import Case
from lib.domain.records.case_parts import Task
from lib.errors import Conflict, OutcomeUnknown, StoreError
from lib.store.commit.batch import Batch, Receipt, create, edit, remove
from lib.store.commit.loop import Committer
from lib.store.sheets.api.account import open_account
from lib.store.sheets.api.client import Patience, SheetsClient
from lib.store.sheets.model.options import Options
from lib.store.sheets.store import SheetsStore
from tests.store.sheets.support import NOWHERE, unlimited
from tests.store.support import a_case, batch, committer
from tests.support import ZONE

FIELDS = ("title", "community", "location")
AT_LEAST = 5  # saves, however slow the machine is
PATIENT = Patience(connect=5, answer=8, attempts=3, first=0.01, longest=0.05)


class Worker:
    """One app: takes cases in, changes them, adds and removes tasks."""

    def __init__(self, app: Committer, name: str) -> None:
        self.app, self.name = app, name
        self.chance = random.Random(name)
        self.met: Counter[str] = Counter()

    def work(self, until: float) -> None:
        acts = (self.take_in, self.change, self.change, self.add_task, self.remove_task, self.look)
        while time.monotonic() < until or self.met["saves"] < AT_LEAST:
            self.chance.choice(acts)()

    def take_in(self) -> None:
        self.save(batch(create(a_case(title=self.word()), action="intake")))

    def change(self) -> None:
        if case := self.any_case():
            self.save(batch(edit(case, {self.chance.choice(FIELDS): self.word()})))

    def add_task(self) -> None:
        if case := self.any_case():
            word = self.word()
            task = Task(task_id=f"t-{word}", case_no=case.case_no, title=word)
            self.save(batch(create(task), edit(case, {"community": word})))

    def remove_task(self) -> None:
        mine = [task for task in self.app.snapshot[Task].values() if task.task_id.startswith(f"t-{self.name}")]
        if mine:
            self.save(batch(remove(self.chance.choice(mine))))

    def look(self) -> None:
        try:
            self.app.keep_up()
        except StoreError:
            self.met["retries"] += 1

    def save(self, request: Batch) -> None:
        lines = sum(1 + (change.record_id == "new:1") for change in request.changes)
        try:
            receipt = self.commit(request)
        except Conflict:
            self.met["conflicts"] += 1
            return
        self.met["saves"] += 1
        print(json.dumps({"commit": request.commit_id, "lines": lines, "seq": receipt.seq}), flush=True)

    def commit(self, request: Batch) -> Receipt:
        """As a person presses the button again until it is known to be in."""
        while True:
            try:
                return self.app.commit(request)
            except (OutcomeUnknown, StoreError):
                self.met["retries"] += 1

    def any_case(self) -> Case | None:
        cases = list(self.app.snapshot[Case].values())
        return self.chance.choice(cases) if cases else None

    def word(self) -> str:
        self.met["words"] += 1
        return f"{self.name}-{self.met['words']}"


def main(url: str, spreadsheet: str, name: str, seconds: float) -> None:
    client = SheetsClient(open_account(NOWHERE, url), spreadsheet, patience=PATIENT, quota=unlimited())
    worker = Worker(committer(SheetsStore(client, Options(zone=ZONE, grace=1.0))), name)
    worker.work(time.monotonic() + seconds)
    print(json.dumps({"met": worker.met}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
