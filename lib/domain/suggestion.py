"""Suggesting a category from the client's words: counted hits of configured words, so that it can be explained."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from lib.domain.similarity import normalise_text


class KeywordsConfig(BaseModel):
    """config/keywords.toml: category code -> words."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    words: Mapping[str, tuple[str, ...]]


def suggest_category(text: str, config: KeywordsConfig) -> str:
    """The category with the most of its words in the text, the earlier one of equals; "" when there is none."""
    folded = normalise_text(text)
    hits = {category: sum(word.lower() in folded for word in words) for category, words in config.words.items()}
    best = max(hits, key=lambda category: hits[category], default="")
    return best if hits.get(best) else ""
