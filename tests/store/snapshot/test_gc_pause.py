"""Loading without Python's collector: what is made grows old at once, and the collector goes on after."""

import gc
from collections.abc import Iterator

import pytest

from lib.store.snapshot.gc_pause import MANY, undisturbed


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    gc.enable()
    gc.collect()
    yield
    gc.enable()


def test_many_objects_are_not_looked_through_as_young_ones() -> None:
    with undisturbed():
        assert not gc.isenabled()
        made = [[number] for number in range(2 * MANY)]
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    young = {id(item) for generation in (0, 1) for item in gc.get_objects(generation)}
    assert not any(id(item) in young for item in made)


def test_a_cycle_among_them_is_found_all_the_same() -> None:
    class Node:
        def __init__(self) -> None:
            self.itself = self

    with undisturbed():
        made = [Node() for _ in range(2 * MANY)]
    del made
    assert gc.collect() >= 2 * MANY


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with undisturbed():
        pass
    assert not gc.isenabled()
