"""Severity of a case: weighted factors, each judged 1 to 5 on a written scale, give score and priority."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.configured import Configured, Labelled

Priority = Literal["P1", "P2", "P3", "P4"]
PRIORITIES: tuple[Priority, ...] = ("P1", "P2", "P3", "P4")


class SeverityError(ValueError):
    """A factor without a value, with one outside 1 to 5 (`value`), or unknown to the configuration."""

    def __init__(self, factor: str, value: int | None) -> None:
        super().__init__(f"severity factor {factor!r}: {'missing' if value is None else value!r}")
        self.factor = factor
        self.value = value


class ScaleStep(Labelled):
    """One value of a factor in words."""


class Factor(Labelled):
    """`scale` words the values 1 to 5 in this order."""

    key: str
    weight: float = Field(ge=0, le=100)
    scale: tuple[ScaleStep, ScaleStep, ScaleStep, ScaleStep, ScaleStep]


class Bands(Configured):
    """The lowest score of each priority; everything below P3 is P4."""

    P1: float = Field(ge=0, le=100)
    P2: float = Field(ge=0, le=100)
    P3: float = Field(ge=0, le=100)

    @model_validator(mode="after")
    def _descending(self) -> Self:
        if not self.P1 > self.P2 > self.P3:
            raise ValueError("bands must descend from P1 to P3")
        return self

    def priority(self, score: float) -> Priority:
        if score >= self.P1:
            return "P1"
        if score >= self.P2:
            return "P2"
        return "P3" if score >= self.P3 else "P4"


class UrgentFactor(Configured):
    """The factor and the value from which a case is P1 whatever its score."""

    factor: str
    value: int = Field(ge=1, le=5)


class SeverityConfig(Configured):
    factors: tuple[Factor, ...] = Field(min_length=1)
    bands: Bands
    danger: UrgentFactor

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        keys = Counter(factor.key for factor in self.factors)
        if repeated := [key for key, times in keys.items() if times > 1]:
            facts = {"at": f"factors.{repeated[0]}", "names": ", ".join(repeated)}
            raise PydanticCustomError("value_error", "factors named twice: {names}", facts)
        if self.danger.factor not in keys:
            facts = {"at": "danger.factor", "name": self.danger.factor}
            raise PydanticCustomError("value_error", "danger names an unknown factor: {name}", facts)
        total = sum(factor.weight for factor in self.factors)
        if abs(total - 100) > 1e-6:
            facts = {"at": "factors", "total": f"{total:g}"}
            raise PydanticCustomError("value_error", "weights must add up to 100, not {total}", facts)
        return self


@dataclass(frozen=True)
class Assessment:
    """`contributions` (points of each factor, in the configured order) add up to `score`, 0 to 100.

    `forced` says that the danger rule holds, so the case is P1 whatever the score.
    """

    score: float
    priority: Priority
    contributions: Mapping[str, float]
    forced: bool


def assess(values: Mapping[str, int], config: SeverityConfig) -> Assessment:
    """Score = sum of weight * (value - 1) / 4. Raises SeverityError naming the factor that cannot be used."""
    known = {factor.key for factor in config.factors}
    for key in values:
        if key not in known:
            raise SeverityError(key, values[key])
    contributions = {factor.key: _points(factor, values) for factor in config.factors}
    # Rounded so that a case on the edge of a band does not fall off it by binary fractions.
    score = round(sum(contributions.values()), 6)
    forced = values[config.danger.factor] >= config.danger.value
    return Assessment(score, "P1" if forced else config.bands.priority(score), contributions, forced)


def _points(factor: Factor, values: Mapping[str, int]) -> float:
    value = values.get(factor.key)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
        raise SeverityError(factor.key, value)
    return factor.weight * (value - 1) / 4
