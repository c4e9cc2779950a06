"""Checks that a store is complete: its sequence must have reached that of its History."""

from lib.errors import UnfinishedCopy
from lib.store.port import Store


def require_whole(store: Store, seq: int) -> None:
    """`seq` is the sequence as it was read. Raises UnfinishedCopy for a store that tells of later writes: a move to it
    broke off, and whoever saved there would give out numbers again that are taken."""
    told = store.history(since_seq=seq)
    if told and store.pull(seq).seq == seq:  # otherwise somebody has just saved
        raise UnfinishedCopy(seq, int(told[-1]["seq"]))
