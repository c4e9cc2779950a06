"""A program that plays the manager of a spreadsheet for some seconds: `python -m tests.store.sheets.managing URL ID
SECONDS`. She sorts, inserts, moves columns, types, and lets the network fail. Prints what she typed and how often she
did what, as JSON.
"""

import json
import random
import sys
import time
from collections import Counter
from typing import Any

import requests

from tests.store.sheets.support import MOVES, TAB

AT_LEAST = 5  # times that she acts under a write, however slow the machine is
KEY = "案件编号"
COLUMNS = ("标题", "小区", "问题位置")
FAULTS: list[dict[str, Any]] = [
    {"status": 429, "retry_after": 0},
    {"status": 503},
    {"status": 503, "when": "after"},
    {"drop": True},
    {"drop": True, "when": "after"},
]


class Boss:
    """The manager, over the server's control route."""

    def __init__(self, url: str, spreadsheet: str) -> None:
        self.url, self.id = f"{url}/_control", spreadsheet
        self.chance = random.Random(20260302)
        self.session = requests.Session()
        self.session.trust_env = False
        self.typed: list[str] = []
        self.replaced: list[str] = []
        self.did: Counter[str] = Counter()

    def work(self, until: float) -> None:
        acts = (self.move, self.type_a_cell, self.type_a_cell, self.overtake, self.overtake, self.fail, self.type_a_row)
        while time.monotonic() < until or self.did["overtake"] < AT_LEAST:
            act = self.chance.choice(acts)
            act()
            self.did[act.__name__] += 1
            time.sleep(self.chance.uniform(0.02, 0.15))

    def play(self, *steps: list[Any]) -> Any:
        answer = self.session.post(self.url, json={"spreadsheet": self.id, "manager": list(steps)}, timeout=30)
        answer.raise_for_status()
        return answer.json()["results"]

    def move(self) -> None:
        self.play(self.chance.choice(MOVES))

    def overtake(self) -> None:
        """Act when one of the next writes has been sent, and before it is applied."""
        moves = [self.chance.choice(MOVES) for _ in range(self.chance.randint(1, 2))]
        fault = {"method": "POST", "path": ":batchUpdate", "manager": moves, "spreadsheet": self.id}
        self.session.post(self.url, json={"fault": fault}, timeout=30).raise_for_status()

    def fail(self) -> None:
        path = self.chance.choice((":batchUpdate", ":batchUpdate", "values:batchGet"))
        self.session.post(self.url, json={"fault": {"path": path, **self.chance.choice(FAULTS)}}, timeout=30)

    def type_a_cell(self) -> None:
        """In the row of a case, wherever others have moved it since she looked."""
        rows = self.play(["rows", {"tab": TAB}])[0]
        key_at = rows[0].index(KEY)
        keys = [row[key_at] for row in rows[1:] if len(row) > key_at and str(row[key_at]).startswith("TS-")]
        if keys:
            cell = {"tab": TAB, "key": self.chance.choice(keys), "column": self.chance.choice(COLUMNS), "keys": KEY}
            self.type_in("set_beside", cell)

    def type_a_row(self) -> None:
        """Title and time at once: a sort between the two would put the time into somebody else's row."""
        if self.did["type_a_row"] < 10:
            row = len(self.play(["rows", {"tab": TAB}])[0]) + 1
            time_cell = {"tab": TAB, "row": row, "column": "受理时间", "value": "2026-03-02 10:00"}
            self.type_in("set_cell", {"tab": TAB, "row": row, "column": "标题"}, ["set_cell", time_cell])

    def type_in(self, step: str, cell: dict[str, Any], *more: list[Any]) -> None:
        word = f"boss-{len(self.typed)}"
        try:
            before = self.play([step, {**cell, "value": word}], *more)[0]
        except requests.HTTPError:
            return  # a write has just covered the number that she looks for
        self.replaced.append(str(before))
        self.typed.append(word)


def main(url: str, spreadsheet: str, seconds: float) -> None:
    boss = Boss(url, spreadsheet)
    boss.work(time.monotonic() + seconds)
    kept = [word for word in boss.typed if word not in boss.replaced]  # by herself, perhaps before anybody looked
    print(json.dumps({"typed": kept, "did": boss.did}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
