"""Taking a case in: what is kept, what is refused, what is likely a duplicate."""

from datetime import date, timedelta

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Evidence
from lib.domain.rules.permissions import Actor
from lib.domain.text.uploads import BadUpload
from lib.errors import InvalidFields, NotAllowed
from lib.services.cases import handling, intake
from lib.store.commit.batch import edit
from lib.store.snapshot.snapshot import by_case
from tests.cases import LEAK, closed, take_in
from tests.support import Clock

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)


def test_the_first_clock_starts_at_intake(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"], priority="P2")

    assert case.case_no == "TS-2026-000001"
    assert case.stage == "new"
    assert case.acknowledge_due == desk.now() + timedelta(minutes=30)
    assert case.taken_by == "intake"


def test_every_wrong_field_is_named_at_once(desk: Desk, people: dict[str, Actor]) -> None:
    with pytest.raises(InvalidFields) as refused:
        intake.register(
            desk, actor=people["intake"], values={"client_phone": "12", "description": " ", "kind": "repair"}
        )

    assert {problem.field for problem in refused.value.problems} == {"client_phone", "description", "channel"}
    assert not desk.snapshot[Case]


def test_evidence_is_kept_by_its_digest(desk: Desk, people: dict[str, Actor]) -> None:
    receipt = intake.register(desk, actor=people["intake"], values=LEAK, files=[("漏水.png", PNG)])

    (evidence,) = desk.snapshot[Evidence].derive(by_case)[receipt.first("cases")]
    assert (evidence.name, evidence.kind, evidence.size) == ("漏水.png", "photo", len(PNG))
    assert desk.files.get(evidence.sha256) == PNG


def test_a_bad_file_refuses_the_whole_case(desk: Desk, people: dict[str, Actor]) -> None:
    with pytest.raises(BadUpload):
        intake.register(desk, actor=people["intake"], values=LEAK, files=[("a.exe", b"MZ" + b"\0" * 100)])

    assert not desk.snapshot[Case]


def test_the_same_request_twice_makes_one_case(desk: Desk, people: dict[str, Actor]) -> None:
    first = intake.register(desk, actor=people["intake"], values=LEAK, commit_id="click")
    second = intake.register(desk, actor=people["intake"], values=LEAK, commit_id="click")

    assert first == second
    assert len(desk.snapshot[Case]) == 1


def test_who_may_not_take_cases_in(desk: Desk, people: dict[str, Actor]) -> None:
    with pytest.raises(NotAllowed):
        intake.register(desk, actor=people["reviewer"], values=LEAK)


@pytest.mark.parametrize(
    ("query", "reasons"),
    [
        ({"phone": "199 0000 1234"}, ("phone",)),
        ({"community": "阳光花园", "building": "3栋", "room": "1201"}, ("property",)),
        ({"community": "阳光花园", "description": "厨房天花板漏水，滴到了地板上"}, ("text",)),
        ({"phone": "19900001234", "description": "厨房天花板漏水，已经滴到地板上。"}, ("phone", "text")),
    ],
)
def test_likely_duplicates(
    desk: Desk, people: dict[str, Actor], query: dict[str, str], reasons: tuple[str, ...]
) -> None:
    take_in(desk, people["intake"])

    (found,) = intake.likely_duplicates(desk, **query)

    assert found.reasons == reasons


def test_old_closed_cases_and_other_homes_are_no_duplicates(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    closed(desk, people)
    assert not intake.likely_duplicates(desk, phone="19900009999", community="滨江名邸", room="1201")
    clock.forward(days=90)
    assert not intake.likely_duplicates(desk, phone="19900001234")


@pytest.mark.parametrize(
    ("description", "title"),
    [
        ("厨房漏水，楼下被泡了。请尽快处理", "厨房漏水，楼下被泡了"),
        ("\n\n  空调不制冷  \n第二行", "空调不制冷"),
        ("字" * 40, "字" * 29 + "…"),
    ],
)
def test_a_title_is_made_from_the_description(description: str, title: str) -> None:
    assert intake.summary(description) == title


@pytest.mark.trial(10)
@pytest.mark.parametrize(
    "place",
    [
        {"community": "阳光花园小区", "building": "３栋", "room": "1201室"},
        {"community": "阳光花园", "building": "3号楼", "unit": "2单元", "room": "1201"},
        {"community": "阳光花园", "room": "3幢1201"},
        {"community": "阳光花园3 栋", "room": "1201"},
    ],
)
def test_the_same_home_written_otherwise_is_a_duplicate(
    desk: Desk, people: dict[str, Actor], place: dict[str, str]
) -> None:
    take_in(desk, people["intake"])

    (found,) = intake.likely_duplicates(desk, **place)

    assert found.reasons == ("property",)
    assert found.case.building == "3栋"  # what was typed stays


@pytest.mark.trial(10)
def test_another_unit_is_another_home(desk: Desk, people: dict[str, Actor]) -> None:
    take_in(desk, people["intake"], unit="1单元")

    assert not intake.likely_duplicates(desk, community="阳光花园", building="3栋", unit="2单元", room="1201")


@pytest.mark.trial(21)
def test_a_case_of_another_branch_is_told_to_be_there_and_no_more(desk: Desk, people: dict[str, Actor]) -> None:
    """The handler of no branch sees none of it but whom to ask."""
    case = take_in(desk, people["intake"])
    stranger = Actor("x", "X", {"case.view": "branch", "case.intake": "all"}, branch="elsewhere")
    query = {"phone": case.client_phone, "description": case.description}

    found = intake.duplicates_for(desk, actor=stranger, **query)

    assert found.seen == ()
    assert found.ask == ("administrator",), "nobody handles it yet: who gives cases out"
    assert [item.case.case_no for item in intake.duplicates_for(desk, actor=people["intake"], **query).seen] == [
        case.case_no
    ]


@pytest.mark.trial(21)
def test_of_a_hidden_case_whoever_handles_it_is_to_be_asked(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])
    desk.save(people["head"], [edit(case, {"assignee": "handler"})])
    stranger = Actor("x", "X", {"case.intake": "all"})
    found = intake.duplicates_for(desk, actor=stranger, phone=case.client_phone)
    assert found == intake.LikelyDuplicates((), ("handler",))


@pytest.mark.trial(10)
def test_another_case_of_the_home_tells_the_handover(desk: Desk, people: dict[str, Actor]) -> None:
    told = take_in(desk, people["intake"])
    handling.edit_facts(desk, actor=people["manager"], case=told, values={"handover_on": date(2025, 5, 1)})
    asked = take_in(desk, people["intake"], community="阳光花园小区", building="3号楼", room="1201室")
    elsewhere = take_in(desk, people["intake"], building="4栋")

    found = intake.handover_told(desk, actor=people["manager"], case=asked)

    assert found is not None
    assert (found.case_no, found.handover_on) == (told.case_no, date(2025, 5, 1))
    assert intake.handover_told(desk, actor=people["manager"], case=elsewhere) is None
    assert intake.handover_told(desk, actor=people["manager"], case=desk.snapshot[Case][told.case_no]) is None
