from hypothesis import given, settings
from hypothesis import strategies as st

from lib.domain.records.workspace import Setting
from lib.store.port import Pull
from lib.store.snapshot.incremental import Kept, TableDelta
from lib.store.snapshot.snapshot import Snapshot, Table

KEYS = st.sampled_from("abcdef")
CHANGES = st.lists(st.tuples(st.dictionaries(KEYS, st.text(max_size=2), max_size=3), st.sets(KEYS, max_size=2)))


class Copy:
    """A kept copy of the values that counts how it was brought up to date."""

    def __init__(self) -> None:
        self.made = self.updated = 0
        self.kept: Kept[Setting, list[str]] = Kept(self.make, self.update)

    def make(self, records: list[Setting]) -> list[str]:
        self.made += 1
        return [record.value for record in records]

    def update(self, values: list[str], step: TableDelta[Setting]) -> list[str]:
        self.updated += 1
        values = [*values, *(record.value for record in step.added)]
        for at, (old, new) in step.edited.items():
            assert values[at] == old.value
            values[at] = new.value
        return values


def rows(values: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    return {"settings": [{"key": key, "value": value} for key, value in values.items()]}


def table(snapshot: Snapshot) -> Table[Setting]:
    return snapshot[Setting]


def start(values: dict[str, str], seq: int = 1) -> Snapshot:
    return Snapshot.empty().after(Pull(seq=seq, rows=rows(values), complete=True))


@settings(deadline=None)
@given(st.dictionaries(KEYS, st.text(max_size=2)), CHANGES, st.data())
def test_it_is_always_what_making_it_anew_would_give(
    values: dict[str, str], changes: list[tuple[dict[str, str], set[str]]], data: st.DataObject
) -> None:
    copy, snapshot = Copy(), start(values)
    copy.kept.of(table(snapshot))
    for seq, (written, gone) in enumerate(changes, start=2):
        removed = {"settings": frozenset(gone - written.keys())}
        snapshot = snapshot.after(Pull(seq=seq, rows=rows(written), removed=removed, complete=False))
        if data.draw(st.booleans()):  # sometimes several changes come at once
            assert copy.kept.of(table(snapshot)) == [record.value for record in table(snapshot).values()]
    assert copy.kept.of(table(snapshot)) == [record.value for record in table(snapshot).values()]


def test_changes_and_additions_do_not_make_it_anew() -> None:
    copy, snapshot = Copy(), start({"a": "1", "b": "2"})
    copy.kept.of(table(snapshot))
    later = snapshot.after(Pull(seq=2, rows=rows({"b": "3", "c": "4"}), complete=False))
    assert copy.kept.of(table(later)) == ["1", "3", "4"]
    assert (copy.made, copy.updated) == (1, 1)


def test_the_same_table_costs_nothing() -> None:
    copy, snapshot = Copy(), start({"a": "1"})
    assert copy.kept.of(table(snapshot)) is copy.kept.of(table(snapshot))
    assert (copy.made, copy.updated) == (1, 0)


def test_another_table_of_the_same_sequence_is_not_taken_for_this_one() -> None:
    copy = Copy()
    copy.kept.of(table(start({"a": "1", "b": "2"})))
    assert copy.kept.of(table(start({"b": "2", "a": "1"}))) == ["2", "1"]


def test_an_older_table_is_served_without_going_back() -> None:
    copy, snapshot = Copy(), start({"a": "1"})
    later = snapshot.after(Pull(seq=2, rows=rows({"a": "2"}), complete=False))
    copy.kept.of(table(later))
    assert copy.kept.of(table(snapshot)) == ["1"]
    assert copy.kept.of(table(later)) == ["2"]
    assert copy.made == 2
