"""The timeline of a case: its lines of History, kept in memory and brought up to date with what was committed since."""

from collections import OrderedDict
from threading import Lock
from weakref import WeakKeyDictionary

from lib.desk.desk import Desk
from lib.domain.records.workspace import HistoryLine
from lib.store.commit.loop import Committer

REMEMBERED = 200  # cases

_Lines = tuple[int, tuple[HistoryLine, ...]]
_KEPT: WeakKeyDictionary[Committer, OrderedDict[str, _Lines]] = WeakKeyDictionary()
_LOCK = Lock()


def timeline(desk: Desk, case_no: str) -> tuple[HistoryLine, ...]:
    """Everything that happened to a case, the newest first.

    Reads the store only when something was committed since it was last asked for, and then only what is new.
    """
    seq = desk.snapshot.seq
    with _LOCK:
        known = _KEPT.setdefault(desk.committer, OrderedDict())
        upto, lines = known.get(case_no, (-1, ()))
    if upto < seq:
        since = {"since_seq": upto} if upto >= 0 else {}
        fresh = desk.history(case_no=case_no, **since)
        lines = (*reversed(fresh), *lines)
        upto = max([seq, *(line.seq for line in fresh)])
        with _LOCK:
            known[case_no] = (upto, lines)
            known.move_to_end(case_no)
            while len(known) > REMEMBERED:
                known.popitem(last=False)
    return lines
