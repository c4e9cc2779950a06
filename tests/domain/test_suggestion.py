"""What the client's words suggest: category and urgency, with the words that say so."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from lib.domain.suggestion import KeywordsConfig, suggest_category, suggest_priority

SHIPPED = KeywordsConfig.model_validate(
    tomllib.loads((Path(__file__).parents[2] / "config/keywords.toml").read_text("utf-8"))
)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("厨房天花板漏水，墙角发霉", "quality.leak"),
        ("The ceiling LEAKS and is damp", "quality.leak"),
        ("经纪人态度敷衍，不接电话", "service_attitude"),
        ("电梯坏了", "facilities"),
    ],
)
def test_the_category_with_most_words(text: str, category: str) -> None:
    hint = suggest_category(text, SHIPPED)
    assert hint is not None
    assert hint.category == category
    assert hint.words


@pytest.mark.parametrize("text", ["", "您好", "textile in a cupboard, outdoors"])
def test_no_word_no_suggestion(text: str) -> None:
    assert suggest_category(text, SHIPPED) is None
    assert suggest_priority(text, SHIPPED) is None


@pytest.mark.parametrize(
    ("text", "priority", "reason", "word"),
    [
        ("插座漏电，孩子差点触电", "P1", "danger", "漏电"),
        ("厨房有煤气味", "P1", "danger", "煤气"),
        ("电梯里有人被困", "P1", "danger", "被困"),
        ("阳台要坍塌了", "P1", "danger", "坍塌"),
        ("家里已经停水两天", "P1", "no_supply", "停水"),
        ("昨晚起停电", "P1", "no_supply", "停电"),
        ("再不处理我找记者曝光", "P2", "public", "记者"),
        ("停电了，已经联系记者", "P1", "no_supply", "停电"),
        ("There is a smell of Gas", "P1", "danger", "gas"),
    ],
)
def test_words_that_mean_haste(text: str, priority: str, reason: str, word: str) -> None:
    hint = suggest_priority(text, SHIPPED)
    assert hint is not None
    assert (hint.priority, hint.reason) == (priority, reason)
    assert word in hint.words


def test_full_width_letters_and_case_do_not_matter() -> None:
    hint = suggest_category("ＬＥＡＫ", SHIPPED)
    assert hint is not None
    assert hint.category == "quality.leak"


@pytest.mark.parametrize(
    "wrong",
    [
        {"words": {"a": [""]}},
        {"words": {}, "urgent": {"x": {"zh": "急", "en": "now", "priority": "P7", "words": ["急"]}}},
        {"words": {}, "urgent": {"x": {"zh": "急", "en": "now", "priority": "P1", "words": []}}},
    ],
)
def test_impossible_words_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        KeywordsConfig.model_validate(wrong)
