import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from lib.domain.rules.warranty import Warranty, WarrantyConfig, check

RAW: dict[str, Any] = tomllib.loads((Path(__file__).parents[3] / "config/warranty.toml").read_text("utf-8"))
CONFIG = WarrantyConfig.model_validate(RAW)
HANDOVER = date(2020, 6, 1)


@pytest.mark.parametrize(
    ("category", "until", "rule"),
    [
        ("quality.structure", date(2070, 6, 1), "structure"),
        ("quality.leak", date(2025, 6, 1), "waterproofing"),
        ("quality.heating_cooling", date(2022, 6, 1), "heating_cooling"),
        ("quality.plumbing_electric", date(2022, 6, 1), "fittings"),
        ("quality.decoration", date(2022, 6, 1), "fittings"),
        ("quality.crack", date(2022, 6, 1), "fittings"),
        ("quality.door_window", date(2022, 6, 1), "fittings"),
    ],
)
def test_the_last_day_is_in_and_the_next_is_out(category: str, until: date, rule: str) -> None:
    assert check(category, HANDOVER, HANDOVER, CONFIG) == Warranty("in", until, rule)
    assert check(category, HANDOVER, until, CONFIG) == Warranty("in", until, rule)
    after = date.fromordinal(until.toordinal() + 1)
    assert check(category, HANDOVER, after, CONFIG) == Warranty("out", until, rule)


@pytest.mark.parametrize(
    "category",
    ["design", "facilities", "service_attitude", "contract", "fees", "transfer", "property_management", "legal"],
)
def test_other_categories_go_by_contract(category: str) -> None:
    assert check(category, HANDOVER, date(2021, 1, 1), CONFIG) == Warranty("unknown", None, "contract")


def test_unknown_without_a_handover_or_before_it() -> None:
    assert check("quality.leak", None, date(2021, 1, 1), CONFIG) == Warranty("unknown", None, "waterproofing")
    early = check("quality.leak", HANDOVER, date(2020, 5, 31), CONFIG)
    assert early == Warranty("unknown", date(2025, 6, 1), "waterproofing")


def test_a_leap_day_ends_with_february() -> None:
    assert check("quality.decoration", date(2020, 2, 29), date(2022, 2, 28), CONFIG).verdict == "in"
    assert check("quality.decoration", date(2020, 2, 29), date(2022, 3, 1), CONFIG).verdict == "out"


def test_categories_added_later_follow_their_parent_or_the_default() -> None:
    config = WarrantyConfig.model_validate({**RAW, "categories": {"roof": "waterproofing"}})
    assert config.rule_of("roof.gutter") == "waterproofing"
    assert config.rule_of("garden.fence") == "contract"
    assert config.rule_of("garden") == "contract"


@pytest.mark.parametrize(
    "change",
    [
        {"default": "nothing"},
        {"categories": {"quality.leak": "nothing"}},
        {"rules": {**RAW["rules"], "structure": {"zh": "结构", "en": "Structure", "years": 0}}},
        {"rules": {**RAW["rules"], "structure": {"zh": "结构", "en": "Structure", "years": "forever"}}},
        {"extra": 1},
    ],
)
def test_inconsistent_configuration_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WarrantyConfig.model_validate({**RAW, **change})
