"""config/dangers.toml: dangers with their words, numbers, checklist and whom they tell; and words that mean haste."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.clocks.escalation import HANDLER
from lib.domain.configured import Configured, Labelled
from lib.domain.records.severity import Priority
from lib.domain.rules.suggestion import Words

ON_CALL = "on_call"
"""Alerts the person on call for the branch on that day."""
NO_DANGER = "none"
"""The value of `Case.danger` if the words sounded like danger and somebody has checked that there is none."""
_PLACE = re.compile(r"\{([a-z_]*)\}")
_KEY = r"^[a-z][a-z0-9_]{0,29}$"


Month = Annotated[int, Field(ge=1, le=12)]


class WordRule(Configured):
    """Words that count only under conditions: with another word in the same clause, without one in the clause or in the
    sentence, in certain months."""

    words: Words = Field(min_length=1)
    beside: Words = ()
    unless: Words = ()
    unless_in_sentence: Words = ()
    months: frozenset[Month] = frozenset()


class Item(Labelled):
    """One line of a checklist."""

    key: str = Field(pattern=_KEY)


class Danger(Labelled):
    """One danger. `tell` are those told at once: ON_CALL, HANDLER or roles; the roles nearest to `department`.

    `numbers` are known everywhere, `local` are keys of numbers that the workspace sets. A danger that is `mild` waits
    for working hours, unless vulnerable people are mentioned: then ON_CALL is alerted too, at any hour.
    `advice_zh` and `advice_en` are what the client is told at once; a blank such as {gas_phone} is a local number.
    """

    key: str = Field(pattern=_KEY)
    words: Words = ()
    rules: tuple[WordRule, ...] = ()
    ignore: Words = ()
    numbers: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    tell: tuple[str, ...] = (ON_CALL,)
    department: str = ""
    mild: bool = False
    advice_zh: str = Field(min_length=1)
    advice_en: str = Field(min_length=1)
    checklist: tuple[Item, ...] = ()

    @cached_property
    def every_rule(self) -> tuple[WordRule, ...]:
        return (*((WordRule(words=self.words),) if self.words else ()), *self.rules)

    @cached_property
    def every_word(self) -> tuple[str, ...]:
        return tuple(word for rule in self.every_rule for word in rule.words)

    def advice(self, language: str) -> str:
        return self.advice_zh if language.startswith("zh") else self.advice_en

    @property
    def blanks(self) -> frozenset[str]:
        """The local numbers that the advice names."""
        return frozenset(_PLACE.findall(self.advice_zh) + _PLACE.findall(self.advice_en))


class Haste(Labelled):
    """Words that suggest a priority without being a danger; the priority is shown to people, not set."""

    key: str = Field(pattern=_KEY)
    priority: Priority
    words: Words = Field(min_length=1)


class Doubt(Configured):
    """Words that turn a danger after them into a question instead of an alarm, within so many characters or Latin words
    of the clause; a denial ends with one of `denied_until`: 不是漏水是漏电.
    """

    denied: Words = ()
    denied_reach: int = Field(default=3, ge=0, le=40)
    denied_until: Words = ()
    feared: Words = ()
    feared_reach: int = Field(default=8, ge=0, le=40)


class Rung(Labelled):
    """Whom a danger alerts when nobody has taken it `after` so many minutes: ON_CALL or a role."""

    key: str = Field(pattern=_KEY)
    after: int = Field(ge=0, le=1440)
    tell: str


class LocalNumber(Labelled):
    """A number that differs from place to place, and is set in the app."""

    key: str = Field(pattern=_KEY)


class DangersConfig(Configured):
    """config/dangers.toml. The order of the dangers is their weight; if several apply, the first is shown first."""

    doubt: Doubt = Doubt()
    vulnerable: Words = ()
    standing_zh: str
    standing_en: str
    told_zh: str
    told_en: str
    unknown_zh: str
    unknown_en: str
    instead: tuple[str, ...] = ()
    ladder: tuple[Rung, ...]
    number: tuple[LocalNumber, ...] = ()
    danger: tuple[Danger, ...]
    haste: tuple[Haste, ...] = ()

    @cached_property
    def dangers(self) -> Mapping[str, Danger]:
        return {one.key: one for one in self.danger}

    @cached_property
    def hastes(self) -> Mapping[str, Haste]:
        return {one.key: one for one in self.haste}

    def standing(self, language: str) -> str:
        """The line below every piece of advice."""
        return self.standing_zh if language.startswith("zh") else self.standing_en

    def told(self, language: str) -> str:
        """Said to the client once somebody has been told of the danger."""
        return self.told_zh if language.startswith("zh") else self.told_en

    def unknown(self, language: str) -> str:
        """The text if a local number is not set; `instead` are the numbers shown then."""
        return self.unknown_zh if language.startswith("zh") else self.unknown_en

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        local = {one.key for one in self.number}
        for one in self.danger:
            if one.key == NO_DANGER:
                raise PydanticCustomError("taken", "is taken", {"at": f"danger.{one.key}"})
            for name in sorted({*one.local, *one.blanks} - local):
                facts = {"at": f"danger.{one.key}.local", "given": name}
                raise PydanticCustomError("unknown_name", "no {given}", facts)
        for kind, keys in (
            ("danger", [one.key for one in self.danger]),
            ("haste", [one.key for one in self.haste]),
            ("ladder", [one.key for one in self.ladder]),
            ("number", [one.key for one in self.number]),
        ):
            if twice := sorted({key for key in keys if keys.count(key) > 1}):
                raise PydanticCustomError("key_twice", "there twice", {"at": f"{kind}.{twice[0]}", "step": twice[0]})
        return self


WHO = frozenset({ON_CALL, HANDLER})
"""Whom the file may tell beside the roles."""


def fill(advice: str, numbers: Mapping[str, str]) -> str:
    """The advice with its blanks filled in; the blank of an unknown number is removed from the sentence."""
    filled = _PLACE.sub(lambda blank: numbers.get(blank[1], ""), advice)
    return re.sub(r"\s+([,.;:，。；：])", r"\1", re.sub(r" {2,}", " ", filled)).strip()
