"""The texts of the demo workspace, read from the .toml files beside this one, and how their slots are filled."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from lib.domain.configured import Configured

_HERE = Path(__file__).parent


class Topic(Configured):
    """One kind of trouble: what clients say about it, how grave it is, and what the firm does. See topics.toml."""

    key: str
    kinds: tuple[str, ...]
    category: str
    department: str
    relations: tuple[str, ...]
    severity: tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]
    weight: float
    wave: str = ""
    urgent: bool = False
    photo: bool = False
    simple: bool = False
    thanks: bool = False
    parties: tuple[str, ...]
    causes: tuple[str, ...]
    spots: tuple[str, ...]
    reports: tuple[str, ...]
    wanted: tuple[str, ...]
    findings: tuple[str, ...]
    measures: tuple[str, ...]
    answers: tuple[str, ...]
    lessons: tuple[str, ...]


class Places(Configured):
    """Names and communities of the clients. See clients.toml."""

    surname: str
    given: tuple[str, ...]
    communities: Mapping[str, tuple[str, ...]]


@cache
def topics() -> tuple[Topic, ...]:
    return tuple(Topic.model_validate(topic) for topic in _read("topics.toml")["topic"])


@cache
def topic(key: str) -> Topic:
    return next(topic for topic in topics() if topic.key == key)


@cache
def places() -> Places:
    return Places.model_validate(_read("clients.toml"))


@cache
def phrases() -> Mapping[str, Any]:
    return _read("phrases.toml")


def phrase(rng: Random, key: str, slots: Mapping[str, str]) -> str:
    """One of the phrases under `key`, its slots filled."""
    return pick(rng, phrases()[key], slots)


def pick(rng: Random, choices: Sequence[str], slots: Mapping[str, str]) -> str:
    return rng.choice(choices).format_map(slots)


def slots_for(rng: Random, about: Topic) -> dict[str, str]:
    """Words for every slot of the texts about one case, the same in all of them."""
    said = {name: str(rng.choice(phrases()[name])) for name in ("agent", "neighbour", "when", "amount")}
    counts = {"days": rng.randint(3, 9), "weeks": rng.randint(2, 8), "floor": rng.randint(3, 28)}
    party = rng.choice(phrases()["party_name"][about.parties[0]])
    month = f"{rng.randint(1, 12)} 月"
    return {**said, **{name: str(n) for name, n in counts.items()}, "spot": rng.choice(about.spots), "party": party,
            "month": month}  # fmt: skip


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))
