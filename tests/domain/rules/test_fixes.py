"""What a wrong cell probably means."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.rules import fixes
from lib.domain.rules.fixes import Fix
from lib.domain.text.cleaning import tidy

CHANNELS = [
    ("hotline", "hotline"), ("热线电话", "hotline"), ("Hotline", "hotline"),
    ("wechat", "wechat"), ("微信", "wechat"), ("WeChat", "wechat"),
    ("walk_in", "walk_in"), ("到店", "walk_in"), ("Walk-in", "walk_in"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("热线电话", Fix("hotline")),
        (" WECHAT ", Fix("wechat")),
        ("ＷｅＣｈａｔ", Fix("wechat")),
        ("wech\u200bat", Fix("wechat")),
        ("hotlin", Fix("hotline", "likely")),
        ("热线", Fix("hotline", "likely")),
        ("微信公众号", Fix("wechat", "likely")),
        ("walkin", Fix("walk_in", "likely")),
        ("鸽子", None),
        ("", None),
        ("   ", None),
    ],
)
def test_a_choice_by_label_code_or_likeness(text: str, fix: Fix | None) -> None:
    assert fixes.choice(text, CHANNELS) == fix


def test_a_text_between_two_choices_means_neither() -> None:
    options = [("漏水一号", "one"), ("漏水二号", "two")]
    assert fixes.choice("漏水三号", options) is None
    assert fixes.choice("漏水", options) is None


def test_a_name_that_two_people_have_means_neither() -> None:
    assert fixes.choice("王芳", [("王芳", "wang1"), ("王芳", "wang2"), ("wang1", "wang1")]) is None


def test_a_list_without_entries_suggests_nothing() -> None:
    assert fixes.choice("x", []) is None


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("138 0013 8001", Fix("13800138001")),
        ("+86 13800138001", Fix("13800138001")),
        ("王先生 13800138001", Fix("13800138001", "likely")),
        ("13800138001（晚上打）", Fix("13800138001", "likely")),
        ("13800138001 / 13900139001", None),
        ("王先生", None),
        ("0100-12345678", None),
    ],
)
def test_a_telephone_number(text: str, fix: Fix | None) -> None:
    assert fixes.phone(text) == fix


@pytest.mark.trial(4)
@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("2026年3月2日 9:30", Fix("2026-03-02T09:30:00+08:00")),
        ("2026年3月2日", Fix("2026-03-02T00:00:00+08:00", "likely")),
        ("2026-03-02 14:00-15:00", Fix("2026-03-02T14:00:00+08:00", "likely")),
        ("26年3月2日 9:30", Fix("2026-03-02T09:30:00+08:00", "likely")),
        ("26/03/02 9:30", None),
        ("2026-03-02 13:00 AM", None),
        ("下周三下午", None),
    ],
)
def test_a_moment_is_sure_only_where_nothing_was_supposed(text: str, fix: Fix | None) -> None:
    assert fixes.moment(text, ZoneInfo("Asia/Shanghai")) == fix


@pytest.mark.trial(4)
def test_a_day_of_a_two_digit_year_is_likely() -> None:
    assert fixes.day("2026年3月2日") == Fix("2026-03-02")
    assert fixes.day("26年3月2日") == Fix("2026-03-02", "likely")
    assert fixes.day("26/03/02") is None


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("15套", Fix(15)), ("１５", Fix(15)), ("1,200 元", Fix(1200)), ("¥1,234.50", Fix(1234.5)), ("3万", Fix(30_000)),
        ("1.5万元", Fix(15_000)), ("约 20 天", Fix(20, "likely")),
        ("3万多", Fix(30_000, "likely")), ("15天以上", Fix(15, "likely")), ("-3", Fix(-3)), ("5.0", Fix(5)),
        ("十", Fix(10)), ("十五个", Fix(15)), ("二十", Fix(20)), ("两百零三", Fix(203)), ("一百五", Fix(150)),
        ("一千零五", Fix(1005)), ("一千零五十", Fix(1050)), ("三万五", Fix(35_000)), ("一万二千", Fix(12_000)),
        ("两亿", Fix(200_000_000)), ("二〇二六", Fix(2026)), ("零", Fix(0)), ("约三天", Fix(3, "likely")),
        ("twelve", Fix(12)), ("Twenty-five", Fix(25)),
        ("二三十", None), ("1,2,3", None), ("12/3", None), ("3-5", None), ("twenty ten", None), ("很多", None),
        ("", None), ("1.2.3", None), ("12 和 13", None),
    ],
)  # fmt: skip
def test_a_number_in_words_or_with_a_unit(text: str, fix: Fix | None) -> None:
    assert fixes.number(text) == fix


def _in_chinese(number: int) -> str:
    """A number below 10,000 as it is written out in full."""
    digits, units = "零一二三四五六七八九", ("千", "百", "十", "")
    written, zero = "", False
    for digit, unit in zip(map(int, f"{number:04d}"), units, strict=True):
        if digit:
            written += ("零" if zero and written else "") + digits[digit] + unit
            zero = False
        else:
            zero = True
    return written or "零"


@given(st.integers(0, 9999))
def test_every_number_written_out_in_chinese_is_read_back(number: int) -> None:
    assert fixes.number(_in_chinese(number)) == Fix(number)


@pytest.mark.parametrize("word", ["是", " YES ", "对", "√", "在职", "1"])
def test_words_for_yes(word: str) -> None:
    assert fixes.flag(word) == Fix(True)


@pytest.mark.parametrize("word", ["否", "no", "×", "没有", "离职", "0"])
def test_words_for_no(word: str) -> None:
    assert fixes.flag(word) == Fix(False)


def test_a_word_for_neither() -> None:
    assert fixes.flag("也许") is None


@pytest.mark.parametrize(
    ("cell", "fix"),
    [(" ＴＳ－1 ", Fix("TS-1")), (138.0, Fix("138")), (1.5, Fix("1.5")), ("fine", None), ("  ", None)],
)
def test_text_is_trimmed(cell: str | float, fix: Fix | None) -> None:
    assert fixes.text(cell) == fix


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    for rule in (fixes.phone, fixes.number, fixes.flag, fixes.text):
        fix = rule(text)
        assert fix is None or fix.cell is not None
    found = fixes.choice(text, CHANNELS)
    assert found is None or found.cell in {code for _, code in CHANNELS}
