"""Telephone numbers as people write them, brought to one canonical text.

Canonical forms: mainland mobile 13800138000, landline 021-61234567, service number 400-123-4567, each with
an optional extension (021-61234567-801); foreign numbers in E.164 (+85291234567); configured short hotlines
as they are (12345).
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from typing import Literal

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from lib.domain.text import cleaning

Reason = Literal[
    "empty",
    "not_a_number",
    "several_numbers",
    "too_short",
    "too_long",
    "no_area_code",
    "unknown_area",
    "unknown_range",
    "unknown_country",
]

_MAIN = r"1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{5,8}|[48]00-[0-9]{3}-[0-9]{4}|\+[1-9][0-9]{5,14}"

# [0-9] and not \d, which in pydantic-core's regular expressions is any Unicode digit. In Python use
# re.fullmatch.
PATTERN = rf"^(?:(?:{_MAIN})(?:-[0-9]{{1,6}})?|[0-9]{{3,6}})$"

_CANONICAL = re.compile(PATTERN)
_WITH_EXTENSION = re.compile(rf"({_MAIN})-([0-9]{{1,6}})")
_MARKED_EXTENSION = re.compile(
    r"(.*?)[,;\s]*(?:转接|转|轉|分机号?|内线|extension|ext|x|#)[.:\s]*([0-9]{1,6})", re.IGNORECASE
)
_LAST_GROUP = re.compile(r"(.*[0-9)])\s*-\s*([0-9]{1,6})")
_SEVERAL = re.compile(r"[0-9]{5,}\)?\s*[/、,;|或和]\s*[+(]?[0-9]{3,}")
_DASHES = re.compile("[\u30fc\u4e00~_]")
_SEPARATORS = re.compile(r"[\s().\-]+")
_NUMBER = re.compile(r"\+?[0-9]+")
_MOBILE = re.compile(r"(?:\+86|0086|86|0)?(1[3-9][0-9]{9})")
_SERVICE = re.compile(r"(?:\+86|0086|86)?([48]00)([0-9]{3})([0-9]{4})")
# Beijing and the codes beginning with 2 have two digits after the 0, all others three.
_AREA = re.compile(r"(10|2[0-9]|[3-9][0-9]{2})([0-9]{5,8})")
_HOTLINE = re.compile(r"[0-9]{3,6}")

_PARSE_REASONS: dict[int, Reason] = {
    NumberParseException.INVALID_COUNTRY_CODE: "unknown_country",
    NumberParseException.NOT_A_NUMBER: "not_a_number",
    NumberParseException.TOO_SHORT_AFTER_IDD: "too_short",
    NumberParseException.TOO_SHORT_NSN: "too_short",
    NumberParseException.TOO_LONG: "too_long",
}
_LENGTH_REASONS: dict[int, Reason] = {
    ValidationResult.INVALID_COUNTRY_CODE: "unknown_country",
    ValidationResult.TOO_SHORT: "too_short",
    ValidationResult.INVALID_LENGTH: "too_short",
    ValidationResult.TOO_LONG: "too_long",
}


class BadPhone(ValueError):
    """A text that is no telephone number; `text` as it was given."""

    def __init__(self, text: str, reason: Reason) -> None:
        super().__init__(f"not a telephone number ({reason}): {text!r}")
        self.text = text
        self.reason = reason


def normalise(text: str, *, region: str = "CN", hotlines: AbstractSet[str] = frozenset()) -> str:
    """The canonical form; already canonical texts come back unchanged. Raises BadPhone.

    Numbers without a country code are read as those of `region` (ISO 3166); mainland numbers have their
    national form only where the region is CN, elsewhere E.164. In `hotlines` (3 to 6 digits) an x is any
    digit: 96xxx.
    """
    cleaned = plain(text)
    if not cleaned:
        raise BadPhone(text, "empty")
    # The canonical extension is tried first: 0310-3123456-8 must not turn into an eight-digit number when
    # read again.
    if split := _WITH_EXTENSION.fullmatch(cleaned):
        try:
            return _join(text, split, region, hotlines)
        except BadPhone:
            pass
    if split := _MARKED_EXTENSION.fullmatch(cleaned):
        return _join(text, split, region, hotlines)
    try:
        return _canonical(text, cleaned, region, hotlines)
    except BadPhone as whole:
        if split := _LAST_GROUP.fullmatch(cleaned):
            try:
                return _join(text, split, region, hotlines)
            except BadPhone:
                raise whole from None
        raise


def digits(text: str) -> str:
    """The ASCII digits of a text, full-width ones included."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text))


def main(phone: str) -> str:
    """A canonical number without its extension."""
    return _split(phone)[0]


def last4(phone: str) -> str:
    """The last four digits without the extension, as a client names them when tracking a case."""
    return digits(main(phone))[-4:]


def mask(phone: str) -> str:
    """138****8000, 021-****4567, +852****4567: the last four digits stay, the four before them go; the area too stays.

    Short hotlines belong to an office and stay as they are. Of anything else than a canonical number only
    the last two digits stay.
    """
    if _HOTLINE.fullmatch(phone):
        return phone
    if not _CANONICAL.fullmatch(phone):
        return _starred(phone, len(digits(phone)), 2)
    main, extension = _split(phone)
    kept = 4 if len(digits(main)) > 8 else 2
    area, dash, number = main.partition("-") if "-" in main else ("", "", main)
    stars = f"-{'*' * len(extension)}" if extension else ""
    return f"{area}{dash}{_starred(number, kept + 4, kept)}{stars}"


def _starred(text: str, hidden_from: int, kept: int) -> str:
    """Digits counted from the end: those after the first `kept` up to `hidden_from` become stars."""
    seen, out = 0, []
    for char in reversed(text):
        if unicodedata.normalize("NFKC", char).isdigit():
            seen += 1
            out.append("*" if kept < seen <= hidden_from else char)
        else:
            out.append(char)
    return "".join(reversed(out))


def _split(phone: str) -> tuple[str, str]:
    match = _WITH_EXTENSION.fullmatch(phone)
    return (match[1], match[2]) if match else (phone, "")


def plain(text: str) -> str:
    """Cleaned as every text is; what stands for a dash between digits is one."""
    return _DASHES.sub("-", cleaning.plain(text))


def _join(text: str, split: re.Match[str], region: str, hotlines: AbstractSet[str]) -> str:
    main = _canonical(text, split[1], region, hotlines)
    if _HOTLINE.fullmatch(main):
        raise BadPhone(text, "too_long")
    return f"{main}-{split[2]}"


def _canonical(text: str, cleaned: str, region: str, hotlines: AbstractSet[str]) -> str:
    number = _SEPARATORS.sub("", cleaned)
    if not _NUMBER.fullmatch(number):
        raise BadPhone(text, "several_numbers" if _SEVERAL.search(cleaned) else "not_a_number")
    if _HOTLINE.fullmatch(number) and any(_is_hotline(number, pattern) for pattern in hotlines):
        return number
    if region == "CN":
        # By shape, because new mobile ranges are opened faster than the package's tables follow.
        if mobile := _MOBILE.fullmatch(number):
            return mobile[1]
        if service := _SERVICE.fullmatch(number):
            return "-".join(service.groups())
    return _looked_up(text, number, region)


def _is_hotline(number: str, pattern: str) -> bool:
    if len(number) != len(pattern):
        return False
    return all(wanted in ("x", "X", digit) for digit, wanted in zip(number, pattern, strict=True))


def _looked_up(text: str, number: str, region: str) -> str:
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException as error:
        raise BadPhone(text, _PARSE_REASONS[error.error_type]) from error
    national = phonenumbers.national_significant_number(parsed)
    mainland = region == "CN" and parsed.country_code == 86
    if not phonenumbers.is_valid_number(parsed):
        raise BadPhone(text, _mainland_reason(national) if mainland else _foreign_reason(parsed))
    if not mainland:
        return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return _mainland(text, national)


def _mainland(text: str, national: str) -> str:
    if _MOBILE.fullmatch(national):
        return national
    if service := _SERVICE.fullmatch(national):
        return "-".join(service.groups())
    if landline := _AREA.fullmatch(national):
        return f"0{landline[1]}-{landline[2]}"
    raise BadPhone(text, "unknown_range")


def _foreign_reason(parsed: phonenumbers.PhoneNumber) -> Reason:
    length = phonenumbers.is_possible_number_with_reason(parsed)
    return _LENGTH_REASONS.get(length, "unknown_range")


def _mainland_reason(national: str) -> Reason:
    """More telling than the package, for which 7 to 12 digits are all possible."""
    length = len(national)
    if national[0] == "1" and national[1:2] != "0":
        return "unknown_range" if length == 11 else "too_short" if length < 11 else "too_long"
    if length < 7:
        return "too_short"
    if length <= 8:
        return "no_area_code"
    return "too_long" if length > 11 else "unknown_area"
