"""One of several processes that save at once: `python -m benchmarks.saving ADDRESS NAME COUNT`; prints its receipts."""

import sys
from datetime import datetime

from benchmarks.data import ZONE
from lib.domain.records.case import Case
from lib.domain.rules.numbering import NumberPattern
from lib.store.commit.batch import NEW, Batch, create, new_id
from lib.store.commit.loop import Committer
from lib.store.schema import SCHEMA
from lib.store.sql import SqlStore


def main(address: str, name: str, count: int) -> None:
    store = SqlStore(address)
    store.provision(SCHEMA)
    app = Committer(store, pattern=NumberPattern("TS-{year}-{seq:06d}"), zone=ZONE)
    for number in range(count):
        now = datetime.now(ZONE)
        case = Case(case_no=f"{NEW}1", title=f"{name}-{number}", taken_at=now)
        receipt = app.commit(Batch(new_id("c"), name, now, (create(case),)))
        print(case.title, receipt.first("cases"), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
