"""Moving between stores: everything arrives, a broken-off move goes on, and nothing else is ever overwritten."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.domain.records.case import Case
from lib.domain.records.case_parts import Task
from lib.domain.records.record import Record
from lib.errors import CannotMove, Difference, OutcomeUnknown, StaleSequence, StoreBusy, StoreUnavailable
from lib.store import migrate
from lib.store.codec import check, encode
from lib.store.commit.batch import create, edit, note, remove
from lib.store.migrate import compare, copy
from lib.store.port import Load, Pull, Row, Store
from lib.store.schema import HISTORY, HOT_TABS, SCHEMA
from lib.store.sql import SqlStore
from tests.store import postgres
from tests.store.contract import case_row
from tests.store.strategies import records
from tests.store.support import a_case, batch, committer, history_row, new_case, open_sqlite, row_write, rows_of

CASES = 7


def quietly(_step: str, _done: int, _total: int) -> None:
    """For moves whose progress nobody watches."""


def work(store: Store, count: int, name: str = "work") -> None:
    """Cases taken in, with tasks and notes; some edited, some tasks removed."""
    app = committer(store)
    for number in range(count):
        task = Task(task_id=f"{name}-{number}", case_no="new:1", title="回访")
        request = batch(
            new_case(title=f"{name} {number}"), create(task), note("new:1", "已联系"), commit_id=f"{name}-{number}"
        )
        case_no = app.commit(request).first("cases")
        if number % 2:
            app.commit(batch(edit(app.snapshot[Case][case_no], {"community": "阳光花园", "severity_scope": 3})))
        if number % 3 == 0:
            app.commit(batch(remove(app.snapshot[Task][task.task_id])))


def content(store: Store) -> tuple[int, dict[Any, Any], list[Any]]:
    """All that a store holds, comparable."""
    return store.pull(None).seq, rows_of(store), [dict(line) for line in store.history()]


@pytest.fixture
def source(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_sqlite(tmp_path / "source.db")
    work(store, CASES)
    yield store
    store.close()


@pytest.fixture
def target(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_sqlite(tmp_path / "target.db")
    yield store
    store.close()


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows in a part, a few saves in a window: so that a small store has many of both."""
    monkeypatch.setattr(migrate, "PART", 3_000)
    monkeypatch.setattr(migrate, "WINDOW", 7)
    monkeypatch.setattr(migrate, "PAUSE", 0.0)


def spoil(store: SqlStore, statement: str) -> None:
    """Change a store behind its back."""
    with store._engine.begin() as connection:
        assert connection.execute(sa.text(statement)).rowcount == 1


class Watched:
    """A store in which something happens at the n-th part loaded, or at the sealing."""

    def __init__(self, store: Store, at: int, act: Callable[[], None], *, after: bool = False) -> None:
        self._store, self._at, self._act, self._after = store, at, act, after
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def load(self, load: Load) -> None:
        self._around(lambda: self._store.load(load))

    def seal(self, **seqs: int) -> None:
        self._around(lambda: self._store.seal(**seqs))

    def _around(self, call: Callable[[], None]) -> None:
        now = self.calls == self._at
        self.calls += 1
        if now and not self._after:
            self._act()
        call()
        if now and self._after:
            self._act()


def raising(error: type[BaseException]) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


@pytest.mark.usefixtures("small_parts")
def test_everything_arrives_and_work_goes_on(source: SqlStore, target: SqlStore) -> None:
    told: list[tuple[str, int, int]] = []
    copy(source, target, lambda *step: told.append(step))
    assert content(target) == content(source)
    result = compare(source, target, lambda *step: told.append(step))
    assert result.equal
    assert (result.counts["cases"], result.counts[HISTORY]) == (CASES, len(source.history()))
    by_step = {step: [item[1:] for item in told if item[0] == step] for step in ("history", "rows", "compared")}
    for steps in by_step.values():
        assert len(steps) > 1
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1]

    app, seq = committer(target), source.pull(None).seq
    receipt = app.commit(batch(new_case()))
    assert (receipt.seq, receipt.first("cases")) == (seq + 1, f"TS-2026-{CASES + 1:06d}")
    again = app.commit(batch(new_case(), commit_id="work-3"))
    assert again.created == (("cases", "TS-2026-000004"), ("tasks", "work-3"))
    assert again == committer(source).commit(batch(new_case(), commit_id="work-3"))
    assert len(app.snapshot[Case]) == CASES + 1


def test_a_reader_who_had_the_new_store_open_sees_it_filled(source: SqlStore, target: SqlStore) -> None:
    app = committer(target)
    copy(source, target, quietly)
    assert len(app.refresh()[Case]) == CASES
    assert app.snapshot.seq == source.pull(None).seq


@pytest.mark.postgres
@pytest.mark.usefixtures("small_parts")
def test_to_postgres_and_back(source: SqlStore, target: SqlStore, server: postgres.Server) -> None:
    with server.database() as url:
        middle = SqlStore(url)
        middle.provision(SCHEMA)
        copy(source, middle, quietly)
        assert compare(source, middle, quietly).equal
        work(middle, 3, "meanwhile")
        copy(middle, target, quietly)
        assert content(target) == content(middle)
        copy(middle, source, quietly)  # the old house is an earlier copy of the new one
        assert content(source) == content(middle)
        middle.close()


@pytest.mark.postgres
def test_arbitrary_rows_of_every_tab_make_the_round_trip(
    target: SqlStore, tmp_path: Path, server: postgres.Server
) -> None:
    @settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.fixed_dictionaries({tab: st.lists(records(SCHEMA[tab]), min_size=3, max_size=6) for tab in SCHEMA}))
    def round_trip(written: dict[str, list[Record]]) -> None:
        rows = {tab: list(by_key(tab, written[tab]).values()) for tab in HOT_TABS}
        lines = [encode(check(SCHEMA[HISTORY], line.__dict__)) for line in written[HISTORY]]
        history: list[Row] = [{**line, "seq": 1, "commit_id": "c", "line": n} for n, line in enumerate(lines)]
        source = open_sqlite(tmp_path / "arbitrary.db")
        source.write(row_write(source, rows, history=history))
        with server.database() as url:
            middle = SqlStore(url)
            middle.provision(SCHEMA)
            copy(source, middle, quietly)
            copy(middle, target, quietly)
            middle.close()
        assert content(target) == content(source)
        source.close()

    round_trip()


def by_key(tab: str, written: list[Record]) -> dict[str, Row]:
    return {getattr(record, SCHEMA[tab].key): encode(check(SCHEMA[tab], record.__dict__)) for record in written}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.usefixtures("small_parts")
def test_killed_at_any_moment_and_run_again(source: SqlStore, tmp_path: Path, after: bool) -> None:
    whole = Watched(open_sqlite(tmp_path / "whole.db"), -1, raising(KeyboardInterrupt))
    copy(source, whole, quietly)  # type: ignore[arg-type]
    assert whole.calls > 10
    whole.close()
    for moment in range(whole.calls):
        target = open_sqlite(tmp_path / f"killed-{moment}.db")
        with pytest.raises(KeyboardInterrupt):
            copy(source, Watched(target, moment, raising(KeyboardInterrupt), after=after), quietly)  # type: ignore[arg-type]
        assert compare(source, target, quietly).equal == (after and moment == whole.calls - 1)
        resumed = Watched(target, -1, raising(KeyboardInterrupt))
        copy(source, resumed, quietly)  # type: ignore[arg-type]
        assert resumed.calls <= whole.calls - moment
        assert content(target) == content(source)
        target.close()


@pytest.mark.parametrize("after", [False, True], ids=["not applied", "applied"])
@pytest.mark.parametrize("error", [OutcomeUnknown, StoreBusy])
@pytest.mark.usefixtures("small_parts")
def test_lost_answers_are_asked_for_again(
    source: SqlStore, tmp_path: Path, error: type[Exception], after: bool
) -> None:
    for moment in range(60):
        target = open_sqlite(tmp_path / f"lost-{moment}.db")
        watched = Watched(target, moment, raising(error), after=after)
        copy(source, watched, quietly)  # type: ignore[arg-type]
        assert content(target) == content(source)
        target.close()
        if watched.calls <= moment:
            return
    pytest.fail("never came to the end")


@pytest.mark.usefixtures("small_parts")
def test_a_store_that_stays_silent_is_given_up(source: SqlStore, target: SqlStore) -> None:
    class Silent(Watched):
        def load(self, load: Load) -> None:
            self.calls += 1
            raise OutcomeUnknown

    silent = Silent(target, -1, raising(KeyboardInterrupt))
    with pytest.raises(OutcomeUnknown):
        copy(source, silent, quietly)  # type: ignore[arg-type]
    assert silent.calls == migrate.ATTEMPTS


@pytest.mark.parametrize("moment", [0, 4, 8])
@pytest.mark.usefixtures("small_parts")
def test_work_in_the_source_during_a_move_comes_along_with_the_next_run(
    source: SqlStore, target: SqlStore, moment: int
) -> None:
    with pytest.raises(CannotMove, match="source_changed"):
        copy(source, Watched(target, moment, lambda: work(source, 4, "late")), quietly)  # type: ignore[arg-type]
    assert target.pull(None).seq == 0
    copy(source, target, quietly)
    assert content(target) == content(source)


@pytest.mark.parametrize("moment", range(0, 12, 3))
@pytest.mark.usefixtures("small_parts")
def test_an_earlier_copy_is_brought_up_to_date(source: SqlStore, target: SqlStore, moment: int) -> None:
    copy(source, target, quietly)
    app = committer(source)
    app.commit(batch(remove(app.snapshot[Case]["TS-2026-000002"])))
    work(source, 5, "later")
    with pytest.raises(KeyboardInterrupt):
        copy(source, Watched(target, moment, raising(KeyboardInterrupt)), quietly)  # type: ignore[arg-type]
    copy(source, target, quietly)
    assert content(target) == content(source)
    assert sorted(committer(target).snapshot[Case]) == sorted(committer(source).snapshot[Case])


def test_somebody_saves_to_the_target_during_the_move(source: SqlStore, target: SqlStore) -> None:
    saving = Watched(target, 1, lambda: target.write(row_write(target, {"cases": [case_row("B-1")]}, seq=0)))
    with pytest.raises(CannotMove, match="in_use"):
        copy(source, saving, quietly)  # type: ignore[arg-type]
    assert case_row("B-1") in target.pull(None).rows["cases"]
    with pytest.raises(CannotMove, match="other_data"):
        copy(source, target, quietly)


def other_workspace(store: SqlStore) -> None:
    work(store, 2, "other")


def went_on(store: SqlStore) -> None:
    work(store, 1, "on its own")


def row_without_history(store: SqlStore) -> None:
    store.load(Load(store.pull(None).seq, 1, {"cases": [case_row("B-1")]}, {}, []))


def line_alone(store: SqlStore) -> None:
    store.load(Load(store.pull(None).seq, 1, {}, {}, [history_row(1, commit_id="foreign", tab="cases")]))


@pytest.mark.parametrize("foreign", [other_workspace, row_without_history, line_alone])
def test_a_target_that_holds_other_data_is_refused(
    source: SqlStore, target: SqlStore, foreign: Callable[[SqlStore], None]
) -> None:
    foreign(target)
    before = content(target)
    with pytest.raises(CannotMove) as refused:
        copy(source, target, quietly)
    assert refused.value.why == "other_data"
    assert refused.value.differences
    assert content(target) == before


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE cases SET title = 'x' WHERE case_no = 'TS-2026-000002'", ("cases", "TS-2026-000002", "changed")),
        ("DELETE FROM cases WHERE case_no = 'TS-2026-000002'", ("cases", "TS-2026-000002", "missing")),
        ("UPDATE history SET text = 'x' WHERE commit_id = 'work-4' AND line = 1", (HISTORY, "/work-4/1", "changed")),
        ("DELETE FROM history WHERE commit_id = 'work-4' AND line = 1", (HISTORY, "/work-4/1", "missing")),
    ],
)
def test_a_finished_copy_that_was_altered_is_found_and_not_overwritten(
    source: SqlStore, target: SqlStore, change: str, found: tuple[str, str, str]
) -> None:
    copy(source, target, quietly)
    spoil(target, change)
    before = content(target)
    result = compare(source, target, quietly)
    assert not result.equal
    [difference] = result.differences
    assert (difference.tab, difference.kind) == (found[0], found[2])
    assert difference.key.endswith(found[1])
    work(source, 1, "later")
    with pytest.raises(CannotMove, match="other_data"):
        copy(source, target, quietly)
    assert content(target) == before


def test_a_number_given_back_is_found(source: SqlStore, target: SqlStore) -> None:
    copy(source, target, quietly)
    spoil(target, "UPDATE counters SET last = last - 1")
    assert compare(source, target, quietly).differences == (Difference("counters", "case:2026", "changed", ("last",)),)
    with pytest.raises(CannotMove, match="other_data"):
        copy(source, target, quietly)


def test_a_copy_that_went_on_by_itself_is_refused(source: SqlStore, target: SqlStore) -> None:
    copy(source, target, quietly)
    went_on(target)
    before = content(target)
    for name in ("a", "b"):
        with pytest.raises(CannotMove, match="other_data"):
            copy(source, target, quietly)
        work(source, 2, f"both went on {name}")
    assert content(target) == before


def test_comparing_names_every_kind_of_difference(source: SqlStore, target: SqlStore) -> None:
    copy(source, target, quietly)
    extra = case_row("A-9")
    target.write(row_write(target, {"cases": [extra]}, removed={"tasks": ["work-1"]}, write_id="w"))
    spoil(target, "UPDATE cases SET title = NULL, severity_scope = 5 WHERE case_no = 'TS-2026-000002'")
    result = compare(source, target, quietly)
    seq = source.pull(None).seq
    assert result.seqs == (seq, seq + 1)
    assert Counter(result.differences) == Counter(
        [
            Difference("cases", "TS-2026-000002", "changed", ("title", "severity_scope")),
            Difference("cases", "A-9", "extra"),
            Difference("tasks", "work-1", "missing"),
            Difference(HISTORY, f"{seq + 1}/w/0", "extra"),
        ]
    )


def test_the_sequence_alone_may_differ(source: SqlStore, target: SqlStore) -> None:
    copy(source, target, quietly)
    spoil(target, "UPDATE meta SET seq = seq - 1")
    result = compare(source, target, quietly)
    assert (result.equal, result.differences) == (False, ())


class Sheetlike:
    """A store whose rows are given as a spreadsheet might: in another zone, or with what people typed."""

    def __init__(self, store: Store, alter: Callable[[dict[str, list[Row]]], None]) -> None:
        self._store, self._alter = store, alter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def pull(self, since: int | None) -> Pull:
        pull = self._store.pull(since)
        rows = {tab: [dict(row) for row in rows] for tab, rows in pull.rows.items()}
        if since is None:
            self._alter(rows)  # type: ignore[arg-type]
        return Pull(pull.seq, rows, pull.complete, pull.removed)


def test_the_same_moment_in_another_zone_is_no_difference(source: SqlStore, target: SqlStore) -> None:
    def in_utc(rows: dict[str, list[Any]]) -> None:
        for row in rows["cases"]:
            assert row["taken_at"] == "2026-03-02T10:00:00+08:00"
            row["taken_at"] = "2026-03-02T02:00:00+00:00"

    def a_minute_later(rows: dict[str, list[Any]]) -> None:
        rows["cases"][0]["taken_at"] = "2026-03-02T02:01:00+00:00"

    def rubbish(rows: dict[str, list[Any]]) -> None:
        rows["cases"][0]["taken_at"] = "yesterday"

    copy(source, target, quietly)
    assert compare(source, Sheetlike(target, in_utc), quietly).equal  # type: ignore[arg-type]
    for alter in (a_minute_later, rubbish):
        [found] = compare(source, Sheetlike(target, alter), quietly).differences  # type: ignore[arg-type]
        assert (found.kind, found.fields) == ("changed", ("taken_at",))


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"severity_scope": "three"}, ("unfit", ("severity_scope",))),
        ({"title": 5}, ("unfit", ("title",))),
        ({"no_such_field": "x"}, ("unfit", ("no_such_field",))),
        ({"case_no": None}, ("unfit", ("case_no",))),
        ({"case_no": "TS-2026-000002"}, ("twice", ())),
    ],
)
def test_cells_that_no_other_store_keeps_are_refused(
    source: SqlStore, target: SqlStore, cells: dict[str, Any], found: tuple[str, tuple[str, ...]]
) -> None:
    sheet = Sheetlike(source, lambda rows: rows["cases"].__setitem__(0, {**rows["cases"][0], **cells}))
    with pytest.raises(CannotMove) as refused:
        copy(sheet, target, quietly)  # type: ignore[arg-type]
    assert refused.value.why == "unfit"
    [difference] = refused.value.differences
    assert (difference.kind, difference.fields) == found
    assert content(target) == (0, {}, [])


def test_a_value_that_is_wrong_but_can_be_kept_is_moved(source: SqlStore, target: SqlStore) -> None:
    spoil(source, "UPDATE cases SET stage = 'nowhere', client_phone = '12' WHERE case_no = 'TS-2026-000001'")
    copy(source, target, quietly)
    assert content(target) == content(source)


def test_a_row_twice_in_the_target_is_found(source: SqlStore, target: SqlStore) -> None:
    copy(source, target, quietly)
    twice = Sheetlike(target, lambda rows: rows["cases"].append(rows["cases"][0]))
    [found] = compare(source, twice, quietly).differences  # type: ignore[arg-type]
    assert (found.tab, found.kind) == ("cases", "extra")


@pytest.mark.usefixtures("small_parts")
def test_a_copy_that_broke_off_is_no_source(source: SqlStore, target: SqlStore, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        copy(source, Watched(target, 9, raising(KeyboardInterrupt)), quietly)  # type: ignore[arg-type]
    third = open_sqlite(tmp_path / "third.db")
    with pytest.raises(CannotMove, match="unfinished"):
        copy(target, third, quietly)
    third.close()


def test_an_empty_store_moves_too(target: SqlStore, tmp_path: Path) -> None:
    empty = open_sqlite(tmp_path / "empty.db")
    copy(empty, target, quietly)
    assert compare(empty, target, quietly).equal
    assert committer(target).commit(batch(new_case())).seq == 1
    empty.close()


def test_a_source_that_nobody_set_up(target: SqlStore, tmp_path: Path) -> None:
    bare = SqlStore(f"sqlite:///{tmp_path}/bare.db")
    with pytest.raises(StoreUnavailable):
        copy(bare, target, quietly)
    bare.close()


def test_no_part_is_larger_than_a_request_may_be(target: SqlStore, tmp_path: Path) -> None:
    source = open_sqlite(tmp_path / "large.db")
    app = committer(source)
    texts = ["长" * 50_000, "短", "a" * 20_000] * 20
    app.commit(batch(*(create(a_case(f"new:{n}", description=text)) for n, text in enumerate(texts, 1))))
    loads: list[Load] = []

    class Measured(Watched):
        def load(self, load: Load) -> None:
            loads.append(load)
            super().load(load)

    copy(source, Measured(target, -1, raising(StaleSequence)), quietly)  # type: ignore[arg-type]
    assert content(target) == content(source)
    assert len(loads) > 5
    assert max(sum(map(cells_size, part(load))) for load in loads) < 2_000_000
    source.close()


def part(load: Load) -> list[Row]:
    return [*load.history, *(row for rows in load.rows.values() for row in rows)]


def cells_size(row: Row) -> int:
    """Bytes of a row in a spreadsheet's request."""
    wrapped = '{"userEnteredValue": {"stringValue": ""}},'
    return sum(len(wrapped) + len(str(cell).encode()) for cell in row.values())
