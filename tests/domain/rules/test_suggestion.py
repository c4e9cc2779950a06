"""What the client's words suggest: the category, with the words that say so."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from lib.domain.rules.suggestion import KeywordsConfig, suggest_category

SHIPPED = KeywordsConfig.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "config/keywords.toml").read_text("utf-8"))
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


def test_full_width_letters_and_case_do_not_matter() -> None:
    hint = suggest_category("ＬＥＡＫ", SHIPPED)
    assert hint is not None
    assert hint.category == "quality.leak"


def test_impossible_words_are_refused() -> None:
    with pytest.raises(ValidationError):
        KeywordsConfig.model_validate({"words": {"a": [""]}})
