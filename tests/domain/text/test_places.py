"""One form for what people write in many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.text.cleaning import folded, plain
from lib.domain.text.places import Home, community, home, sought

pytestmark = pytest.mark.trial(10)
ONE = Home("阳光花园", "3", "", "1201")


BUILDINGS = (
    "3栋", "３栋", "3 栋", "3号楼", "3幢", "3", "03栋", "第3栋", "三栋", "3座", "3#", "3#楼", "3号", "3棟", "三号楼",
    "3楼", "\u200b3栋", "Building 3", "Bldg. 3",
)  # fmt: skip
ROOMS = ("1201", "1201室", "１２０１", "1201 室", "1201房", "1201号", "Room 1201", "Apt. 1201")
ESTATES = (
    "阳光花园", "阳光花园小区", " 阳光 花园 ", "阳光花园社区", "阳光花园（小区）", "阳光\u200b花园", "阳光·花园",
)  # fmt: skip


@pytest.mark.parametrize("building", BUILDINGS)
@pytest.mark.parametrize("room", ROOMS)
def test_the_same_home_however_it_is_written(building: str, room: str) -> None:
    assert home("阳光花园", building, "", room) == ONE


@pytest.mark.parametrize("name", ESTATES)
def test_the_same_community_however_it_is_written(name: str) -> None:
    assert community(name) == "阳光花园"


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (("阳光花园", "", "", "3栋1201"), ONE),
        (("阳光花园", "", "", "3-1201"), ONE),
        (("阳光花园3栋", "", "", "1201室"), ONE),
        (("阳光花园小区3号楼1201室", "", "", ""), ONE),
        (("阳光花园", "3栋2单元", "", "1201"), ONE._replace(unit="2")),
        (("阳光花园", "3栋", "二单元", "1201"), ONE._replace(unit="2")),
        (("阳光花园", "", "", "3-2-1201"), ONE._replace(unit="2")),
        (("阳光花园", "", "", "3号楼2单元1201室"), ONE._replace(unit="2")),
        (("阳光花园", "3", "2", "1201"), ONE._replace(unit="2")),
        (("万科城一期", "A座", "", "B1201"), Home("万科城1期", "a", "", "b1201")),
        (("万科城1期", "a栋", "", "b1201"), Home("万科城1期", "a", "", "b1201")),
        (("阳光花园", "十二栋", "", "一二〇一"), Home("阳光花园", "12", "", "1201")),
        (("Harbour View", "Tower 5", "", "Flat 12B"), Home("harbourview", "5", "", "12b")),
        (("小区", "", "", ""), Home("小区")),
        (("", "", "", ""), Home()),
    ],
)
def test_every_part_in_its_place(fields: tuple[str, str, str, str], found: Home) -> None:
    assert home(*fields) == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("阳光花园", "3栋", "", "1201"), ("阳光花园小区", "3号楼", "2单元", "1201室"), True),
        (("阳光花园", "3栋", "1单元", "1201"), ("阳光花园", "3栋", "2单元", "1201"), False),
        (("阳光花园", "3栋", "", "1201"), ("阳光花园", "13栋", "", "1201"), False),
        (("阳光花园", "3栋", "", "1201"), ("阳光花园", "3栋", "", "1202"), False),
        (("阳光花园", "3栋", "", ""), ("阳光花园", "3栋", "", ""), False),
        (("阳光花园一期", "3栋", "", "1201"), ("阳光花园二期", "3栋", "", "1201"), False),
    ],
)
def test_two_homes(one: tuple[str, ...], other: tuple[str, ...], same: bool) -> None:
    assert home(*one).is_same(home(*other)) is same


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("3号楼", Home(building="3")),
        ("阳光花园3幢1201", ONE),
        ("阳光花园小区", Home("阳光花园")),
        ("3-1201", Home(building="3", room="1201")),
        ("1201室", Home(room="1201")),
        ("阳光花园", None),
        ("1201", None),
        ("漏水", None),
        ("zhang", None),
        ("", None),
    ],
)
def test_a_place_that_is_searched_for(word: str, found: Home | None) -> None:
    assert sought(word) == found


@given(st.lists(st.text(max_size=30), min_size=4, max_size=4))
def test_whatever_is_typed_is_read(fields: list[str]) -> None:
    found = home(*fields)
    assert home(*fields) == found
    assert all(part == part.casefold() for part in found)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("138\u20110013\u20138000", "138-0013-8000"),
        ("\u202a13800138000\u202c", "13800138000"),
        ("１３８\u3000００１３", "138 0013"),
        ("王\u200b小\ufeff明", "王小明"),
        ("王\u3164小明", "王小明"),
        ("A\u00a0 B", "A B"),
    ],
)
def test_cleaning(text: str, clean: str) -> None:
    assert plain(text) == clean
    assert folded(text) == clean.casefold()
