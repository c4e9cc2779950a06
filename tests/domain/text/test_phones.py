import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from lib.domain.text.phones import PATTERN, BadPhone, digits, last4, mask, normalise

HOTLINES = frozenset({"12345", "96xxx"})


class Contact(BaseModel):
    phone: str = Field(pattern=PATTERN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13800138000", "13800138000"),
        (" 138 0013 8000 ", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("\u202d+86 138 0013 8000\u202c", "13800138000"),
        ("(+86)13800138000", "13800138000"),
        ("＋８６－１３８００１３８０００", "13800138000"),
        ("008613800138000", "13800138000"),
        ("86-13800138000", "13800138000"),
        ("013800138000", "13800138000"),
        ("17951 13800138000", "13800138000"),
        ("13800138000转1234", "13800138000-1234"),
        ("021-61234567", "021-61234567"),
        ("02161234567", "021-61234567"),
        ("（021）6123－4567", "021-61234567"),
        ("+86 21 6123 4567", "021-61234567"),
        ("+86 (0)21 6123 4567", "021-61234567"),
        ("0310 3123456", "0310-3123456"),
        ("0571—8888 8888", "0571-88888888"),
        ("021-61234567转801", "021-61234567-801"),
        ("021-61234567 分机:801", "021-61234567-801"),
        ("021-61234567 ext. 801", "021-61234567-801"),
        ("021-61234567 x801", "021-61234567-801"),
        ("021-61234567-801", "021-61234567-801"),
        ("(021) 6123 4567-801", "021-61234567-801"),
        ("86-21-61234567-801", "021-61234567-801"),
        ("0310-3123456-8", "0310-3123456-8"),
        ("021-962288", "021-962288"),
        ("4001234567", "400-123-4567"),
        ("400 123 4567", "400-123-4567"),
        ("+86 400-123-4567", "400-123-4567"),
        ("400-123-4567 转 2", "400-123-4567-2"),
        ("8008201234", "800-820-1234"),
        ("+852 9123 4567", "+85291234567"),
        ("00852-91234567", "+85291234567"),
        ("+1 (212) 555-1234", "+12125551234"),
        ("+1 212 555 1234 ext 12", "+12125551234-12"),
        ("12345", "12345"),
        ("９６１１０", "96110"),
    ],
)
def test_numbers_as_people_write_them(text: str, expected: str) -> None:
    assert normalise(text, hotlines=HOTLINES) == expected
    assert normalise(expected, hotlines=HOTLINES) == expected
    assert re.fullmatch(PATTERN, expected)
    assert Contact(phone=expected).phone == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \u3000\u200b", "empty"),
        ("-", "not_a_number"),
        ("不详", "not_a_number"),
        ("400-FLOWERS", "not_a_number"),
        ("138+0013+8000", "not_a_number"),
        ("13800138000/13900139000", "several_numbers"),
        ("021-61234567、13900139000", "several_numbers"),
        ("1380013800", "too_short"),
        ("1234", "too_short"),
        ("96119", "too_short"),
        ("138001380001", "too_long"),
        ("021-61234567890123456789", "too_long"),
        ("61234567", "no_area_code"),
        ("0310-31234567", "unknown_area"),
        ("12012345678", "unknown_range"),
        ("+1 212 555", "too_short"),
        ("+999 1234567", "unknown_country"),
        ("12345转6", "too_long"),
    ],
)
def test_what_is_wrong_is_said(text: str, reason: str) -> None:
    with pytest.raises(BadPhone) as caught:
        normalise(text, hotlines=frozenset({"12345"}))
    assert (caught.value.text, caught.value.reason) == (text, reason)


def test_other_regions_use_e164() -> None:
    assert normalise("9123 4567", region="HK") == "+85291234567"
    assert normalise("+86 138 0013 8000", region="HK") == "+8613800138000"
    assert normalise("+8613800138000", region="HK") == "+8613800138000"


SEPARATORS = st.sampled_from(["", "-", " ", "－"])
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
LANDLINES = st.tuples(
    st.sampled_from(["010", "021", "0310", "0571", "0755", "0898", "0998"]),
    SEPARATORS,
    st.from_regex(r"[2-8][0-9]{6,7}", fullmatch=True),
).map("".join)
SERVICE = st.from_regex(r"[48]00-?[0-9]{3}-?[0-9]{4}", fullmatch=True)
FOREIGN = st.from_regex(r"\+(852|1|49|81|39|7)[0-9]{5,11}", fullmatch=True)
EXTENSIONS = st.one_of(st.just(""), st.from_regex(r"(转|-| ext )[0-9]{1,6}", fullmatch=True))
WRITTEN = st.tuples(st.one_of(MOBILES, LANDLINES, SERVICE, FOREIGN), EXTENSIONS).map("".join)


@given(st.one_of(WRITTEN, st.from_regex(r"\+?[0-9][0-9 \-]{2,18}", fullmatch=True)))
@example("0310-3123456-8")
@example("0755-8123456-7")
@example("+49301234-567")
@example("12345-678")
def test_normalising_again_changes_nothing(text: str) -> None:
    try:
        canonical = normalise(text, hotlines=HOTLINES)
    except BadPhone:
        assume(False)
    assert normalise(canonical, hotlines=HOTLINES) == canonical
    assert re.fullmatch(PATTERN, canonical)
    assert Contact(phone=canonical).phone == canonical
    assert digits(canonical)[-2:] == digits(text)[-2:]


@given(MOBILES, st.sampled_from(["", "+86", "0086", "86", "+86-"]))
def test_every_mobile_is_known_with_and_without_prefix(mobile: str, prefix: str) -> None:
    assert normalise(prefix + mobile) == mobile
    assert normalise(f"{mobile[:3]} {mobile[3:7]}-{mobile[7:]}") == mobile


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        result, pattern = normalise(text), PATTERN
    except BadPhone as bad:
        result, pattern = bad.text, re.escape(text)
    assert re.fullmatch(pattern, result)


@pytest.mark.parametrize(
    ("phone", "last", "masked"),
    [
        ("13800138000", "8000", "138****8000"),
        ("13812345678-1234", "5678", "138****5678-****"),
        ("021-61234567", "4567", "021-****4567"),
        ("021-61234567-801", "4567", "021-****4567-***"),
        ("0310-3123456", "3456", "0310-***3456"),
        ("400-123-4567", "4567", "400-***-4567"),
        ("+85291234567", "4567", "+852****4567"),
        ("12345", "2345", "12345"),
    ],
)
def test_last_four_and_mask(phone: str, last: str, masked: str) -> None:
    assert last4(phone) == last
    assert mask(phone) == masked


def test_masking_rubbish_shows_little() -> None:
    assert mask("电话 138 0013 8000 王") == "电话 *** **** **00 王"
    assert mask("１３８００１３８０００/1") == "**********０/1"


@given(MOBILES)
def test_a_mask_hides_the_middle(mobile: str) -> None:
    assert mask(mobile) == f"{mobile[:3]}****{mobile[-4:]}"


def test_digits_are_ascii() -> None:
    assert digits("电话：０２１-6123 4567 转 ８") == "021612345678"
