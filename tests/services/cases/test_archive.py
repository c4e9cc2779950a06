"""The archive: what is complete goes in, several in one save; what lacks something with a reason and by few."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields, NotAllowed, WrongStage
from lib.services.aftercare import satisfaction
from lib.services.cases import archive, handling
from lib.services.data import search
from lib.services.data.case_filter import CaseFilter, choose
from lib.services.parts import evidence, tasks
from lib.services.story.case_file import checklist
from tests.cases import closed, complete, move
from tests.support import Clock

People = dict[str, Actor]


@pytest.mark.trial(34)
def test_a_complete_case_is_kept_until_its_day(desk: Desk, people: People) -> None:
    case = complete(desk, people)
    assert all(line.done for line in checklist(desk, case))
    archived = move(desk, people["head"], case, "archive")
    assert (archived.stage, archived.retain_until, archived.archive_reason) == ("archived", date(2031, 3, 2), "")


def test_years_of_keeping_go_by_kind(desk: Desk, people: People) -> None:
    case = complete(desk, people, kind="legal_dispute")
    assert move(desk, people["manager"], case, "archive").retain_until == date(2036, 3, 2)


def test_an_incomplete_case_needs_a_manager_and_a_reason(desk: Desk, people: People) -> None:
    case = closed(desk, people)
    with pytest.raises(NotAllowed, match=r"archive_incomplete"):
        move(desk, people["head"], case, "archive", archive_reason="客户搬走了")
    for reason in ({}, {"archive_reason": "  "}):
        with pytest.raises(InvalidFields) as refused:
            move(desk, people["manager"], case, "archive", **reason)
        assert [(one.field, one.code) for one in refused.value.problems] == [("archive_reason", "missing")]
    archived = move(desk, people["manager"], case, "archive", archive_reason="客户搬走了")
    assert (archived.stage, archived.archive_reason) == ("archived", "客户搬走了")


def test_what_is_old_and_complete_goes_in_one_save(desk: Desk, people: People, clock: Clock) -> None:
    first, second = complete(desk, people), complete(desk, people, client_phone="13900000001")
    lacking = closed(desk, people, client_phone="13900000002")
    clock.forward(days=31)
    young = complete(desk, people, client_phone="13900000003")
    ready = archive.ready(desk, actor=people["manager"])
    assert [case.case_no for case in ready] == [first.case_no, second.case_no]
    assert archive.ready(desk, actor=people["manager"], among={second.case_no, lacking.case_no}) == [second]
    before = desk.snapshot.seq
    assert len(archive.archive_ready(desk, actor=people["manager"])) == 2
    assert desk.snapshot.seq == before + 1
    stages = {number: desk.snapshot[Case][number].stage for number in desk.snapshot[Case]}
    assert {number for number, stage in stages.items() if stage == "archived"} == {first.case_no, second.case_no}
    assert {stages[lacking.case_no], stages[young.case_no]} == {"closed"}
    assert archive.archive_ready(desk, actor=people["manager"], days=0) == [young]


def test_many_go_in_as_few_saves_as_may_be(desk: Desk, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        complete(desk, people, client_phone=f"1390000000{n}")
    monkeypatch.setattr(archive, "TOGETHER", 2)
    before = desk.snapshot.seq
    assert len(archive.archive_ready(desk, actor=people["manager"], days=0)) == 3
    assert desk.snapshot.seq == before + 2


def test_each_archives_her_own_department(desk: Desk, people: People) -> None:
    complete(desk, people)
    other = complete(desk, people, to="handler2", client_phone="13900000001")
    ready = archive.ready(desk, actor=people["head"], days=0)
    assert other.case_no not in [case.case_no for case in ready]
    assert len(ready) == 1
    assert archive.ready(desk, actor=people["handler"], days=0) == []
    with pytest.raises(NotAllowed):
        archive.archive(desk, actor=people["head"], cases=[other])


def test_one_that_lacks_something_stops_the_save(desk: Desk, people: People) -> None:
    whole, lacking = complete(desk, people), closed(desk, people, client_phone="13900000001")
    with pytest.raises(InvalidFields):
        archive.archive(desk, actor=people["manager"], cases=[whole, lacking])
    assert desk.snapshot[Case][whole.case_no].stage == "closed"


def test_in_the_archive_nothing_is_changed(desk: Desk, people: People) -> None:
    case, manager = move(desk, people["manager"], complete(desk, people), "archive"), people["manager"]
    writes: list[Callable[[], object]] = [
        lambda: handling.edit_facts(desk, actor=manager, case=case, values={"title": "新"}),
        lambda: handling.add_note(desk, actor=manager, case=case, text="补记"),
        lambda: tasks.add_task(desk, actor=manager, case=case, values={"title": "补"}),
        lambda: evidence.add(desk, actor=manager, case=case, files=[("a.txt", b"a")], kind="document"),
        lambda: satisfaction.send(desk, actor=manager, case=case),
    ]
    for write in writes:
        with pytest.raises(NotAllowed):
            write()
    assert handling.moves_for(desk, actor=manager, case=case) == []
    with pytest.raises(WrongStage):
        move(desk, manager, case, "reopen", reopen_reason="又漏了")


def test_archived_cases_leave_the_list_and_stay_to_be_found(desk: Desk, people: People) -> None:
    archived = move(desk, people["manager"], complete(desk, people), "archive")
    actor, now = people["manager"], desk.now()
    listed = choose(desk, CaseFilter(), actor=actor, now=now)
    assert archived.case_no not in listed.numbers()
    assert listed.counts["archived"] == 1
    assert choose(desk, CaseFilter(stage="archived"), actor=actor, now=now).numbers() == [archived.case_no]
    everywhere = replace(CaseFilter(), stage="all", q="19900001234")
    assert choose(desk, everywhere, actor=actor, now=now).numbers() == [archived.case_no]
    assert archived.case_no in search.search(desk, archived.case_no, actor=actor)
