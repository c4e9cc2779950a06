import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.services.cases import handling, intake
from lib.services.data.pinyin import sounds
from lib.services.data.search import mask, search
from tests.cases import take_in
from tests.support import Clock

CLIENTS = {
    "张三": {"client_phone": "13800138000", "community": "阳光花园", "building": "3栋", "room": "501"},
    "单晓明": {"client_phone": "021-61234567-801", "community": "翠湖天地", "description": "物业费算错了"},
    "Mary Brown": {"client_phone": "+85291234567", "community": "Harbour View", "title": "Broken window"},
}


@pytest.fixture
def numbers(desk: Desk, people: dict[str, Actor], clock: Clock) -> dict[str, str]:
    """The number of a case of each client, by name."""
    found = {}
    for name, told in CLIENTS.items():
        clock.forward(minutes=1)
        values = {"description": "厨房漏水，楼下也被泡了", "kind": "repair", "channel": "hotline", **told}
        receipt = intake.register(desk, actor=people["manager"], values={"client_name": name, **values})
        found[name] = receipt.first("cases")
    return found


FITS = [
    ("张三", {"张三"}),
    ("张", {"张三"}),
    ("zs", {"张三"}),
    ("zhang", {"张三"}),
    ("ZhangSan", {"张三"}),
    ("san", {"张三"}),
    ("an", set()),
    ("shanxiaoming", {"单晓明"}),
    ("danxm", set()),
    ("dxm", {"单晓明"}),
    ("sxm", {"单晓明"}),
    ("chtd", {"单晓明"}),
    ("阳光", {"张三"}),
    ("阳光花园3栋501", {"张三"}),
    ("阳光 501", {"张三"}),
    ("阳光 502", set()),
    ("漏水", {"张三", "Mary Brown"}),
    ("物业费", {"单晓明"}),
    ("window", {"Mary Brown"}),
    ("ＷＩＮＤＯＷ", {"Mary Brown"}),
    ("8000", {"张三"}),
    ("138 0013 8000", {"张三"}),
    ("+86 138-0013-8000", {"张三"}),
    ("0138", {"张三"}),
    ("021-6123", {"单晓明"}),
    ("9123 4567", {"Mary Brown"}),
    ("000001", {"张三"}),
    ("TS-2026-000002", {"单晓明"}),
    ("2026-000002", {"单晓明"}),
    ("nothing of the kind", set()),
]


@pytest.mark.parametrize(("text", "names"), FITS)
def test_what_finds_whom(
    desk: Desk, people: dict[str, Actor], numbers: dict[str, str], text: str, names: set[str]
) -> None:
    found = search(desk, text, actor=people["manager"])
    assert set(found) == {numbers[name] for name in names}
    rows = [case.case_no for case in desk.snapshot[Case].values()]
    masked = mask(desk, text, actor=people["manager"])
    assert {number for number, fits in zip(rows, masked, strict=True) if fits} == set(found)


def test_an_empty_text_finds_nothing_and_hides_nothing(
    desk: Desk, people: dict[str, Actor], numbers: dict[str, str]
) -> None:
    assert search(desk, "  ", actor=people["manager"]) == []
    assert mask(desk, "  ", actor=people["manager"]).all()


@pytest.mark.parametrize(
    ("text", "found"),
    [("0013", False), ("13800", False), ("1380013800", False), ("8000", True), ("13800138000", True)],
)
def test_who_may_not_see_a_phone_cannot_guess_it(
    desk: Desk, people: dict[str, Actor], numbers: dict[str, str], text: str, found: bool
) -> None:
    handler = people["handler"]
    assert not handler.may("personal.view", desk.snapshot[Case][numbers["张三"]])
    assert bool(search(desk, text, actor=handler)) is found
    assert bool(mask(desk, text, actor=handler).any()) is found


def test_the_extension_does_not_hide_the_end_of_a_phone(
    desk: Desk, people: dict[str, Actor], numbers: dict[str, str]
) -> None:
    assert search(desk, "4567", actor=people["handler"])
    assert search(desk, "02161234567", actor=people["handler"]) == [numbers["单晓明"]]


def test_nobody_finds_what_she_may_not_see(desk: Desk, numbers: dict[str, str]) -> None:
    elsewhere = Actor("x", "x", {"case.view": "branch"}, branch="east")
    assert search(desk, "漏水", actor=elsewhere) == []


def test_the_best_comes_first(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    values = {"description": "张三家漏水", "kind": "repair", "channel": "hotline"}
    for name in ("李四", "张三丰", "张三", "王五"):
        clock.forward(minutes=1)
        intake.register(desk, actor=people["manager"], values={**values, "client_name": name})
    found = [desk.snapshot[Case][number].client_name for number in search(desk, "张三", actor=people["manager"])]
    assert found == ["张三", "张三丰", "王五", "李四"]
    assert search(desk, "2", actor=people["manager"])[0].endswith("-000002")
    assert len(search(desk, "张三", actor=people["manager"], limit=2)) == 2


def test_a_save_is_found_at_once(desk: Desk, people: dict[str, Actor], numbers: dict[str, str]) -> None:
    manager = people["manager"]
    assert search(desk, "赵六", actor=manager) == []
    case = desk.snapshot[Case][numbers["张三"]]
    handling.edit_facts(desk, actor=manager, case=case, values={"client_name": "赵六"})
    assert search(desk, "zl", actor=manager) == [numbers["张三"]]
    assert search(desk, "zs", actor=manager) == []


def test_readings_of_a_surname_are_both_known() -> None:
    assert "\nzengxiao" in sounds("曾晓", person=True)
    assert "\ncengxiao" in sounds("曾晓", person=True)
    assert "\nzeng" not in sounds("曾晓")
    assert sounds("Brown") == sounds("") == ""


@pytest.mark.trial(10)
@pytest.mark.parametrize(
    "text",
    [
        "138\u20110013\u20118000", "\u202a13800138000\u202c", "１３８００１３８０００", "138.0013.8000",
        "138一0013一8000", "(+86) 138 0013 8000", "0013\u20138000", "\u200b8000",
    ],
)  # fmt: skip
def test_a_phone_is_found_as_the_intake_form_takes_it(
    desk: Desk, people: dict[str, Actor], numbers: dict[str, str], text: str
) -> None:
    assert search(desk, text, actor=people["manager"]) == [numbers["张三"]]


@pytest.mark.trial(10)
@pytest.mark.parametrize("text", ["021-61234567转801", "021 6123 4567", "(021)61234567-801", "+86 21 6123 4567"])
def test_a_landline_is_found_with_and_without_its_extension(
    desk: Desk, people: dict[str, Actor], numbers: dict[str, str], text: str
) -> None:
    assert search(desk, text, actor=people["manager"]) == [numbers["单晓明"]]


@pytest.mark.trial(10)
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("阳光花园小区", {"张三"}),
        ("３号楼", {"张三"}),
        ("3幢", {"张三"}),
        ("13栋", set()),
        ("阳光花园3号楼501室", {"张三"}),
        ("阳光 三号楼 501", {"张三"}),
        ("3-501", {"张三"}),
        ("501室", {"张三"}),
        ("张\u200b三", {"张三"}),
    ],
)
def test_a_place_or_name_is_found_however_it_is_written(
    desk: Desk, people: dict[str, Actor], numbers: dict[str, str], text: str, names: set[str]
) -> None:
    assert set(search(desk, text, actor=people["manager"])) == {numbers[name] for name in names}


@pytest.mark.trial(10)
def test_a_community_is_found_with_and_without_its_brackets(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"], community="滨江·花园（二期）")
    for text in ("滨江花园二期", "滨江花园（二期）", "滨江·花园", "滨江花园"):
        assert search(desk, text, actor=people["manager"]) == [case.case_no]
    assert search(desk, "滨江花园三期", actor=people["manager"]) == []


@pytest.mark.trial(21)
@pytest.mark.parametrize("text", ["张三", "张", "zs", "zhang", "501", "501室", "阳光花园3栋501", "3-501", "阳光 501"])
def test_what_a_person_sees_masked_finds_nothing_for_her(
    desk: Desk, people: dict[str, Actor], numbers: dict[str, str], text: str
) -> None:
    """Else whoever the client is, and in which flat, could be found out by asking."""
    handler = people["handler"]
    assert not handler.may("personal.view", desk.snapshot[Case][numbers["张三"]])
    assert search(desk, text, actor=people["manager"]) == [numbers["张三"]]
    assert search(desk, text, actor=handler) == []
    assert not mask(desk, text, actor=handler).any()


@pytest.mark.trial(21)
@pytest.mark.parametrize("text", ["阳光花园", "阳光花园3栋", "3栋", "漏水", "000001"])
def test_what_she_sees_finds_as_ever(desk: Desk, people: dict[str, Actor], numbers: dict[str, str], text: str) -> None:
    assert numbers["张三"] in search(desk, text, actor=people["handler"])


@pytest.mark.trial(21)
def test_the_order_of_the_finds_tells_no_masked_name(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    values = {"description": "张三家漏水", "kind": "repair", "channel": "hotline"}
    for name in ("张三", "王五", "李四"):
        clock.forward(minutes=1)
        intake.register(desk, actor=people["manager"], values={**values, "client_name": name})
    found = [desk.snapshot[Case][number].client_name for number in search(desk, "张三", actor=people["handler"])]
    assert found == ["李四", "王五", "张三"], "the newest first, as by any other word of the description"
