"""Trying out on a live spreadsheet what cannot be proved without Google: all trials, and what follows for writers.

The trials work on a scratch tab, on a copy of a scratch spreadsheet, and with another account where there is one;
nothing of the workspace is read or changed. What else follows is said in `lib.cli.sheet_words`.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from lib.errors import OutcomeUnknown
from lib.store.sheets.api.client import Rejected, SheetsClient
from lib.store.sheets.model.layout import FIELDS, META, read_layout
from lib.store.sheets.model.meta import MetaCell, put_json
from lib.store.sheets.selfcheck.beyond import copy_of_file, other_account, other_project
from lib.store.sheets.selfcheck.changes import (
    atomic,
    copy_first,
    delete_missing,
    doubles_exact,
    error_text,
    grid_shows_keys,
    many_markers,
    many_requests,
    one_winner,
    text_stays_text,
    version_follows,
)
from lib.store.sheets.selfcheck.rows import (
    append_filtered,
    append_order,
    append_position,
    copy_of_hidden,
    rows_keep_format,
    sort_over_protected,
)
from lib.store.sheets.selfcheck.scratch import Outcome, Scratch, scratch_tab

SETTING = "sheets.selfcheck"
"""Where earlier versions kept the result: in the workspace, which may be moved to another spreadsheet."""
NEEDED = frozenset(
    """one_winner error_text atomic grid_shows_keys copy_first copy_of_hidden doubles_exact append_position append_order
    append_filtered other_account""".split()  # noqa: SIM905
)
"""What several writers at once rely on. One alone is safe without: it sees every change that it made itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One assumption: whether it held, what was seen, and how many seconds the trial took."""

    name: str
    held: bool
    detail: str
    seconds: float

    @property
    def needed(self) -> bool:
        return self.name in NEEDED


def run(
    client: SheetsClient,
    *,
    other: SheetsClient | None = None,
    wait: float = 60.0,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Finding]:
    """Every trial in turn, about fifty calls; what they make is removed whatever happens.

    `other`: the same spreadsheet through another account, best of another project; without it two trials are left out.
    `wait`: seconds that Drive may take to notice an edit. Raises StoreUnavailable where the sheet cannot be reached.
    """
    with scratch_tab(client) as scratch:
        findings = [_tried(name, trial, scratch) for name, trial in TRIALS.items()]
        if other:
            findings += [_tried(name, partial(trial, other), scratch) for name, trial in TRIALS_BY_TWO.items()]
        return [*findings, _tried("version_follows", lambda tab: version_follows(tab, wait, sleep), scratch)]


def result(findings: Sequence[Finding], at: datetime) -> dict[str, Any]:
    """What is kept of a run."""
    assumptions = [{**asdict(found), "needed": found.needed} for found in findings]
    allowed = all(found.held for found in findings if found.needed)
    return {"at": at.isoformat(), "writers_allowed": allowed, "assumptions": assumptions}


def keep(client: SheetsClient, found: Mapping[str, Any]) -> None:
    """Note a result in the spreadsheet. The workspace stays as it is: an empty one is still fit to be moved into.

    Raises TabMissing where the spreadsheet was never set up.
    """
    read_layout(client.metadata(FIELDS)).require((META,))
    request = put_json(MetaCell.SELFCHECK, found)
    client.update(json.dumps({"requests": [request]}, ensure_ascii=False).encode())


def writers_allowed(setting: str | None) -> bool:
    """Whether several processes may write, by the result of the last run (JSON).

    Without a run they may: what they need is documented by Google. What was seen to fail counts more.
    """
    try:
        found = json.loads(setting or "{}")
    except ValueError:
        return True
    return not isinstance(found, dict) or found.get("writers_allowed") is not False


def _tried(name: str, trial: Callable[[Scratch], Outcome], scratch: Scratch) -> Finding:
    started = time.monotonic()
    try:
        held, detail = trial(scratch)
    except Rejected as rejected:
        held, detail = False, rejected.why
    except OutcomeUnknown as silent:
        held, detail = False, str(silent) or "no answer"
    return Finding(name, held, detail, round(time.monotonic() - started, 2))


TRIALS: Mapping[str, Callable[[Scratch], Outcome]] = {
    "one_winner": one_winner,
    "error_text": error_text,
    "atomic": atomic,
    "grid_shows_keys": grid_shows_keys,
    "copy_first": copy_first,
    "copy_of_hidden": copy_of_hidden,
    "doubles_exact": doubles_exact,
    "append_position": append_position,
    "append_order": append_order,
    "append_filtered": append_filtered,
    "text_stays_text": text_stays_text,
    "delete_missing": delete_missing,
    "sort_over_protected": sort_over_protected,
    "rows_keep_format": rows_keep_format,
    "many_requests": many_requests,
    "many_markers": many_markers,
    "copy_of_file": copy_of_file,
}
TRIALS_BY_TWO: Mapping[str, Callable[[SheetsClient, Scratch], Outcome]] = {
    "other_account": other_account,
    "other_project": other_project,
}
