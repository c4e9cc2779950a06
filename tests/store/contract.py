"""What every store must do. A test module gives the fixture `address` (of an empty store) and inherits the suite: a SQL
store the whole of it, any other the part that knows nothing of SQL.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.domain.records.extras import values_of
from lib.domain.records.record import Record
from lib.errors import (
    NoWorkspace,
    StaleSequence,
    StoreError,
    StoreTooNew,
    StoreUnavailable,
    TableMissing,
    UnfinishedCopy,
)
from lib.store.codec import check, decode, encode
from lib.store.port import Load, Store, Write
from lib.store.schema import HISTORY, HOT_TABS, SCHEMA
from lib.store.schema_number import OURS
from lib.store.sql import SqlStore
from lib.store.whole import require_whole
from tests.store.strategies import records
from tests.store.support import at_once, history_row, row_write
from tests.support import MONDAY

CASE = {"case_no": "A-1", "stage": "new", "priority": "P3", "taken_at": MONDAY.isoformat()}
SETTING = {"key": "k", "value": "1"}
ONE_STORE = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def case_row(number: str, **cells: object) -> dict[str, object]:
    return {**CASE, "case_no": number, **cells}


def comparable(record: Record) -> dict[str, object]:
    """Values by field; times as instants (two zones never compare equal in an hour that comes twice)."""
    return {
        name: value.astimezone(UTC) if isinstance(value, datetime) else value
        for name, value in values_of(record).items()
    }


class StoreContract:
    """The suite for every kind of store; `open` makes one for an address."""

    def open(self, address: str) -> Store:
        raise NotImplementedError

    @pytest.fixture
    def bare(self, address: str) -> Iterator[Store]:
        """A store that nobody has set up."""
        store = self.open(address)
        yield store
        store.close()

    @pytest.fixture
    def store(self, bare: Store) -> Store:
        bare.provision(SCHEMA)
        return bare

    def test_provision_says_what_it_did_and_is_idempotent(self, bare: Store) -> None:
        done = bare.provision(SCHEMA)
        assert {f"create {name}" for name in SCHEMA} <= set(done)
        assert bare.provision(SCHEMA) == []
        assert bare.pull(None).seq == 0

    def test_several_processes_set_up_at_once(self, address: str) -> None:
        stores = [self.open(address) for _ in range(4)]
        done = at_once(*[lambda store=store: store.provision(SCHEMA) for store in stores])
        assert sorted(map(bool, done)) == [False, False, False, True]
        assert not [item for item in done if isinstance(item, StoreError)]
        for store in stores:
            assert store.pull(None).seq == 0
            store.close()

    def test_without_set_up_nothing_works(self, bare: Store) -> None:
        for use in (lambda: bare.pull(None), lambda: bare.has_write("w"), bare.history):
            with pytest.raises(StoreUnavailable):
                use()
        with pytest.raises(StoreUnavailable):
            bare.write(Write(0, "w", {}, {}, [history_row(1, commit_id="w")], {}))

    def test_full_pull_has_every_hot_tab(self, store: Store) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1"), case_row("A-2")], "settings": [SETTING]}))
        pull = store.pull(None)
        assert (pull.seq, pull.complete) == (1, True)
        assert set(pull.rows) == set(HOT_TABS)
        assert pull.rows["cases"] == [case_row("A-1"), case_row("A-2")]
        assert pull.rows["settings"] == [SETTING]
        assert not any(pull.removed.values())

    def test_delta_has_only_what_changed(self, store: Store) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1"), case_row("A-2")], "settings": [SETTING]}))
        store.write(row_write(store, {"cases": [case_row("A-2", title="二")]}))
        store.write(row_write(store, {"cases": [case_row("A-3")]}))
        pull = store.pull(1)
        assert (pull.seq, pull.complete) == (3, False)
        assert pull.rows == {"cases": [case_row("A-2", title="二"), case_row("A-3")]}
        assert not store.pull(3).rows
        assert store.pull(3).seq == 3

    def test_replacing_a_row_empties_the_cells_left_out(self, store: Store) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1", title="一", severity_scope=3)]}))
        store.write(row_write(store, {"cases": [case_row("A-1")]}))
        assert store.pull(None).rows["cases"] == [case_row("A-1")]

    def test_removed_rows_are_told_once_gone_and_may_return(self, store: Store) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1"), case_row("A-2")]}))
        store.write(row_write(store, {}, removed={"cases": ["A-1", "A-2"]}))
        assert store.pull(None).rows["cases"] == []
        delta = store.pull(1)
        assert sorted(delta.removed["cases"]) == ["A-1", "A-2"]
        assert delta.rows["cases"] == []
        store.write(row_write(store, {"cases": [case_row("A-2", title="回来")]}))
        assert store.pull(2).rows["cases"] == [case_row("A-2", title="回来")]
        assert store.pull(2).removed == {"cases": []}

    def test_many_rows_in_one_write(self, store: Store) -> None:
        rows = [case_row(f"A-{number}") for number in range(2_000)]  # five times what an import saves at once
        store.write(row_write(store, {"cases": rows}))
        assert len(store.pull(None).rows["cases"]) == 2_000
        store.write(row_write(store, {}, removed={"cases": [str(row["case_no"]) for row in rows]}))
        assert store.pull(None).rows["cases"] == []

    def test_a_write_without_rows_or_history(self, store: Store) -> None:
        store.write(row_write(store, {"cases": []}, removed={"tasks": []}, history=[]))
        assert (store.pull(None).seq, store.history()) == (1, [])

    @pytest.mark.parametrize("expected", [0, 2, -1])
    def test_a_stale_write_leaves_nothing(self, store: Store, expected: int) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1")]}))
        before = (store.pull(None), store.history())
        with pytest.raises(StaleSequence):
            store.write(row_write(store, {"cases": [case_row("A-2")]}, seq=expected, write_id="stale"))
        assert (store.pull(None), store.history()) == before
        assert not store.has_write("stale")

    @pytest.mark.parametrize(
        "bad",
        [
            {"rows": {"cases": [case_row("A-2"), {"title": "no key"}]}},
            {"rows": {"cases": [case_row("A-2", title={"not": "a cell"})]}},
            {"rows": {"cases": [case_row("A-2")]}, "history": [history_row(2, commit_id="c")] * 2},
            {"rows": {"cases": [case_row("A-2")]}, "removed": {"tasks": [{"not": "a key"}]}},
        ],
    )
    def test_a_failing_row_leaves_nothing(self, store: Store, bad: dict[str, object]) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1")]}))
        before = (store.pull(None), store.history())
        with pytest.raises(StoreUnavailable):
            store.write(row_write(store, **bad, write_id="bad"))  # type: ignore[arg-type]
        assert (store.pull(None), store.history()) == before
        assert not store.has_write("bad")
        store.write(row_write(store, {"cases": [case_row("A-3")]}))

    def test_one_of_two_writers_wins(self, store: Store, address: str) -> None:
        other = self.open(address)
        for seq in range(10):
            writes = [row_write(store, {"cases": [case_row(f"A-{seq}", title=str(n))]}, seq=seq) for n in range(2)]
            first, second = writes
            outcome = at_once(lambda w=first: store.write(w), lambda w=second: other.write(w))
            assert sorted(map(str, map(type, outcome))) == sorted(map(str, (type(None), StaleSequence)))
            winner = outcome.index(None)
            assert [store.has_write(write.write_id) for write in writes] == [winner == 0, winner == 1]
            assert store.pull(seq).rows == {"cases": [case_row(f"A-{seq}", title=str(winner))]}
        assert len(store.history()) == 10
        other.close()

    def test_has_write(self, store: Store) -> None:
        assert not store.has_write("w-1")
        store.write(row_write(store, {}, write_id="w-1"))
        assert store.has_write("w-1")
        assert not store.has_write("w-2")

    def test_history_in_order_and_by_every_condition(self, store: Store) -> None:
        lines = [
            history_row(1, commit_id="z", case_no="A-1", action="intake"),
            history_row(1, commit_id="a", line=1, case_no="A-2", action="intake"),
            history_row(2, commit_id="b", case_no="A-1", action="note", text="已联系"),
            history_row(3, commit_id="c", case_no="A-1", action="edit"),
            history_row(3, commit_id="c", line=1, case_no="A-2", action="note"),
        ]
        for seq in (1, 2, 3):
            store.write(row_write(store, {}, history=[line for line in lines if line["seq"] == seq]))
        assert store.history() == lines
        assert store.history(case_no="A-1") == [lines[0], lines[2], lines[3]]
        assert store.history(commit_ids=["c", "z"]) == [lines[0], lines[3], lines[4]]
        assert store.history(commit_ids=[]) == []
        assert store.history(since_seq=1) == lines[2:]
        assert store.history(actions=["note", "edit"]) == lines[2:]
        assert store.history(case_no="A-1", actions=["note"], since_seq=1, commit_ids=["b", "c"]) == [lines[2]]

    def test_history_up_to_a_sequence(self, store: Store) -> None:
        for _ in range(4):
            store.write(row_write(store, {}))
        assert [line["seq"] for line in store.history(until_seq=2)] == [1, 2]
        assert [line["seq"] for line in store.history(since_seq=1, until_seq=3)] == [2, 3]
        assert store.history(until_seq=0) == []

    def test_a_copy_is_loaded_in_parts_and_takes_over_the_sequence(self, store: Store) -> None:
        lines = [history_row(seq, commit_id=f"c-{seq}", case_no="A-1", text="已联系") for seq in (3, 5, 41)]
        store.load(Load(0, 41, {}, {}, lines[:2]))
        store.load(Load(0, 41, {"cases": [case_row("A-1")], "settings": [SETTING]}, {}, lines[2:]))
        assert store.pull(None).seq == 0
        store.seal(expected_seq=0, seq=41)
        pull = store.pull(None)
        assert (pull.seq, pull.rows["cases"], pull.rows["settings"]) == (41, [case_row("A-1")], [SETTING])
        assert store.history() == lines
        assert store.history(commit_ids=["c-5"]) == [lines[1]]
        store.write(row_write(store, {"cases": [case_row("A-2")]}))
        assert store.pull(41).rows == {"cases": [case_row("A-2")]}
        assert store.history()[-1]["seq"] == 42

    def test_a_part_of_a_copy_may_come_twice(self, store: Store) -> None:
        part = Load(0, 7, {"cases": [case_row("A-1")]}, {}, [history_row(7, commit_id="c")])
        for _ in range(2):
            store.load(part)
        other = history_row(7, commit_id="c", text="another text")
        store.load(Load(0, 7, {"cases": [case_row("A-1", title="后来")]}, {}, [other]))
        for _ in range(2):
            store.seal(expected_seq=0, seq=7)
        assert store.pull(None).rows["cases"] == [case_row("A-1", title="后来")]
        assert store.history() == list(part.history)

    def test_an_older_copy_is_brought_up_to_date_and_readers_notice(self, store: Store) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1"), case_row("A-2"), case_row("A-3")]}))
        store.load(Load(1, 9, {"cases": [case_row("A-2", title="二")]}, {"cases": ["A-1"]}, []))
        store.seal(expected_seq=1, seq=9)
        pull = store.pull(1)
        assert (pull.seq, pull.rows["cases"], pull.removed["cases"]) == (9, [case_row("A-2", title="二")], ["A-1"])
        whole = {str(row["case_no"]): row for row in store.pull(None).rows["cases"]}
        assert whole == {"A-2": case_row("A-2", title="二"), "A-3": case_row("A-3")}

    def test_a_copy_is_refused_where_somebody_saves(self, store: Store) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1")]}))
        before = (store.pull(None), store.history())
        with pytest.raises(StaleSequence):
            store.load(Load(0, 7, {"cases": [case_row("A-2")]}, {"cases": ["A-1"]}, [history_row(7, commit_id="c")]))
        with pytest.raises(StaleSequence):
            store.seal(expected_seq=0, seq=7)
        assert (store.pull(None), store.history()) == before

    @pytest.mark.parametrize("tab", HOT_TABS)
    def test_every_column_comes_back(self, store: Store, tab: str) -> None:
        @ONE_STORE
        @given(written=st.lists(records(SCHEMA[tab]), min_size=1, max_size=3))
        def round_trip(written: list[Record]) -> None:
            expected = {getattr(record, SCHEMA[tab].key): comparable(record) for record in written}
            checked = [check(SCHEMA[tab], values_of(record)) for record in written]
            by_key = {getattr(record, SCHEMA[tab].key): encode(record) for record in checked}
            seq = store.pull(None).seq
            store.write(row_write(store, {tab: list(by_key.values())}, seq=seq))
            good, bad = decode(SCHEMA[tab], store.pull(seq).rows[tab])
            assert bad == []
            assert {getattr(record, SCHEMA[tab].key): comparable(record) for record in good} == expected

        round_trip()

    def test_extra_columns_are_emptied_and_moved(self, store: Store) -> None:
        row = case_row("A-1", **{"+钥匙编号": "=A3", "+层": 7, "+电梯": True})
        store.load(Load(0, 5, {"cases": [row]}, {}, [history_row(5, commit_id="c", case_no="A-1")]))
        store.seal(expected_seq=0, seq=5)
        assert store.pull(None).rows["cases"] == [row]
        fewer = case_row("A-1", **{"+层": 8})
        changed = {("cases", "A-1"): frozenset({"+钥匙编号", "+层", "+电梯"})}
        store.write(row_write(store, {"cases": [fewer]}, changed=changed))
        assert store.pull(5).rows["cases"] == [fewer]
        assert store.pull(None).rows["cases"] == [fewer]

    def test_every_column_of_history_comes_back(self, store: Store) -> None:
        @ONE_STORE
        @given(line=records(SCHEMA[HISTORY]))
        def round_trip(line: Record) -> None:
            seq = store.pull(None).seq
            fresh = line.model_copy(update={"commit_id": f"c-{seq}", "seq": seq + 1})
            store.write(row_write(store, {}, seq=seq, history=[encode(fresh)]))
            good, bad = decode(SCHEMA[HISTORY], store.history(since_seq=seq))
            assert (bad, [comparable(record) for record in good]) == ([], [comparable(fresh)])

        round_trip()


class SqlContract(StoreContract):
    """The suite and what is particular to a SQL database."""

    def open(self, address: str) -> SqlStore:
        return SqlStore(address)

    @pytest.fixture
    def sql(self, address: str) -> Iterator[Callable[[str], object]]:
        """Runs one statement past the store, as an older version or an administrator would have."""
        engine = sa.create_engine(address)

        def run(statement: str) -> object:
            with engine.begin() as connection:
                done = connection.execute(sa.text(statement))
                return [tuple(row) for row in done] if done.returns_rows else None

        yield run
        engine.dispose()

    def test_provision_upgrades_and_loses_nothing(self, store: Store, sql: Callable[[str], object]) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1", title="标题", community="阳光花园")]}))
        sql("ALTER TABLE cases DROP COLUMN title")
        sql("ALTER TABLE cases DROP COLUMN severity_score")
        sql("DROP TABLE checks")
        sql("UPDATE meta SET additive = 1")
        assert sorted(store.provision(SCHEMA)) == ["add cases.severity_score", "add cases.title", "create checks"]
        pull = store.pull(None)
        assert (pull.seq, pull.rows["cases"]) == (1, [case_row("A-1", community="阳光花园")])
        row = case_row("A-2", title="新", severity_score=61.5)
        store.write(row_write(store, {"cases": [row], "checks": [{"check_id": "c", "checked_on": "2026-03-02"}]}))
        assert row in store.pull(None).rows["cases"]

    @pytest.fixture
    def later(self, sql: Callable[[str], object]) -> Callable[..., None]:
        """A save by a later version of the app, which has a tab, a column, a stage and an action of its own."""

        def save(seq: int) -> None:
            sql(f"UPDATE meta SET seq = {seq}, additive = {OURS.additive + 2}")
            sql("CREATE TABLE IF NOT EXISTS notices (notice_id TEXT PRIMARY KEY, text TEXT, _rev BIGINT)")
            sql("INSERT INTO notices VALUES ('n-1', '停水通知', 2)")
            sql("ALTER TABLE cases ADD COLUMN promise TEXT")
            sql(f"UPDATE cases SET promise = '周五前', stage = 'mediation', _rev = {seq} WHERE case_no = 'A-1'")
            sql(f"INSERT INTO writes VALUES ('later', {seq}, 'notices cases')")
            sql(
                "INSERT INTO history (seq, commit_id, line, at, action, tab, record_id, changes) VALUES "
                f"({seq}, 'later', 0, '{MONDAY.isoformat()}', 'mediated', 'notices', 'n-1', '')"
            )

        return save

    @pytest.mark.trial(47)
    def test_what_a_later_version_adds_is_passed_over_and_carried_along(
        self, store: Store, sql: Callable[[str], object], later: Callable[..., None]
    ) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1", title="漏水")]}))
        later(2)
        pull = store.pull(1)
        assert pull.seq == 2
        assert pull.rows == {"cases": [case_row("A-1", title="漏水", stage="mediation")]}
        assert pull.number > OURS
        assert [line["action"] for line in store.history(since_seq=1)] == ["mediated"]
        store.write(row_write(store, {"cases": [case_row("A-1", title="改了", stage="mediation")]}))
        assert sql("SELECT promise, title FROM cases") == [("周五前", "改了")]
        assert sql("SELECT text FROM notices") == [("停水通知",)]
        assert store.provision(SCHEMA) == [], "what is newer than ours is not taken back"
        assert store.pull(None).number.additive == OURS.additive + 2

    @pytest.mark.trial(47)
    def test_a_breaking_change_is_refused_before_anything_is_read_or_written(
        self, store: Store, sql: Callable[[str], object]
    ) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1")]}))
        later = row_write(store, {"cases": [case_row("A-2")]})
        sql(f"UPDATE meta SET breaking = {OURS.breaking + 1}")
        with pytest.raises(StaleSequence):
            store.write(later)
        for use in (lambda: store.pull(None), lambda: store.pull(1), lambda: store.provision(SCHEMA)):
            with pytest.raises(StoreTooNew) as refused:
                use()
            assert refused.value.theirs.startswith(f"{OURS.breaking + 1}.")
        assert sql("SELECT case_no FROM cases") == [("A-1",)]

    @pytest.mark.trial(47)
    def test_a_store_from_before_there_were_numbers_gets_one(self, store: Store, sql: Callable[[str], object]) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1")]}))
        sql("ALTER TABLE meta DROP COLUMN breaking")
        sql("ALTER TABLE meta DROP COLUMN additive")
        assert store.provision(SCHEMA, create=False) == ["add meta.breaking", "add meta.additive"]
        assert store.pull(None).number == OURS

    @pytest.mark.trial(26)
    def test_only_who_sets_up_makes_a_workspace(self, bare: Store) -> None:
        with pytest.raises(NoWorkspace):
            bare.provision(SCHEMA, create=False)
        with pytest.raises(StoreUnavailable):
            bare.pull(None)
        bare.provision(SCHEMA)
        assert bare.provision(SCHEMA, create=False) == []

    @pytest.mark.trial(26)
    def test_a_copy_that_broke_off_is_not_opened(self, store: Store, sql: Callable[[str], object]) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1")]}))
        require_whole(store, 1)
        sql("UPDATE meta SET seq = 0")
        with pytest.raises(UnfinishedCopy) as refused:
            require_whole(store, 0)
        assert (refused.value.seq, refused.value.told) == (0, 1)

    @pytest.mark.trial(26)
    def test_a_database_that_lost_a_table_is_not_opened(self, store: Store, sql: Callable[[str], object]) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1")]}))
        sql("DROP TABLE cases")
        for create in (False, True):
            with pytest.raises(TableMissing) as refused:
                store.provision(SCHEMA, create=create)
            assert refused.value.tab == "cases"

    def test_reading_goes_on_beside_a_writer(self, store: SqlStore, address: str) -> None:
        store.write(row_write(store, {"cases": [case_row("A-1")]}))
        engine = sa.create_engine(address)
        with engine.connect() as other:
            other.execute(sa.text("UPDATE meta SET seq = 99"))  # and no commit yet
            assert store.pull(None).rows["cases"] == [case_row("A-1")]
            other.rollback()
        engine.dispose()
