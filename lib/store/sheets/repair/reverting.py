"""An older version of the spreadsheet was restored: what follows for whoever works with it.

The values are then those of before. Whether the markers of later writes (`lib.store.sheets.write.requests`) go back
with them Google does not say, and no interface of its restores a version, so both are provided for. Where they stay,
every number that they took is refused; where they go, only a process that remembers later writes can tell. Either way
nothing that was known counts any more, and a line of History skips the numbers that were used, so that none means two
things.
"""

import logging
from collections.abc import Iterable

from lib.errors import StaleSequence
from lib.store.codec import encode_value
from lib.store.port import Row
from lib.store.sheets.api.client import SheetsClient
from lib.store.sheets.read.history import HistoryCache, lines_of, seq_of
from lib.store.sheets.read.mirror import Mirror
from lib.store.sheets.read.reader import SheetReading
from lib.store.sheets.repair.repair import ACTOR
from lib.store.sheets.write.journal import read_journal
from lib.store.sheets.write.plan import WritePlan
from lib.store.sheets.write.planner import Planner
from lib.store.sheets.write.requests import FIRST_MARKER, marker, requests
from lib.store.sheets.write.sending import Sender

log = logging.getLogger("casesheet")
OLDER = "older_version"
"""The action of the line that tells of it; its text says which sequences the restored version does not have."""


class Reverting:
    """Notices that what is read is not what came after the last read.

    `beyond` are lines of History that this process knows and that the restored version does not have, oldest first.
    """

    def __init__(self, client: SheetsClient, mirror: Mirror, sender: Sender) -> None:
        self._client, self._mirror, self._sender = client, mirror, sender
        self._before: HistoryCache | None = None  # what was known of History before an older version was restored
        self.beyond: list[Row] = []

    def follows(self, reading: SheetReading) -> bool:
        """Whether the sheet went on from where it was left: its sequence is no lower, and the last known line of
        History is still in its row."""
        mirror = self._mirror
        known = mirror.history
        if known is None or not known.lines:
            return reading.seq >= mirror.seq
        found = lines_of(reading.history[:1], mirror.history_places, mirror.cells)
        return reading.seq >= mirror.seq and [_write_of(line) for line in found] == [_write_of(known.lines[-1])]

    def start_over(self, reading: SheetReading) -> None:
        """Read History anew, and everything else where it is sure that a version was restored; people may have put a
        row into History, or taken one out."""
        mirror = self._mirror
        self._before = self._before or mirror.history
        if reading.seq < mirror.seq:
            mirror.begin_again()
        else:
            mirror.forget_history()

    def told_older(self, reading: SheetReading) -> bool:
        """Whether everything must be read again: a restored version was found, or told of just now."""
        mirror = self._mirror
        before, now = self._before, mirror.known_history()
        lost = [] if before is None else self._lost(before, now)
        since = seq_of(lost[0]) if lost else 0
        told = any(line.get("action") == OLDER and seq_of(line) > since for line in now.lines)
        twice = _given_twice(lost, now.lines)
        if lost and (told or twice) and mirror.seq >= 0:  # rows may look as if they were older copies
            mirror.begin_again()
            return True
        if reading.seq < mirror.highest or (twice and not told):
            self._tell_older(reading, min(reading.seq, since - 1) if lost else reading.seq)
            return True
        if before is not None:
            self._before, mirror.anew = None, reading.seq
            self.beyond += lost if told else []
        return False

    def _lost(self, before: HistoryCache, now: HistoryCache) -> list[Row]:
        """The latest lines of those known before, from where the sheet has none of them."""
        common = _last_common(before.lines, now.lines)
        if common == 0 and now.first > 1:
            self._mirror.load_older()
            common = _last_common(before.lines, now.lines)
        return [line for line in before.lines if seq_of(line) > common]

    def _tell_older(self, reading: SheetReading, left: int) -> None:
        """Go on behind every number that was used. Of several processes that do so, one comes through; whoever does not
        know of the restored version and would write the next number is kept out at the same time."""
        mirror = self._mirror
        found = self._client.metadata("developerMetadata(metadataId,metadataKey)").get("developerMetadata", ())
        taken = {item["metadataId"] - FIRST_MARKER for item in found}
        if mirror.reader.sequence() != reading.seq:  # after the markers: those of a write in between are none of before
            return
        last = max(taken | {mirror.highest, reading.seq})
        log.warning("an older version of the spreadsheet was restored: %s, where %s was known", left, last)
        plan, tabs = WritePlan(last + 1, f"older-{last}"), mirror.as_read(reading)
        line: Row = {
            "seq": plan.seq,
            "commit_id": plan.write_id,
            "at": encode_value(mirror.now()),
            "actor": ACTOR,
            "action": OLDER,
        }
        gone = f"{left + 1}-{last}" if left + 1 < last else str(last)
        planner = Planner(tabs, mirror.history_places, mirror.cells)
        planner.explain(plan, [{**line, "audience": "internal", "text": gone}])
        kept = read_journal(reading.journal).rows
        wanted = requests(plan, tabs, mirror.known_history(), mirror.reader.layout, kept=kept)
        if reading.seq + 1 not in taken and reading.seq + 1 != plan.seq:
            wanted.insert(0, marker(reading.seq + 1, plan.write_id))
        try:
            self._sender.send(wanted, plan.seq, alone=False)
        except StaleSequence:
            log.info("somebody else was quicker")
        finally:
            mirror.dirty = True


def _write_of(line: Row) -> tuple[int, str]:
    return seq_of(line), str(line.get("commit_id", ""))


def _last_common(before: Iterable[Row], now: Iterable[Row]) -> int:
    """The last sequence of which both tell the same."""
    there = {_write_of(line) for line in now}
    return max((seq_of(line) for line in before if _write_of(line) in there), default=0)


def _given_twice(lost: Iterable[Row], now: Iterable[Row]) -> bool:
    """Whether a number means something else by now; a line that somebody took out of History is no such sign."""
    return not {seq_of(line) for line in lost}.isdisjoint(seq_of(line) for line in now)
