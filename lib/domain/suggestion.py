"""Suggesting category and urgency from the client's words: hits of configured words, told with the suggestion."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from lib.domain.configured import Configured, Labelled
from lib.domain.severity import PRIORITIES, Priority
from lib.domain.text.cleaning import folded as normalise_text


def _normalised(words: tuple[str, ...]) -> tuple[str, ...]:
    folded = tuple(normalise_text(word) for word in words)
    if "" in folded:
        raise ValueError("a word is empty")
    return folded


Words = Annotated[tuple[str, ...], AfterValidator(_normalised)]


class Urgent(Labelled):
    """Words that speak for a priority, and what they mean."""

    priority: Priority
    words: Words = Field(min_length=1)


class KeywordsConfig(Configured):
    """config/keywords.toml: category code -> words, and groups of words that mean haste."""

    words: Mapping[str, Words]
    urgent: Mapping[str, Urgent] = {}


@dataclass(frozen=True, slots=True)
class CategoryHint:
    """A category and the words that speak for it."""

    category: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriorityHint:
    """A priority, what it is about (`reason` is a key of the urgent words), and the words found."""

    priority: Priority
    reason: str
    words: tuple[str, ...]


def suggest_category(text: str, config: KeywordsConfig) -> CategoryHint | None:
    """The category with the most of its words in the text, the earlier one of equals; None when there is none."""
    folded = normalise_text(text)
    hits = [CategoryHint(category, found) for category, words in config.words.items() if (found := _in(folded, words))]
    return max(hits, key=lambda hint: len(hint.words), default=None)


def suggest_priority(text: str, config: KeywordsConfig) -> PriorityHint | None:
    """The highest priority for which urgent words speak; None when no such word is there."""
    folded = normalise_text(text)
    hits = [
        PriorityHint(group.priority, key, found)
        for key, group in config.urgent.items()
        if (found := _in(folded, group.words))
    ]
    return min(hits, key=lambda hint: PRIORITIES.index(hint.priority), default=None)


def _in(folded: str, words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word in folded and any(_begins(folded, at) for at in _places(folded, word)))


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _begins(text: str, at: int) -> bool:
    """Latin letters count only from the beginning of a word: "tile" is not in "textile"."""
    return at == 0 or not (_latin(text[at]) and _latin(text[at - 1]))


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
