import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lib.domain.records.severity import PRIORITIES, SeverityConfig, SeverityError, assess

RAW: dict[str, Any] = tomllib.loads((Path(__file__).parents[3] / "config/severity.toml").read_text("utf-8"))
CONFIG = SeverityConfig.model_validate(RAW)
KEYS = [factor.key for factor in CONFIG.factors]
VALUES = st.fixed_dictionaries({key: st.integers(1, 5) for key in KEYS})


def values(scope: int, safety: int, loss: int, legal: int, reputation: int) -> dict[str, int]:
    return {"scope": scope, "safety": safety, "loss": loss, "legal": legal, "reputation": reputation}


@pytest.mark.parametrize(
    ("given_values", "score", "priority", "forced"),
    [
        (values(1, 1, 1, 1, 1), 0, "P4", False),
        (values(5, 5, 5, 5, 5), 100, "P1", True),
        (values(1, 5, 1, 1, 1), 30, "P1", True),
        (values(5, 4, 5, 2, 2), 70, "P1", False),
        (values(5, 4, 4, 2, 2), 65, "P2", False),
        (values(2, 3, 3, 3, 3), 45, "P2", False),
        (values(3, 3, 3, 2, 2), 42.5, "P3", False),
        (values(3, 1, 3, 1, 1), 20, "P3", False),
        (values(1, 2, 1, 2, 2), 15, "P4", False),
    ],
)
def test_score_and_priority(given_values: dict[str, int], score: float, priority: str, forced: bool) -> None:
    result = assess(given_values, CONFIG)
    assert (result.score, result.priority, result.forced) == (score, priority, forced)


def test_contributions_show_why() -> None:
    result = assess(values(3, 4, 1, 2, 1), CONFIG)
    assert result.contributions == {"scope": 10, "safety": 22.5, "loss": 0, "legal": 3.75, "reputation": 0}


@given(VALUES)
def test_contributions_add_up_to_a_score_in_range(chosen: dict[str, int]) -> None:
    result = assess(chosen, CONFIG)
    assert result.score == pytest.approx(sum(result.contributions.values()))
    assert 0 <= result.score <= 100


@given(VALUES, st.sampled_from(KEYS))
def test_a_worse_judgement_never_lowers_the_priority(chosen: dict[str, int], key: str) -> None:
    better = assess({**chosen, key: 1}, CONFIG)
    worse = assess({**chosen, key: 5}, CONFIG)
    assert PRIORITIES.index(worse.priority) <= PRIORITIES.index(better.priority)


def test_edges_of_bands_hold_for_weights_without_exact_binary_form() -> None:
    raw = {**RAW, "factors": [{**factor} for factor in RAW["factors"]]}
    for factor, weight in zip(raw["factors"], [33.3, 33.4, 11.1, 11.1, 11.1], strict=True):
        factor["weight"] = weight
    raw["bands"] = {"P1": 99.9, "P2": 66.6, "P3": 33.3}
    assert assess(values(5, 1, 5, 5, 5), SeverityConfig.model_validate(raw)).priority == "P2"


@pytest.mark.parametrize("bad", [0, 6, -1, True, 2.5, "3"])
def test_values_off_the_scale_name_the_factor(bad: Any) -> None:
    with pytest.raises(SeverityError) as caught:
        assess({**values(1, 1, 1, 1, 1), "legal": bad}, CONFIG)
    assert (caught.value.factor, caught.value.value) == ("legal", bad)


def test_missing_and_unknown_factors_are_named() -> None:
    incomplete = values(1, 1, 1, 1, 1)
    del incomplete["loss"]
    with pytest.raises(SeverityError) as caught:
        assess(incomplete, CONFIG)
    assert (caught.value.factor, caught.value.value) == ("loss", None)
    with pytest.raises(SeverityError, match="noise"):
        assess({**values(1, 1, 1, 1, 1), "noise": 3}, CONFIG)


@pytest.mark.parametrize(
    "change",
    [
        {"bands": {"P1": 40, "P2": 45, "P3": 20}},
        {"danger": {"factor": "noise", "value": 5}},
        {"factors": RAW["factors"][:4]},
        {"factors": [*RAW["factors"], {**RAW["factors"][0], "weight": 0}]},
        {"extra": 1},
    ],
)
def test_inconsistent_configuration_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SeverityConfig.model_validate({**RAW, **change})
