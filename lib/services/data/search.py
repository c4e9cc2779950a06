"""Finding cases by what somebody has at hand: a number, some digits of a phone, a name, a sound, a place, a word.

Words are separated by spaces, and a case must fit all of them. A word of digits fits the end of a case number, a phone,
or the texts. What of a case a person sees masked, such as the client's name and room, finds nothing for her; the phone
does with the last four digits, which the mask shows, and with the whole number, so that none is guessed digit by digit.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.extras import extras_of
from lib.domain.records.fields import within
from lib.domain.rules.permissions import Actor
from lib.domain.text import phones
from lib.domain.text.cleaning import folded
from lib.domain.text.places import Home, community, sought
from lib.services.data.pinyin import sounds
from lib.store.commit.loop import Committer
from lib.store.snapshot.incremental import Kept, TableDelta
from lib.store.snapshot.snapshot import Table

Mask = np.ndarray[Any, np.dtype[np.bool_]]
PHONE_DIGITS = 3  # fewer say nothing about a phone
RANKED = 2000  # of more hits only the newest are ranked
_REMEMBERED = 64
_NOT_DIGIT = re.compile("[^0-9]")
_PHONE = re.compile(r"[+0-9().\-\s]{7,}")
_COUNTRY = re.compile("^(?:00)?86(?=1[3-9][0-9]{9}$)")
_EXTENSION = re.compile("^(1[0-9]{10}|0[0-9]{2,3}-[0-9]{5,8}|[48]00-[0-9]{3}-[0-9]{4})-[0-9]{1,6}$")


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What can be found of one case, folded: see `folded`. `whole` are the digits that count as its whole phone.

    `name`, `name_sound` and `rooms` (the places with the room) are a client's personal data.
    """

    number: str
    phone: str
    whole: tuple[str, ...]
    text: str
    sound: str
    home: Home
    name: str
    name_sound: str
    rooms: str


@dataclass(frozen=True, eq=False)
class Index:
    """One entry for each record of a table, in its order, and the latest answers."""

    entries: tuple[IndexEntry, ...]
    answers: OrderedDict[tuple[str, str], Mask] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)


def search(desk: Desk, text: str, *, actor: Actor, limit: int = 20) -> list[str]:
    """Numbers of the cases that fit, the best first, of those the actor may see. Nothing for an empty text."""
    table = desk.snapshot[Case]
    words = _words(text)
    if not words:
        return []
    records = list(table.records.values())
    newest = np.flatnonzero(_mask(desk, table, text, actor))[::-1][:RANKED]
    seen = [at for at in newest.tolist() if actor.may("case.view", records[at])]
    index = _index(desk, table)
    said = [*words, phone] if (phone := _phone(desk, text)) else words
    best = sorted(seen, key=lambda at: _rank(records[at], index.entries[at], said, actor))
    return [records[at].case_no for at in best[:limit]]


def mask(desk: Desk, text: str, *, actor: Actor) -> Mask:
    """Which rows of the case table (and so of `case_frame`) fit; all of them for an empty text.

    What the actor may see at all is not asked here: a page narrows its frame to that first.
    """
    table = desk.snapshot[Case]
    return _mask(desk, table, text, actor)


def _phone(desk: Desk, text: str) -> str:
    """The digits of a text that the intake form would take as a phone, without the extension; else nothing."""
    phone, bad = clean_phone(desk, text)
    return "" if bad else _NOT_DIGIT.sub("", phones.main(phone))


def _words(text: str) -> list[str]:
    """The words to find; a phone written in groups is one word."""
    digits = phones.plain(text)
    return ["".join(digits.split())] if _PHONE.fullmatch(digits) else folded(text).split()


def _mask(desk: Desk, table: Table[Case], text: str, actor: Actor) -> Mask:
    index = _index(desk, table)
    found: Mask = np.ones(len(index.entries), dtype=bool)
    for word in _words(text):
        personal = _seen(table, _answer(index, "personal", word), actor)
        found &= _answer(index, "texts", word) | personal | _by_phone(index, table, word, actor)
    phone = _phone(desk, text)
    return found | _by_phone(index, table, phone, actor) if phone else found


def _seen(table: Table[Case], part: Mask, actor: Actor) -> Mask:
    """Of these rows, the ones whose client the actor sees."""
    if actor.may_everywhere("personal.view") or not part.any():
        return part
    records, allowed = list(table.records.values()), np.zeros(len(part), dtype=bool)
    for at in np.flatnonzero(part).tolist():
        allowed[at] = actor.may("personal.view", records[at])
    return allowed


def _by_phone(index: Index, table: Table[Case], word: str, actor: Actor) -> Mask:
    digits = _digits(word)
    if len(digits) < PHONE_DIGITS:
        return np.zeros(len(index.entries), dtype=bool)
    part = _answer(index, "phones", digits)
    if actor.may_everywhere("personal.view") or not part.any():
        return part
    allowed: Mask = np.zeros(len(part), dtype=bool)
    records = list(table.records.values())
    for at in np.flatnonzero(part).tolist():
        whole = index.entries[at].whole
        ends = any(form == digits or form[-4:] == digits for form in whole)
        allowed[at] = ends or actor.may("personal.view", records[at])
    return allowed


def _answer(index: Index, where: str, word: str) -> Mask:
    """The rows that fit a word, remembered until the table changes."""
    with index.lock:
        if (where, word) in index.answers:
            index.answers.move_to_end((where, word))
            return index.answers[where, word]
    fits = {"texts": _by_texts, "personal": _by_personal, "phones": _by_digits}[where]
    found: Mask = np.fromiter(fits(index.entries, word), dtype=bool, count=len(index.entries))
    with index.lock:
        index.answers[where, word] = found
        while len(index.answers) > _REMEMBERED:
            index.answers.popitem(last=False)
    return found


def _by_texts(entries: Sequence[IndexEntry], word: str) -> Iterable[bool]:
    place = sought(word)
    if place is not None:
        lies = (not place.room and entry.home.holds(place) for entry in entries)
        return [word in entry.text or word in entry.number or there for entry, there in zip(entries, lies, strict=True)]
    if word.isascii() and word.isdigit():
        return [entry.number.endswith(word) or word in entry.text for entry in entries]
    if word.isascii():
        start = f"\n{word}"
        return [word in entry.number or word in entry.text or start in entry.sound for entry in entries]
    estate = community(word) or word
    return [word in entry.text or estate in entry.home.community for entry in entries]


def _by_personal(entries: Sequence[IndexEntry], word: str) -> Iterable[bool]:
    place, start = sought(word), f"\n{word}"
    in_room = place if place is not None and place.room else None
    return [
        word in entry.name
        or word in entry.rooms
        or (word.isascii() and start in entry.name_sound)
        or (in_room is not None and entry.home.holds(in_room))
        for entry in entries
    ]


def _by_digits(entries: Sequence[IndexEntry], digits: str) -> Iterable[bool]:
    return [digits in entry.phone for entry in entries]


def _digits(word: str) -> str:
    """The digits of a word that is written like a phone, without the country's code; else nothing."""
    digits = _NOT_DIGIT.sub("", word) if re.fullmatch(r"[+0-9().\-]+", word) else ""
    return _COUNTRY.sub("", digits)


def _whole(phone: str) -> tuple[str, ...]:
    """The digits of a phone that count as the whole of it: with and without its extension and the trunk's 0."""
    forms = [_NOT_DIGIT.sub("", form) for form in (phone, _EXTENSION.sub(r"\1", phone))]
    return tuple(form for digits in forms if digits for form in (digits, digits.removeprefix("0")))


def _rank(case: Case, entry: IndexEntry, words: Sequence[str], actor: Actor) -> tuple[int, bool, float]:
    """Best first: the very number, the phone, the name, its beginning, its sound, any text; then open, then newest.

    A client whom the actor sees masked stands where her name puts nobody.
    """
    sees = actor.may("personal.view", case)
    best = min(_closeness(case, entry, word, sees=sees) for word in words)
    return best, case.closed_at is not None, -case.taken_at.timestamp()


def _closeness(case: Case, entry: IndexEntry, word: str, *, sees: bool) -> int:
    name, digits = entry.name if sees else "", _digits(word)
    same_number = digits and entry.number.rpartition("-")[2].lstrip("0") == digits.lstrip("0")
    ends = len(digits) == 4 or (sees and len(digits) > 4)
    degrees = (
        word == entry.number or bool(same_number),
        digits in entry.whole,
        word == name,
        entry.number.endswith(word) or (ends and entry.phone.endswith(digits)),
        name.startswith(word) or (sees and f"\n{word}" in entry.name_sound),
        word in name or word in folded(case.community),
        word in folded(case.title),
    )
    return next((degree for degree, holds in enumerate(degrees) if holds), len(degrees))


_KEPT: WeakKeyDictionary[Committer, Kept[Case, Index]] = WeakKeyDictionary()


def _index(desk: Desk, table: Table[Case]) -> Index:
    kept = _KEPT.get(desk.committer)
    if kept is None:
        kept = _KEPT.setdefault(desk.committer, Kept(_made, _mended))
    return kept.of(table)


def _made(records: Sequence[Case]) -> Index:
    return Index(tuple(_entry(case) for case in records))


def _mended(index: Index, step: TableDelta[Case]) -> Index:
    entries = [*index.entries, *(_entry(case) for case in step.added)]
    for at, (_, case) in step.edited.items():
        entries[at] = _entry(case)
    return Index(tuple(entries))


def _entry(case: Case) -> IndexEntry:
    name, estate, building, unit, room = (
        within(case, field) for field in ("client_name", "community", "building", "unit", "room")
    )
    place = (estate, building, unit)
    rooms = f"{' '.join(part for part in (*place, room) if part)}\n{''.join(place)}{room}" if room else ""
    extras = map(str, extras_of(case).values())
    short = (" ".join(place), "".join(place), within(case, "title"), within(case, "source_ref"))
    text = "\n".join((*short, case.description, *extras))
    return IndexEntry(
        number=folded(case.case_no),
        phone=_NOT_DIGIT.sub("", case.client_phone),
        whole=_whole(case.client_phone),
        text=folded(text),
        sound=sounds(estate),
        home=case.home,
        name=folded(name),
        name_sound=sounds(name, person=True),
        rooms=folded(rooms),
    )
