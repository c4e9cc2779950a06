"""The commit loop: merging, numbering, idempotence, groups, lost races and lost answers."""

import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp, Task
from lib.domain.records.record import Record
from lib.domain.records.workspace import Counter, Setting
from lib.errors import (
    AlreadyExists,
    CasesheetError,
    Conflict,
    InvalidFields,
    OutcomeUnknown,
    StoreBusy,
    StoreUnavailable,
)
from lib.store.commit import loop
from lib.store.commit.batch import Batch, Receipt, create, edit, note, remove
from lib.store.commit.loop import Committer
from lib.store.port import Write
from lib.store.snapshot.snapshot import Snapshot, Table
from tests.store.support import (
    FaultyStore,
    a_case,
    at_once,
    batch,
    committer,
    new_case,
    open_sqlite,
    replay,
    row_write,
    rows_of,
)
from tests.support import MONDAY, ZONE

FIRST = "TS-2026-000001"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FaultyStore]:
    opened = FaultyStore(open_sqlite(tmp_path / "store.db"))
    yield opened
    opened.close()


@pytest.fixture
def app(store: FaultyStore) -> Committer:
    return committer(store)


@pytest.fixture
def other(store: FaultyStore) -> Committer:
    """A second app on the same store."""
    return committer(store)


@pytest.fixture
def case(app: Committer, other: Committer) -> Case:
    """A case that both apps have seen."""
    app.commit(batch(new_case(community="阳光花园", severity_scope=2)))
    other.refresh()
    return app.snapshot[Case][FIRST]


# Three-way merge: what was seen is the case of the fixture; `theirs` is what another app wrote meanwhile.


@pytest.mark.parametrize(
    ("theirs", "mine", "result"),
    [
        ({}, {"title": "新"}, {"title": "新"}),
        ({"community": "东湖"}, {"title": "新"}, {"community": "东湖", "title": "新"}),
        ({"title": "新"}, {"title": "新"}, {"title": "新"}),
        ({"title": "新", "severity_scope": 5}, {"title": "新", "community": "东湖"}, {"severity_scope": 5}),
        ({"severity_scope": None}, {"community": ""}, {"severity_scope": None, "community": ""}),
        ({"title": "甲"}, {"community": "东湖"}, {"title": "甲", "community": "东湖"}),
    ],
)
def test_edits_that_stand_at_once(
    app: Committer, other: Committer, case: Case,
    theirs: Mapping[str, Any], mine: Mapping[str, Any], result: dict[str, Any],
) -> None:  # fmt: skip
    other.commit(batch(edit(case, theirs)))
    app.commit(batch(edit(case, mine)))
    expected = {**theirs, **mine, **result}
    after = app.snapshot[Case][FIRST]
    assert {name: getattr(after, name) for name in expected} == expected
    assert other.refresh()[Case][FIRST] == after


@pytest.mark.parametrize(
    ("theirs", "mine", "clashing"),
    [
        ({"title": "甲"}, {"title": "乙"}, {"title": ("厨房漏水", "甲", "乙")}),
        ({"severity_scope": None}, {"severity_scope": 3}, {"severity_scope": (2, None, 3)}),
        (
            {"title": "甲", "community": "东湖"},
            {"title": "乙", "community": "东湖"},
            {"title": ("厨房漏水", "甲", "乙")},
        ),
        (
            {"title": "甲", "severity_scope": 4},
            {"title": "乙", "severity_scope": 5, "community": "东湖"},
            {"title": ("厨房漏水", "甲", "乙"), "severity_scope": (2, 4, 5)},
        ),
    ],
)
def test_edits_that_clash(
    app: Committer, other: Committer, case: Case, theirs: dict[str, Any], mine: dict[str, Any], clashing: dict[str, Any]
) -> None:
    other.commit(batch(edit(case, theirs)))
    with pytest.raises(Conflict) as caught:
        app.commit(batch(edit(case, mine), note(FIRST, "不应留下")))
    facts = {clash.field: (clash.seen, clash.theirs, clash.mine) for clash in caught.value.clashes}
    assert facts == clashing
    assert {(clash.tab, clash.record_id) for clash in caught.value.clashes} == {("cases", FIRST)}
    assert app.refresh()[Case][FIRST] == case.model_copy(update=theirs)


def test_a_value_that_is_back_to_what_was_seen_is_no_conflict(app: Committer, other: Committer, case: Case) -> None:
    other.commit(batch(edit(case, {"title": "甲"})))
    other.commit(batch(edit(other.snapshot[Case][FIRST], {"title": case.title})))
    app.commit(batch(edit(case, {"title": "乙"})))
    assert app.snapshot[Case][FIRST].title == "乙"


def test_an_edit_without_a_difference_writes_nothing(app: Committer, store: FaultyStore, case: Case) -> None:
    seq, writes = app.snapshot.seq, store.writes
    receipt = app.commit(batch(edit(case, {"title": case.title})))
    assert (receipt.seq, receipt.created, app.snapshot.seq, store.writes) == (seq, (), seq, writes)


def test_nothing_to_do_is_judged_by_the_store_and_not_by_an_old_snapshot(
    app: Committer, other: Committer, case: Case
) -> None:
    other.commit(batch(edit(case, {"title": "乙"})))
    seen = other.snapshot[Case][FIRST]

    app.commit(batch(edit(seen, {"title": case.title})))  # what this app still believes to stand there

    assert other.refresh()[Case][FIRST].title == case.title


def test_an_edit_of_a_removed_record_conflicts(app: Committer, other: Committer, case: Case) -> None:
    other.commit(batch(remove(case)))
    with pytest.raises(Conflict) as caught:
        app.commit(batch(edit(case, {"title": "新"})))
    assert [(clash.record_id, clash.field) for clash in caught.value.clashes] == [(FIRST, "")]


def test_nobody_removes_what_she_has_not_read(app: Committer, other: Committer, case: Case) -> None:
    other.commit(batch(edit(case, {"title": "甲"})))
    with pytest.raises(Conflict) as caught:
        app.commit(batch(remove(case)))
    assert [(clash.field, clash.theirs) for clash in caught.value.clashes] == [("title", "甲")]
    app.commit(batch(remove(app.refresh()[Case][FIRST])))
    assert FIRST not in app.snapshot[Case]
    assert FIRST not in other.refresh()[Case]


def test_a_key_is_never_edited(app: Committer, case: Case) -> None:
    with pytest.raises(InvalidFields) as caught:
        app.commit(batch(edit(case, {"case_no": "TS-2026-000099"})))
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [("case_no", "locked")]


def test_several_changes_of_one_record_in_a_batch(app: Committer, store: FaultyStore, case: Case) -> None:
    second = case.model_copy(update={"title": "甲"})
    app.commit(batch(edit(case, {"title": "甲"}), edit(second, {"title": "乙", "community": "东湖"})))
    app.commit(batch(create(Setting(key="k", value="1")), remove(Setting(key="k", value="1"))))
    app.commit(batch(create(Setting(key="k", value="2"))))
    assert app.snapshot[Case][FIRST].title == "乙"
    assert replay(store.history()) == rows_of(store)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"title": "长" * 50_001}, ("title", "string_too_long")),
        ({"title": "a\x00b"}, ("title", "not_storable")),
        ({"title": "\ud83d"}, ("title", "string_unicode")),
        ({"severity_scope": 6}, ("severity_scope", "less_than_equal")),
        ({"reopen_count": 2**63}, ("reopen_count", "not_storable")),
        ({"severity_score": float("nan")}, ("severity_score", "finite_number")),
        ({"plan_compensation": float("inf")}, ("plan_compensation", "finite_number")),
        ({"visit_at": datetime(2026, 3, 2, 9)}, ("visit_at", "timezone_aware")),  # noqa: DTZ001
    ],
)
def test_values_that_no_store_should_hold(
    app: Committer, store: FaultyStore, case: Case, values: dict[str, Any], problem: tuple[str, str]
) -> None:
    with pytest.raises(InvalidFields) as caught:
        app.commit(batch(edit(case, values)))
    assert problem in [(item.field, item.code) for item in caught.value.problems]
    with pytest.raises(InvalidFields):
        app.commit(batch(create(case.model_copy(update={"case_no": "X-1", **values}))))
    assert rows_of(store).keys() == {("cases", FIRST), ("counters", "case:2026")}


@pytest.mark.parametrize("text", ["a\x00b", "\udc00", "长" * 50_001])
def test_words_that_history_cannot_hold(app: Committer, store: FaultyStore, case: Case, text: str) -> None:
    lines = len(store.history())
    with pytest.raises(InvalidFields) as caught:
        app.commit(batch(edit(case, {"title": "新"}), note(FIRST, text)))
    assert caught.value.tab == "history"
    assert (len(store.history()), app.refresh()[Case][FIRST]) == (lines, case)


def test_the_longest_texts_are_explained_in_full(app: Committer, store: FaultyStore, case: Case) -> None:
    app.commit(batch(edit(case, {"description": "前" * 50_000})))
    app.commit(batch(edit(app.snapshot[Case][FIRST], {"description": '"' * 50_000})))
    assert replay(store.history()) == rows_of(store)


# Numbers.


def test_a_record_that_is_there_is_not_created_again(app: Committer, other: Committer, case: Case) -> None:
    with pytest.raises(AlreadyExists) as caught:
        app.commit(batch(create(case)))
    assert (caught.value.tab, caught.value.record_id) == ("cases", FIRST)
    other.commit(batch(create(Setting(key="k", value="1"))))
    with pytest.raises(AlreadyExists):
        app.commit(batch(create(Setting(key="k", value="2"))))


def test_numbers_go_up_by_one_and_begin_again_with_the_year(app: Committer) -> None:
    eve = datetime(2026, 12, 31, 23, 59, tzinfo=ZONE)
    times = [MONDAY, eve, eve.replace(year=2027, month=1, day=1, hour=0), MONDAY]
    numbers = [app.commit(batch(new_case(), at=at)).first("cases") for at in times]
    assert numbers == [FIRST, "TS-2026-000002", "TS-2027-000001", "TS-2026-000003"]
    assert {key: counter.last for key, counter in app.snapshot[Counter].items()} == {"case:2026": 3, "case:2027": 1}


def test_the_year_is_that_of_the_workspace(app: Committer) -> None:
    new_year_in_shanghai = datetime.fromisoformat("2026-12-31T16:00:00+00:00")
    assert app.commit(batch(new_case(), at=new_year_in_shanghai)).first("cases") == "TS-2027-000001"


def test_a_pattern_without_a_year_never_begins_again(store: FaultyStore) -> None:
    app = committer(store, template="K{seq}")
    numbers = [app.commit(batch(new_case(), at=MONDAY.replace(year=year))).first("cases") for year in (2026, 2027)]
    assert numbers == ["K1", "K2"]


def test_several_numbers_in_one_batch(app: Committer) -> None:
    changes = [create(a_case(f"new:{n}", title=str(n))) for n in (2, 1, 3)]
    receipt = app.commit(batch(*changes))
    assert receipt.created == tuple(("cases", f"TS-2026-00000{n}") for n in (1, 2, 3))
    assert [case.title for case in app.snapshot[Case].values()] == ["2", "1", "3"]


def test_a_number_reaches_everything_that_names_the_case(app: Committer, store: FaultyStore) -> None:
    plan = FollowUp(follow_up_id="f", due_on=MONDAY.date())
    app.commit(batch(create(plan)))
    app.commit(
        batch(
            new_case(title="new:1", description="new:1"),
            create(Task(task_id="t", case_no="new:1", title="new:1")),
            edit(plan, {"opened_case": "new:1", "note": "new:1"}),
            note("new:1", "new:1"),
        )
    )
    snapshot = app.snapshot
    assert (snapshot[Task]["t"].case_no, snapshot[FollowUp]["f"].opened_case) == (FIRST, FIRST)
    typed = (snapshot[Case][FIRST].title, snapshot[Task]["t"].title, snapshot[FollowUp]["f"].note)
    assert typed == ("new:1",) * 3  # what a person typed is left as it is
    assert [line["case_no"] for line in store.history() if line.get("text") == "new:1"] == [FIRST]


def test_numbers_typed_by_hand_are_passed_over(app: Committer, store: FaultyStore) -> None:
    app.commit(batch(create(a_case("TS-2026-000002"))))
    store.write(row_write(store, {"cases": [{"case_no": "TS-2026-000003", "stage": "new", "taken_at": "yesterday"}]}))
    numbers = [app.commit(batch(new_case())).first("cases") for _ in range(2)]
    assert "TS-2026-000003" in app.snapshot[Case].bad
    assert numbers == [FIRST, "TS-2026-000004"]


def test_a_refused_batch_takes_no_number(app: Committer, case: Case) -> None:
    with pytest.raises(AlreadyExists):
        app.commit(batch(new_case(), create(case)))
    assert app.commit(batch(new_case())).first("cases") == "TS-2026-000002"


def test_the_number_of_a_removed_case_is_not_given_again(app: Committer, case: Case) -> None:
    app.commit(batch(remove(case)))
    assert app.commit(batch(new_case())).first("cases") == "TS-2026-000002"


# The same commit again.


def test_the_same_commit_gives_the_same_receipt(app: Committer, other: Committer, store: FaultyStore) -> None:
    request = batch(new_case(), create(Task(task_id="t", case_no="new:1")), commit_id="once")
    first = app.commit(request)
    assert first.created == (("cases", FIRST), ("tasks", "t"))
    app.commit(batch(note(FIRST, "later")))
    restarted = committer(store)
    assert [again.commit(request) for again in (app, other, restarted)] == [first] * 3
    assert len(store.history(commit_ids=["once"])) == 3


def test_an_edit_repeated_is_not_taken_for_a_creation(app: Committer, case: Case) -> None:
    request = batch(edit(case, {"contacted_at": MONDAY}), commit_id="once")  # from nothing to something
    assert app.commit(request) == app.commit(request)
    assert app.commit(request).created == ()


def test_an_old_request_does_not_undo_what_came_later(app: Committer, case: Case) -> None:
    request = batch(edit(case, {"title": "甲"}), commit_id="once")
    first = app.commit(request)
    app.commit(batch(edit(app.snapshot[Case][FIRST], {"title": case.title})))
    assert app.commit(request) == first
    assert app.snapshot[Case][FIRST].title == case.title


def test_the_same_commit_at_once(app: Committer, other: Committer, store: FaultyStore) -> None:
    for round_ in range(5):
        request = batch(new_case(), commit_id=f"once-{round_}")
        receipts = at_once(*[lambda app=app, it=request: app.commit(it) for app in (app, other) * 4])
        assert set(map(type, receipts)) == {Receipt}
        assert len(set(receipts)) == 1
    assert len(app.refresh()[Case]) == 5


def test_a_refused_commit_may_be_sent_again(app: Committer, other: Committer, case: Case) -> None:
    request = batch(edit(case, {"title": "乙"}), commit_id="again")
    other.commit(batch(edit(case, {"title": "甲"})))
    with pytest.raises(Conflict):
        app.commit(request)
    other.commit(batch(edit(other.snapshot[Case][FIRST], {"title": case.title})))
    assert app.commit(request).seq == app.snapshot.seq
    assert app.snapshot[Case][FIRST].title == "乙"


# Many at once.


def test_many_savers_share_writes(app: Committer, store: FaultyStore) -> None:
    def save(place: int) -> Receipt:
        for _ in range(9):
            app.commit(batch(new_case(title=str(place))))
        return app.commit(batch(new_case(title=str(place))))

    store.before_write = lambda: threading.Event().wait(0.005)  # a store that takes its time
    receipts = at_once(*[lambda place=place: save(place) for place in range(20)])
    assert set(map(type, receipts)) == {Receipt}
    assert [case.case_no for case in app.refresh()[Case].values()] == [f"TS-2026-{n:06d}" for n in range(1, 201)]
    assert store.writes < 50
    assert replay(store.history()) == rows_of(store)


def hold_the_first_write(store: FaultyStore) -> tuple[threading.Event, threading.Event]:
    """The first write waits until it is let go; the events say that it has begun, and let it go."""
    begun, go = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        go.wait(5)

    store.before_write = wait
    return begun, go


def save_as_a_group(app: Committer, store: FaultyStore, batches: list[Batch]) -> list[Receipt | CasesheetError]:
    """Have the batches wait for one write that is under way, in this order, so that they are written together."""
    begun, go = hold_the_first_write(store)
    first = threading.Thread(target=app.commit, args=(batch(note(FIRST, "first")),))
    first.start()
    begun.wait(5)
    results: list[Receipt | CasesheetError] = []
    threads = []
    for place, item in enumerate(batches):
        threads.append(threading.Thread(target=lambda item=item: results.extend(at_once(lambda: app.commit(item)))))
        threads[-1].start()
        while len(app._queue) <= place:
            threading.Event().wait(0.001)
    go.set()
    for thread in (first, *threads):
        thread.join()
    by_commit = {result.commit_id: result for result in results if isinstance(result, Receipt)}
    refused = [result for result in results if not isinstance(result, Receipt)]
    return [by_commit[item.commit_id] if item.commit_id in by_commit else refused.pop() for item in batches]


def test_one_refused_batch_does_not_harm_the_others(app: Committer, store: FaultyStore, case: Case) -> None:
    batches = [
        batch(new_case()),
        batch(new_case(), create(case)),
        batch(edit(case, {"title": "新"})),
        batch(new_case()),
    ]
    writes = store.writes
    results = save_as_a_group(app, store, batches)
    assert isinstance(results[1], AlreadyExists)
    assert store.writes == writes + 2  # the first, and the group
    assert [results[place].created for place in (0, 2, 3)] == [
        (("cases", "TS-2026-000002"),), (), (("cases", "TS-2026-000003"),)
    ]  # fmt: skip
    assert app.snapshot[Case][FIRST].title == "新"
    assert replay(store.history()) == rows_of(store)


def test_batches_of_one_group_merge_in_turn(app: Committer, store: FaultyStore, case: Case) -> None:
    second = case.model_copy(update={"title": "甲"})
    batches = [
        batch(edit(case, {"title": "甲"}), commit_id="z"),
        batch(edit(second, {"title": "乙"}), commit_id="a"),  # sorts before the one it follows
        batch(edit(case, {"title": "丙"}), commit_id="m"),
    ]
    results = save_as_a_group(app, store, batches)
    assert [type(result) for result in results] == [Receipt, Receipt, Conflict]
    assert app.snapshot[Case][FIRST].title == "乙"
    assert replay(store.history()) == rows_of(store)


def test_guards_see_the_batches_before_in_the_group(store: FaultyStore) -> None:
    def unique_value(before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
        if isinstance(after, Setting) and after.value in snapshot[Setting].derive(_values):
            raise AlreadyExists("settings", after.value)

    app = committer(store, guards=[unique_value])
    batches = [batch(create(Setting(key=key, value="same"))) for key in ("a", "b")]
    results = save_as_a_group(app, store, batches)
    assert [type(result) for result in results] == [Receipt, AlreadyExists]
    assert list(app.refresh()[Setting]) == ["a"]


def _values(table: Table[Setting]) -> frozenset[str]:
    return frozenset(setting.value for setting in table.values())


def test_a_fault_in_a_check_reaches_the_saver_and_blocks_nobody(store: FaultyStore) -> None:
    def broken(before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
        if isinstance(after, Setting):
            raise KeyError(after.key)

    app = committer(store, guards=[broken])
    with pytest.raises(KeyError):
        app.commit(batch(create(Setting(key="k"))))
    assert app.commit(batch(new_case())).first("cases") == FIRST


# Races and lost answers.


def test_a_lost_race_is_run_again(app: Committer, other: Committer, store: FaultyStore) -> None:
    def interfere() -> None:
        store.before_write = lambda: None
        other.commit(batch(new_case(title="theirs")))

    store.before_write = interfere
    assert app.commit(batch(new_case(title="mine"))).first("cases") == "TS-2026-000002"
    assert [case.title for case in app.snapshot[Case].values()] == ["theirs", "mine"]


def test_a_lost_race_may_end_in_a_conflict(app: Committer, other: Committer, store: FaultyStore, case: Case) -> None:
    def interfere() -> None:
        store.before_write = lambda: None
        other.commit(batch(edit(case, {"title": "甲"})))

    store.before_write = interfere
    with pytest.raises(Conflict):
        app.commit(batch(edit(case, {"title": "乙"})))
    assert app.refresh()[Case][FIRST].title == "甲"


@pytest.mark.parametrize("faults", [["lost_before"], ["lost_after"], ["lost_before", "lost_after"], ["stale"] * 5,
                                    ["lost_before", "stale"], ["stale", "lost_after"]])  # fmt: skip
def test_an_unknown_outcome_is_settled(app: Committer, store: FaultyStore, case: Case, faults: list[Any]) -> None:
    store.faults.extend(faults)
    receipt = app.commit(batch(new_case(), edit(case, {"title": "新"})))
    assert receipt.created == (("cases", "TS-2026-000002"),)
    assert receipt.seq == app.snapshot.seq == 2
    assert app.snapshot[Case][FIRST].title == "新"
    assert replay(store.history()) == rows_of(store)


def test_an_answer_that_arrives_late(app: Committer, other: Committer, store: FaultyStore) -> None:
    """The write was still on its way when the store was asked for it; its repetition finds it there."""
    late: list[Write] = []
    applied = store._store.write

    def delayed(write: Write) -> None:
        store._store.write = applied  # type: ignore[method-assign]
        late.append(write)
        raise OutcomeUnknown

    def arrive() -> None:
        if late:
            applied(late.pop())

    store._store.write = delayed  # type: ignore[method-assign]
    store.before_write = arrive
    receipt = app.commit(batch(new_case(), commit_id="late"))
    assert (receipt.first("cases"), receipt.seq) == (FIRST, 1)
    assert len(other.refresh()[Case]) == 1


def test_a_store_that_falls_silent_leaves_it_open(
    app: Committer, store: FaultyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "PAUSE", 0.001)
    for fault, request in (("lost_after", batch(new_case())), ("lost_before", batch(new_case()))):
        store.faults.append(fault)  # type: ignore[arg-type]
        store.silent = loop.QUESTIONS
        with pytest.raises(OutcomeUnknown):
            app.commit(request)
        assert app.commit(request) == app.commit(request)
    assert list(app.snapshot[Case]) == [FIRST, "TS-2026-000002"]


def test_a_store_that_is_silent_for_a_moment(
    app: Committer, store: FaultyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "PAUSE", 0.001)
    store.faults.append("lost_after")
    store.silent = loop.QUESTIONS - 1
    assert app.commit(batch(new_case())).first("cases") == FIRST


def test_nobody_waits_for_one_silent_write_after_the_other(
    app: Committer, store: FaultyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store answers questions, and every write takes as long as anybody may wait."""
    monkeypatch.setattr(loop, "ASKING", -1.0)
    store.faults.extend(["lost_before"] * 3)
    request = batch(new_case())
    with pytest.raises(OutcomeUnknown):
        app.commit(request)
    assert store.writes == 1
    store.faults.clear()
    assert app.commit(request).first("cases") == FIRST


@pytest.mark.parametrize("fault", ["stale", "lost_before"])
def test_attempts_are_bounded(app: Committer, store: FaultyStore, fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "PAUSE", 0.001)
    store.faults.extend([fault] * 100)
    with pytest.raises(StoreBusy):
        app.commit(batch(new_case()))
    assert store.writes == {"stale": loop.ATTEMPTS, "lost_before": loop.QUESTIONS}[fault]
    assert rows_of(store) == {}
    store.faults.clear()
    assert app.commit(batch(new_case())).first("cases") == FIRST


def test_a_store_that_is_away_refuses_everybody_and_comes_back(app: Committer, store: FaultyStore) -> None:
    store.faults.append("unavailable")
    with pytest.raises(StoreUnavailable):
        app.commit(batch(new_case()))
    assert app.commit(batch(new_case())).first("cases") == FIRST


# A refusal counts only against the store as it is.


def test_a_refusal_from_an_old_snapshot_is_looked_at_again(app: Committer, other: Committer, case: Case) -> None:
    app.commit(batch(edit(case, {"title": "甲"})))
    app.commit(batch(edit(app.snapshot[Case][FIRST], {"title": case.title, "community": "东湖"})))
    seen = app.snapshot[Case][FIRST]
    assert other.snapshot[Case][FIRST].community == "阳光花园"
    other.commit(batch(edit(seen, {"community": "西湖"})))  # against what `other` holds this would be a conflict
    assert app.refresh()[Case][FIRST].community == "西湖"


def test_a_record_that_this_app_has_not_heard_of(app: Committer, other: Committer) -> None:
    app.commit(batch(new_case()))
    other.commit(batch(edit(app.snapshot[Case][FIRST], {"title": "新"})))
    assert app.refresh()[Case][FIRST].title == "新"


def test_guards_are_asked_again_too(app: Committer, store: FaultyStore) -> None:
    def only_with_a_setting(before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
        if isinstance(after, Case) and "open" not in snapshot[Setting]:
            raise AlreadyExists("guard", "closed")

    guarded = committer(store, guards=[only_with_a_setting])
    with pytest.raises(AlreadyExists):
        guarded.commit(batch(new_case()))
    app.commit(batch(create(Setting(key="open"))))
    assert guarded.commit(batch(new_case())).first("cases") == FIRST


def test_a_refusal_that_stands_costs_one_look(app: Committer, store: FaultyStore, case: Case) -> None:
    pulls = store.pulls
    with pytest.raises(AlreadyExists):
        app.commit(batch(create(case)))
    assert store.pulls == pulls + 1


def test_a_save_that_stands_costs_no_look(app: Committer, store: FaultyStore, case: Case) -> None:
    pulls = store.pulls
    app.commit(batch(edit(case, {"title": "新"})))
    assert store.pulls == pulls


def test_guards_judge_each_record_once_with_what_changed(store: FaultyStore) -> None:
    seen: list[tuple[str, bool, frozenset[str]]] = []

    def watch(before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
        seen.append((type(after).__name__, before is None, changed))

    app = committer(store, guards=[watch])
    app.commit(batch(new_case()))
    app.commit(batch(edit(app.snapshot[Case][FIRST], {"title": "新"})))
    assert seen == [("Case", True, frozenset(Case.model_fields)), ("Case", False, frozenset({"title"}))]


def test_a_store_put_back_to_an_older_state(tmp_path: Path) -> None:
    live = FaultyStore(open_sqlite(tmp_path / "live.db"))
    app = committer(live)
    for _ in range(3):
        app.commit(batch(new_case()))
    backup = open_sqlite(tmp_path / "backup.db")
    committer(backup).commit(batch(new_case(title="from the backup")))
    live._store.close()
    live._store = backup
    assert [case.title for case in app.refresh()[Case].values()] == ["from the backup"]
    assert app.commit(batch(new_case())).first("cases") == "TS-2026-000002"
    live.close()
