"""The plan of one case: who reports what, how severe it is, and which turns it will take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from lib.demo.arrivals import RAINY_MONTHS
from lib.demo.cast.clients import MadeUpClient
from lib.demo.cast.texts import Topic, phrase, pick, slots_for, topics
from lib.services.cases.handling import SEVERITY_FIELDS
from lib.services.cases.intake import summary

_TURNS = {
    "asks_more": 0.05, "declined": 0.04, "slow_triage": 0.05, "slow_contact": 0.07, "slow_plan": 0.06, "late": 0.14,
    "planned": 0.2, "reworked": 0.1, "waits": 0.28, "tasks": 0.3, "party": 0.5, "disputed": 0.06, "overturned": 0.35,
    "reopened": 0.045,
}  # fmt: skip
"""How often a case takes each turn."""
_CHANNELS = {"hotline": 45, "wechat": 24, "walk_in": 14, "website": 9, "email": 5, "letter": 3}
_RAIN = 2.6  # factor by which topics of the rain wave are more frequent then


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case to come. `hold` names the stage at which the story stops; `quick` goes through the stages before in
    good time."""

    topic: Topic
    client: MadeUpClient
    at: datetime
    channel: str
    slots: Mapping[str, str]
    severity: Mapping[str, int]
    turns: frozenset[str]
    intake: Mapping[str, Any]
    hold: str = ""
    quick: bool = False


def choose_topic(rng: Random, at: datetime, *, office_open: bool) -> Topic:
    """What goes wrong at this time of the year; what is urgent is told by telephone while somebody is there."""
    chances = [
        topic.weight * (_RAIN if topic.wave == "rain" and at.month in RAINY_MONTHS else 1)
        if office_open or not topic.urgent
        else 0
        for topic in topics()
    ]
    return rng.choices(topics(), chances)[0]


def draw(rng: Random, topic: Topic, client: MadeUpClient, at: datetime, *, channel: str) -> Dossier:
    """A case of one topic, its turns drawn by chance."""
    slots = slots_for(rng, topic)
    told = {**slots, "client": client.address}
    severity = dict(zip(SEVERITY_FIELDS, (rng.randint(*span) for span in topic.severity), strict=True))
    turns = frozenset(name for name, chance in _TURNS.items() if rng.random() < chance)
    return Dossier(topic, client, at, channel, told, severity, turns, _intake(rng, topic, client, at, channel, slots))


def draw_channel(rng: Random, topic: Topic, *, office_open: bool) -> str:
    """Outside office hours clients use the website."""
    if not office_open:
        return "website"
    return "hotline" if topic.urgent else rng.choices(list(_CHANNELS), list(_CHANNELS.values()))[0]


def _intake(
    rng: Random, topic: Topic, client: MadeUpClient, at: datetime, channel: str, slots: Mapping[str, str]
) -> dict[str, Any]:
    report = pick(rng, topic.reports, slots)
    values: dict[str, Any] = {
        "client_phone": client.phone, "client_name": client.name, "relation": rng.choice(topic.relations),
        "community": client.community, "building": client.building, "unit": client.unit, "room": client.room,
        "deal_no": client.deal_no if rng.random() < 0.6 else "", "branch": client.branch, "channel": channel,
        "kind": rng.choice(topic.kinds), "title": summary(report),
        "description": phrase(rng, "opening", slots) + report + phrase(rng, "closing", slots),
        "wanted_outcome": pick(rng, topic.wanted, slots),
    }  # fmt: skip
    if topic.urgent:
        values["priority"] = "P1"
    if topic.photo:
        values["location"] = slots["spot"]
    if not topic.simple:
        values["occurred_on"] = at.date() - timedelta(days=rng.randint(0, 9))
    if channel in ("hotline", "walk_in") and rng.random() < 0.8:
        values["read_back_at"] = at.replace(microsecond=0)
    return values
