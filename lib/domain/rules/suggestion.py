"""Suggesting the category from the client's words: hits of configured words, told with the suggestion."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from lib.domain.configured import Configured
from lib.domain.text.cleaning import folded as normalise_text


def _normalised(words: tuple[str, ...]) -> tuple[str, ...]:
    folded = tuple(normalise_text(word) for word in words)
    if "" in folded:
        raise ValueError("a word is empty")
    return folded


Words = Annotated[tuple[str, ...], AfterValidator(_normalised)]


class KeywordsConfig(Configured):
    """config/keywords.toml: category code -> words."""

    words: Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class CategoryHint:
    """A category and the words that speak for it."""

    category: str
    words: tuple[str, ...]


def suggest_category(text: str, config: KeywordsConfig) -> CategoryHint | None:
    """The category with the most of its words in the text, the earlier one of equals; None when there is none."""
    folded = normalise_text(text)
    hits = [CategoryHint(category, found) for category, words in config.words.items() if (found := _in(folded, words))]
    return max(hits, key=lambda hint: len(hint.words), default=None)


def _in(folded: str, words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if next(places(folded, word), None) is not None)


def places(text: str, word: str) -> Iterator[int]:
    """Where the word stands, both folded. Latin letters count only from the beginning of a word: "tile" is not in
    "textile"."""
    at = text.find(word)
    while at >= 0:
        if at == 0 or not (_latin(text[at]) and _latin(text[at - 1])):
            yield at
        at = text.find(word, at + 1)


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
