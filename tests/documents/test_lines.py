"""Lines are as wide as their room, and begin and end as they may."""

from hypothesis import given
from hypothesis import strategies as st

from lib.documents.paper.lines import Style, broken, text_width

STYLE = Style(10)
CLOSING, OPENING = "，。、；：？！）》”", "（《“"
CHINESE = st.text(alphabet="漏水房屋客户abc 12，。（）《》“”！", max_size=120)


def test_words_are_kept_and_chinese_breaks_anywhere() -> None:
    assert broken("The kitchen ceiling leaks", 70, STYLE) == ["The kitchen", "ceiling leaks"]
    assert broken("厨房天花板漏水", 40, STYLE) == ["厨房天花", "板漏水"]


def test_a_stop_stays_with_what_it_ends() -> None:
    assert broken("厨房漏水，严重", 40, STYLE) == ["厨房漏", "水，严重"]
    assert broken("客户说《合同》", 40, STYLE) == ["客户说", "《合同》"]


def test_a_word_longer_than_the_line_is_cut() -> None:
    lines = broken("x" * 300, 100, STYLE)
    assert "".join(lines) == "x" * 300
    assert all(text_width(line, STYLE) <= 100 for line in lines)


def test_lines_of_the_text_stay() -> None:
    assert broken("一\n\n二", 100, STYLE) == ["一", "", "二"]
    assert broken("", 100, STYLE) == [""]


@given(CHINESE, st.integers(40, 200))
def test_nothing_is_lost_and_nothing_sticks_out(text: str, room: int) -> None:
    lines = broken(text, room, STYLE)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width(line, STYLE) <= room for line in lines)


@given(st.text(alphabet="漏水房屋，。（）", min_size=1, max_size=60).filter(lambda text: "，，" not in text))
def test_no_line_begins_with_a_stop(text: str) -> None:
    calm = "房" + "".join(
        sign for before, sign in zip("房" + text, text, strict=False) if before not in CLOSING + OPENING
    )
    for line in broken(calm, 90, STYLE)[1:]:
        assert line[:1] not in CLOSING or line[:1] == ""
