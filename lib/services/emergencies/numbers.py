"""The numbers that a client is told to call: those known everywhere, and the local ones that the workspace sets.

A local number is a setting `number:KEY:PLACE`; the place is a community, a branch, or nothing for everywhere.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.dangers.config import Danger, fill
from lib.domain.records.workspace import Setting
from lib.domain.rules.permissions import Actor
from lib.domain.text.cleaning import plain
from lib.errors import InvalidFields, NotFound, Problem
from lib.store.commit.batch import Receipt, create, edit, remove
from lib.store.snapshot.snapshot import Table

PREFIX = "number:"
OWN = "emergency_phone"
"""The key of the agency's own emergency telephone."""
PLACE_LIMIT = 80  # characters
_NUMBER = re.compile(r"\+?[0-9]{3,6}|\+?[0-9][0-9 -]{5,22}[0-9]")


@dataclass(frozen=True, slots=True)
class Advice:
    """What a client is told at once: the words, the numbers as (name, number), the agency's own number last; and what
    is said where a local number is not set."""

    text: str
    numbers: tuple[tuple[str, str], ...]
    unknown: str
    standing: str


def local_numbers(desk: Desk) -> Mapping[tuple[str, str], str]:
    """Every local number that is set, by (key, place)."""
    return desk.snapshot[Setting].derive(_all_numbers)


def number_for(desk: Desk, key: str, *, community: str = "", branch: str = "") -> str:
    """The number of a community, else of a branch, else of everywhere; "" where none is set."""
    known = local_numbers(desk)
    return next((known[key, place] for place in (community.strip(), branch, "") if (key, place) in known), "")


def missing_numbers(desk: Desk) -> tuple[str, ...]:
    """The keys of local numbers that a danger names and that are set nowhere."""
    known = {key for key, _ in local_numbers(desk)}
    named = dict.fromkeys(key for danger in desk.config.dangers.danger for key in danger.local)
    return tuple(key for key in (*named, OWN) if key not in known)


def advice(desk: Desk, danger: Danger, *, language: str, community: str = "", branch: str = "") -> Advice:
    """What the client is told for a danger."""
    config = desk.config.dangers
    names = {one.key: one.label(language) for one in config.number}
    found = {key: number_for(desk, key, community=community, branch=branch) for key in names}
    local = [(names[key], found[key]) for key in danger.local if found[key]]
    lacking = bool(danger.local) and not local
    plain = [*danger.numbers, *(one for one in config.instead if lacking and one not in danger.numbers)]
    own = found.get(OWN) or desk.settings.service_phone
    return Advice(
        text=fill(danger.advice(language), found),
        numbers=(*local, *(("", number) for number in plain), (names.get(OWN, ""), own)),
        unknown=config.unknown(language) if lacking else "",
        standing=config.standing(language),
    )


def set_number(
    desk: Desk, *, actor: Actor, key: str, number: str, place: str = "", commit_id: str | None = None
) -> Receipt:
    """Set a local number; an empty one takes it away. Raises NotAllowed, InvalidFields, NotFound."""
    require(actor, "lists.edit")
    place = " ".join(place.split())
    if key not in {one.key for one in desk.config.dangers.number}:
        raise NotFound("settings", key)
    if len(place) > PLACE_LIMIT:
        raise InvalidFields("settings", [Problem("place", "too_long", facts={"limit": PLACE_LIMIT})])
    text = plain(number)
    present = desk.snapshot[Setting].get(f"{PREFIX}{key}:{place}")
    if not text:
        if present is None:
            raise InvalidFields("settings", [Problem("number", "missing")])
        return desk.save(actor, [remove(present, action="set_number")], commit_id=commit_id)
    if not _NUMBER.fullmatch(text):
        raise InvalidFields("settings", [Problem("number", "phone_not_a_number", number)])
    value = json.dumps(text)
    change = (
        edit(present, {"value": value}, action="set_number", text=text)
        if present
        else create(Setting(key=f"{PREFIX}{key}:{place}", value=value), action="set_number", text=text)
    )
    return desk.save(actor, [change], commit_id=commit_id)


def _all_numbers(table: Table[Setting]) -> Mapping[tuple[str, str], str]:
    found = {}
    for name, setting in table.items():
        if name.startswith(PREFIX):
            key, _, place = name.removeprefix(PREFIX).partition(":")
            found[key, place] = str(json.loads(setting.value))
    return found
