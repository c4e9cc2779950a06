"""The work order: what it says, to whom, and what it keeps back."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image

from lib.desk.desk import Desk
from lib.documents.printing import print_work_order
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact
from lib.domain.rules.permissions import Actor
from lib.errors import ConfigError, NotAllowed, NotFound
from lib.services.parts import contacts, tasks
from tests.cases import assigned, take_in
from tests.documents.reading import picture, read


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor]) -> Case:
    return assigned(desk, people, wanted_outcome="尽快维修", location="厨房天花板")


@pytest.fixture
def contractor(desk: Desk, people: dict[str, Actor], case: Case) -> Contact:
    values = {
        "party": "contractor", "name": "宏达维修公司", "phone": "13800138000", "asked": "更换排水管接头",
        "promised_on": date(2026, 3, 6),
    }  # fmt: skip
    contacts.add_contact(desk, actor=people["handler"], case=case, values=values)
    return next(iter(desk.snapshot[Contact].values()))


def test_what_the_visitor_needs(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    told = read(print_work_order(desk, actor=people["handler"], case_no=case.case_no, language="zh_CN"))
    assert len(told.pages) == 1
    wanted = (
        "安居房产", "400-800-1234", case.case_no, "王小明", "19900001234", "阳光花园3栋1201", "已经滴到地板上",
        "尽快维修", "厨房天花板", "李经办", "P3一般", "房屋质量/渗漏",
    )  # fmt: skip
    assert [words for words in wanted if words not in told.marks] == []


def test_in_english(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    told = read(print_work_order(desk, actor=people["handler"], case_no=case.case_no, language="en"))
    for words in ("Work order", "Client and address", "Carried out by", "Issued by", "Page 1 of 1", "Building quality"):
        assert words in told.text


def test_the_client_is_masked_for_who_may_not_see_her(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    told = read(print_work_order(desk, actor=people["handler2"], case_no=case.case_no, language="zh_CN"))
    assert "19900001234" not in told.marks
    assert "王小明" not in told.marks
    assert "1201" not in told.marks
    assert "王**" in told.marks


def test_addressed_to_a_contractor(desk: Desk, people: dict[str, Actor], case: Case, contractor: Contact) -> None:
    content = print_work_order(
        desk, actor=people["handler"], case_no=case.case_no, language="zh_CN", contact_id=contractor.contact_id
    )
    told = read(content).marks
    for words in ("宏达维修公司", "13800138000", "更换排水管接头", "2026年3月6日", "李经办"):
        assert words in told


def test_a_contractor_of_another_case(desk: Desk, people: dict[str, Actor], case: Case, contractor: Contact) -> None:
    other = take_in(desk, people["intake"], client_phone="19900009999")
    with pytest.raises(NotFound):
        print_work_order(
            desk, actor=people["manager"], case_no=other.case_no, language="en", contact_id=contractor.contact_id
        )


def test_printing_is_in_history_before_it_is_handed_out(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    print_work_order(desk, actor=people["handler"], case_no=case.case_no, language="en")
    line = desk.history(case_no=case.case_no)[-1]
    assert (line.action, line.text, line.actor, line.audience) == ("export", "work_order", "handler", "internal")


def test_who_may_not_see_the_case_gets_nothing(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    stranger = replace(people["handler2"], branch="west")
    with pytest.raises(NotAllowed):
        print_work_order(desk, actor=stranger, case_no=case.case_no, language="en")
    with pytest.raises(NotFound):
        print_work_order(desk, actor=people["manager"], case_no="TS-2026-999999", language="en")
    assert all(line.action != "export" for line in desk.history(case_no=case.case_no))


def _with(desk: Desk, **settings: str) -> Desk:
    return replace(desk, settings=desk.settings.model_copy(update=settings))


def _dark(content: bytes) -> int:
    """Black dots where the QR code stands: top right, in no other colour than black."""
    corner = picture(content, scale=2).crop((2 * 460, 2 * 36, 2 * 547, 2 * 118))
    return sum(corner.histogram()[:40])


def test_a_qr_code_only_where_it_leads_somewhere(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    public = _with(desk, public_url="https://cases.example.com/")
    plain = print_work_order(desk, actor=people["handler"], case_no=case.case_no, language="en")
    coded = print_work_order(public, actor=people["handler"], case_no=case.case_no, language="en")
    assert _dark(plain) == 0
    assert _dark(coded) > 5000


def test_the_logo_is_drawn(desk: Desk, people: dict[str, Actor], case: Case, tmp_path: Path) -> None:
    file = tmp_path / "logo.png"
    Image.new("RGB", (200, 100), "#000000").save(file)
    with_logo = _with(desk, logo=str(file))
    drawn = picture(print_work_order(with_logo, actor=people["handler"], case_no=case.case_no, language="en"))
    assert drawn.getpixel((70, 55)) == 0
    assert (
        "安居房产"
        in read(print_work_order(with_logo, actor=people["handler"], case_no=case.case_no, language="en")).marks
    )


def test_a_logo_that_is_no_picture_is_named(desk: Desk, people: dict[str, Actor], case: Case, tmp_path: Path) -> None:
    file = tmp_path / "logo.png"
    file.write_text("not a picture")
    with pytest.raises(ConfigError, match="logo"):
        print_work_order(_with(desk, logo=str(file)), actor=people["handler"], case_no=case.case_no, language="en")


def test_open_tasks_are_to_be_ticked(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    due = desk.now() + timedelta(days=1)
    values = {"title": "拍照留存", "owner": "handler", "due_at": due}
    tasks.add_task(desk, actor=people["handler"], case=case, values=values)
    told = read(print_work_order(desk, actor=people["handler"], case_no=case.case_no, language="zh_CN")).marks
    assert "☐拍照留存" in told
