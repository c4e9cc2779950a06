"""What a store tells of its mirror: rows that are new since a sequence, and the work of people's hands."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from lib.store.port import ByHand, Pull, Row
from lib.store.schema import SCHEMA
from lib.store.sheets.model.tabs import homes
from lib.store.sheets.model.vocabulary import Vocabulary
from lib.store.sheets.read.mirror import Mirror
from lib.store.sheets.read.namesakes import unclear
from lib.store.sheets.read.tab_state import keys_there


def told_since(mirror: Mirror, since: int | None) -> Pull:
    """Everything, or what changed after a sequence."""
    if since is None or since > mirror.seq or since < mirror.anew:
        return _told(mirror, None)
    if since == mirror.seq:
        recalled = {name: found for name, one in mirror.records.items() if (found := one.recalled_rows())}
        return Pull(mirror.seq, recalled, complete=False, by_hand=_by_hand(mirror), number=mirror.number)
    return _told(mirror, since)


def _told(mirror: Mirror, since: int | None) -> Pull:
    rows: dict[str, Sequence[Row]] = {}
    removed: dict[str, Sequence[str]] = {}
    for name, records in mirror.records.items():
        written, gone = records.since(since, keys_there(mirror.tabs, name)), records.gone_since(since)
        written += [] if since is None else records.recalled_rows()
        if since is None or written or gone:
            rows[name], removed[name] = written, gone
    by_hand = _by_hand(mirror)
    return Pull(mirror.seq, rows, complete=since is None, removed=removed, by_hand=by_hand, number=mirror.number)


def _by_hand(mirror: Mirror) -> ByHand | None:
    now = mirror.options.clock()
    edited: dict[str, Mapping[str, Row]] = {}
    added: dict[str, Mapping[str, Row]] = {}
    typed: dict[str, Mapping[str, Row]] = {}
    missing: dict[str, Sequence[str]] = {}
    twice: dict[str, Sequence[str]] = {}
    older = {name: sorted(records.older) for name, records in mirror.records.items() if records.older}
    for name, records in mirror.records.items():
        if records.edited:
            edited[name] = {key: row for key, row in records.edited.items() if key in records.app}
            added[name] = {key: row for key, row in records.edited.items() if key not in records.app}
        if records.missing:
            grace = mirror.options.grace
            missing[name] = [key for key, since in records.missing.items() if now - since >= grace]
        there = [mirror.tabs[one] for one in homes(name)]
        if any(tab.typed for tab in there):
            typed[name] = {token: tab.typed[at] for tab in there for at, token in tab.tokens().items()}
        if any(tab.twice or tab.elsewhere for tab in there):
            twice[name] = [key for tab in there for key in (*tab.twice.values(), *sorted(tab.elsewhere))]
    if not (edited or typed or missing or twice or older):
        return None
    at = datetime.now(UTC).astimezone(mirror.options.zone)
    unclear_fields = _unclear(mirror.cells.words, edited, added, typed)
    return ByHand(at, edited, typed, added, missing, twice, older, unclear_fields)


def _unclear(
    words: Vocabulary, *changed: Mapping[str, Mapping[str, Row]]
) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """The fields of rows whose text several bear, by tab and key (or token)."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for name, rows in (each for some in changed for each in some.items()):
        for key, row in rows.items():
            if fields := unclear(SCHEMA[name], row, words):
                found.setdefault(name, {})[key] = fields
    return found
