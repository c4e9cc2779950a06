"""Every character that people write is printed, or something is seen in its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.documents.paper.fonts import MISSING, printable, runs, width


def _gbk() -> str:
    pairs = (bytes([high, low]) for high in range(0x81, 0xFF) for low in range(0x40, 0xFF))
    return "".join(pair.decode("gbk", errors="ignore") for pair in pairs)


def test_all_of_gbk_is_printed() -> None:
    lost = {sign for sign in set(_gbk()) if not sign.isspace() and MISSING in printable(sign) and sign != MISSING}
    assert lost <= set("⌒")


@pytest.mark.parametrize("name", ["䶮", "㛃", "㙍", "喆", "昇", "堃", "玥", "翀", "赟", "燚", "犇", "淼", "龘"])
def test_rare_characters_of_names_have_their_own_shape(name: str) -> None:
    assert printable(name) == name
    assert [run.font for run in runs(name, bold=False)] == ["DroidSansFallbackFull"]


@pytest.mark.trial(31)
@pytest.mark.parametrize("name", ["𠮷", "𠅤", "𣲗", "𫖯", "𬍛", "𬀪", "𦰡"])
def test_characters_beyond_the_first_plane_have_their_own_shape(name: str) -> None:
    assert printable(name) == name
    assert [run.font for run in runs(f"{name}先生", bold=True)] == ["RareHanSans", "DroidSansFallbackFull"]


def test_what_no_font_has_is_seen() -> None:
    assert printable("\U0002a6d6先生") == "〓(U+2A6D6)先生"
    assert printable("好\U0001fae0") == "好〓"
    assert printable("⑴ 止水") == "(1) 止水"


def test_invisible_signs_go_and_lines_stay() -> None:
    assert printable("一\u200b二\x00\r\n三\ufe0f\tA") == "一二\n三    A"


def test_latin_stands_in_a_latin_font_and_signs_in_a_third() -> None:
    assert [(run.font, run.text) for run in runs("P1紧急→ok", bold=False)] == [
        ("OpenSans-Regular", "P1"),
        ("DroidSansFallbackFull", "紧急"),
        ("DejaVuSans", "→"),
        ("OpenSans-Regular", "ok"),
    ]
    assert [run.thicken for run in runs("P1紧急", bold=True)] == [False, True]


@given(st.text(max_size=60))
def test_whatever_is_typed_can_be_set(text: str) -> None:
    shown = printable(text)
    assert "".join(run.text for line in shown.split("\n") for run in runs(line, bold=True)) == shown.replace("\n", "")
    assert all(width(sign, True) > 0 for sign in shown if sign != "\n")
