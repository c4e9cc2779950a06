"""A program that saves in a loop and prints what was acknowledged: `python -m tests.store.saving ADDRESS NAME COUNT`.

Each save takes a case in with a task and a note, so that a half save would show. One line each: commit id and number.
"""

import sys

from lib.domain.records.case_parts import Task
from lib.store.commit.batch import create, note
from lib.store.schema import SCHEMA
from lib.store.sql import SqlStore
from tests.store.support import batch, committer, new_case


def main(address: str, name: str, count: int) -> None:
    store = SqlStore(address)
    store.provision(SCHEMA)
    app = committer(store)
    for number in range(count):
        task = Task(task_id=f"{name}-{number}", case_no="new:1", title="回访")
        request = batch(new_case(title=f"{name}-{number}"), create(task), note("new:1", name), actor=name)
        receipt = app.commit(request)
        print(receipt.commit_id, receipt.first("cases"), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
