"""Places as people write them, brought to one form: 3栋, ３栋, 3号楼 and 3幢 are one building, 1201室 is room 1201, and
阳光花园小区 is 阳光花园. The form is for comparing; what people typed is what is shown."""

import re
from functools import lru_cache
from typing import NamedTuple

from lib.domain.text.cleaning import folded

_BUILDING, _UNIT = "号楼|號樓|楼栋|栋|棟|幢|座|#楼|#", "单元|單元|门|門|梯"
_ROOM, _FLOOR = "号房|房间|室|房|户", "层|層|楼|樓"
_COUNTED = re.compile(rf"([〇零一二两三四五六七八九十百]+)(?={_BUILDING}|{_UNIT}|{_ROOM}|{_FLOOR}|号|期|区|$)")
_TOKEN = re.compile(rf"第?([0-9a-z]+)({_BUILDING}|{_UNIT}|{_ROOM}|{_FLOOR}|号|號)?-*")
_ENGLISH = (
    (re.compile(r"\b(?:building|bldg|block|blk|tower)\b[.\s]*(?:no\b[.\s]*)?([0-9]+[a-z]?|[a-z])\b"), r" \1栋 "),
    (re.compile(r"\b(?:unit|entrance)\b[.\s]*([0-9]+[a-z]?|[a-z])\b"), r" \1单元 "),
    (re.compile(r"\b(?:room|rm|apartment|apt|flat)\b[.\s]*(?:no\b[.\s]*)?([0-9a-z]+)\b"), r" \1室 "),
)
_TAIL = re.compile(rf"(.*[^0-9a-z第-])(第?[0-9]+[a-z]?(?:{_BUILDING}).*|第?[a-z](?:{_BUILDING}).*)")
_ESTATE = re.compile(r"(?<=..)(?:住宅小区|住宅区|小区|社区|小區|社區)$")
_DIGITS = {char: value for value, chars in enumerate(("〇零", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
           for char in chars}  # fmt: skip
LONGEST = 200
"""Characters of a field that are looked at: whatever is longer is no place."""


class Home(NamedTuple):
    """A place in its one form; "" for what is not said."""

    community: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""

    @property
    def known(self) -> bool:
        """Whether it says one home: community and room."""
        return bool(self.community and self.room)

    def is_same(self, other: "Home") -> bool:
        """The same home. A unit that only one of them names makes no difference: many leave it out."""
        units = {self.unit, other.unit} - {""}
        return self.known and self._replace(unit="") == other._replace(unit="") and len(units) < 2

    def holds(self, wanted: "Home") -> bool:
        """Whether it lies in a place that names less: part of the community's name, or only the building."""
        named = zip(wanted[1:], self[1:], strict=True)
        return wanted.community in self.community and all(part in ("", own) for part, own in named)


@lru_cache(maxsize=100_000)
def home(community: str, building: str = "", unit: str = "", room: str = "") -> Home:
    """The one form of a place as it stands in the fields of a case, also where one field holds what belongs to another:
    a room 3栋1201, a community 阳光花园3栋."""
    estate, tail = _apart(community)
    found = _Parts()
    for text, usual in ((building, "building"), (unit, "unit"), (tail, "room"), (room, "room")):
        found.read(_squeezed(text), usual)
    return Home(_named(estate), found.building, found.unit, found.room)


def community(text: str) -> str:
    """The one form of a community's name."""
    return home(text).community


@lru_cache(maxsize=1024)
def sought(word: str) -> Home | None:
    """The place that a word to search for names, such as 3号楼, 阳光花园3栋1201, 阳光花园小区 or 3-1201; None where it
    is no place."""
    squeezed = _squeezed(word)
    if re.fullmatch("[0-9]{1,3}(-[0-9a-z]+){1,2}", squeezed) or _TAIL.fullmatch(squeezed) or _starts(squeezed):
        estate, tail = _apart(word)
        found = home(estate, room=tail) if tail else home("", room=word)
        return found if any(found) else None
    return Home(_named(squeezed)) if _ESTATE.search(squeezed) else None


def _starts(text: str) -> bool:
    """Whether a text begins with a building, a unit or a room that says what it is."""
    first = _TOKEN.match(text)
    return first is not None and bool(first[2]) and first[2] not in ("号", "號", "门", "門", "户", "#")


def _apart(text: str) -> tuple[str, str]:
    """A community and the building that stands behind it in the same field."""
    squeezed = _squeezed(text)
    split = _TAIL.fullmatch(squeezed)
    return (split[1], split[2]) if split else (squeezed, "")


@lru_cache(maxsize=100_000)
def _squeezed(text: str) -> str:
    """Cleaned, English words for parts of a place in Chinese, numerals as digits, and without spaces."""
    clean = folded(text[:LONGEST])
    for pattern, chinese in _ENGLISH:
        clean = pattern.sub(chinese, clean)
    return _COUNTED.sub(_counted, "".join(clean.split()))


def _named(estate: str) -> str:
    """A community's name without punctuation and without the word that says that it is one."""
    return _ESTATE.sub("", re.sub(r"[\W_]+", "", estate))


def _counted(match: re.Match[str]) -> str:
    """十二 is 12, 一二〇一 is 1201."""
    text = match[1]
    if not set(text) & {"十", "百"}:
        return "".join(str(_DIGITS[char]) for char in text)
    total = last = 0
    for char in text:
        if char in _DIGITS:
            last = _DIGITS[char]
        else:
            total += (last or 1) * (10 if char == "十" else 100)
            last = 0
    return str(total + last)


class _Parts:
    """Building, unit and room, gathered field by field; the first one said of each counts."""

    def __init__(self) -> None:
        self.building = self.unit = self.room = ""

    def read(self, text: str, usual: str) -> None:
        """Take in a field whose parts are of the `usual` sort unless they say something else."""
        found = [(match[1].lstrip("0") or match[1], match[2] or "") for match in _TOKEN.finditer(text)]
        rest = re.sub(r"[\W_]+", "", _TOKEN.sub("", text))
        bare: list[str] = []
        for value, word in found:
            if word and re.fullmatch(_UNIT, word):
                self._take("unit", value, bare)
            elif word and re.fullmatch(_BUILDING, word):
                self._take("building", value, bare)
            else:
                bare.append(value)
        self._place(bare, usual)
        if rest:
            setattr(self, usual, getattr(self, usual) + rest)

    def _take(self, part: str, value: str, bare: list[str]) -> None:
        if getattr(self, part):
            bare.append(value)
        else:
            setattr(self, part, value)

    def _place(self, bare: list[str], usual: str) -> None:
        """Numbers that do not say what they are: 3-2-1201 in a field of rooms is building, unit and room."""
        order = {"building": ("building", "unit", "room"), "unit": ("unit", "room"), "room": ("room",)}[usual]
        if usual == "room":
            before = [part for part in ("building", "unit") if not getattr(self, part)]
            order = (*before[: max(len(bare) - 1, 0)], "room")
        for place, value in enumerate(bare):
            part = order[min(place, len(order) - 1)]
            own = getattr(self, part)
            setattr(self, part, f"{own}-{value}" if own else value)
