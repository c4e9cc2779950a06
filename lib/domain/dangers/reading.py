"""What a report says of danger and haste.

A word counts within its clause: "没有漏电" and "会不会爆炸" ask a question, "打不着火" speaks of a stove.
The client is told which number to call even if the sentence is only a question, so a wrong reading does no harm.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from lib.domain.dangers.config import Danger, DangersConfig, Doubt, Haste, WordRule
from lib.domain.records.severity import PRIORITIES, Priority
from lib.domain.rules.suggestion import places
from lib.domain.text.cleaning import folded as normalise_text

DANGER_PRIORITY: Priority = "P1"
_SENTENCE = re.compile(r"[。！？!?;；\n]|\.(?=\s|$)")
_CLAUSE = re.compile(r"[，,：:]")
_UNIT = re.compile(r"[a-z0-9']+|[^\sa-z0-9']")
_LATIN = re.compile(r"[a-z0-9]{2}")
_HIDDEN = "\0"


@dataclass(frozen=True, slots=True)
class FoundDanger:
    """A danger and the words that say so. If `certain` is false, all of them are denied or only feared."""

    danger: Danger
    words: tuple[str, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Urgency:
    """What the words of a report suggest: dangers in the order of their weight, certain ones first; and haste."""

    dangers: tuple[FoundDanger, ...] = ()
    haste: Haste | None = None
    haste_words: tuple[str, ...] = ()
    vulnerable: bool = False

    def __bool__(self) -> bool:
        return bool(self.dangers) or self.haste is not None

    @property
    def alarm(self) -> FoundDanger | None:
        """The danger that must be alerted at once; None if there is none, or only a question."""
        return self.dangers[0] if self.dangers and self.dangers[0].certain else None

    @property
    def priority(self) -> Priority | None:
        """The priority that the words suggest."""
        return DANGER_PRIORITY if self.dangers else self.haste.priority if self.haste else None


def read_urgency(text: str, config: DangersConfig, today: date) -> Urgency:
    """What the text suggests; `today` decides about words that mean danger only in some months."""
    sentences = [normalise_text(part) for part in _SENTENCE.split(text)]
    whole = "\n".join(sentences)
    named = (danger for danger in config.danger if any(word in whole for word in danger.every_word))
    found = [one for danger in named if (one := _find(sentences, danger, config.doubt, today))]
    haste, words = _haste(whole, config)
    return Urgency(
        tuple(sorted(found, key=lambda one: not one.certain)),  # stable: by weight among equals
        haste,
        words,
        any(word in whole for word in config.vulnerable),
    )


def _haste(whole: str, config: DangersConfig) -> tuple[Haste | None, tuple[str, ...]]:
    hits = [
        (one, found) for one in config.haste if (found := tuple(word for word in one.words if _stands(whole, word)))
    ]
    return min(hits, key=lambda hit: PRIORITIES.index(hit[0].priority), default=(None, ()))


def _find(sentences: Iterable[str], danger: Danger, doubt: Doubt, today: date) -> FoundDanger | None:
    certain: dict[str, None] = {}
    asked: dict[str, None] = {}
    for sentence in sentences:
        visible = _without(sentence, danger.ignore)
        clauses = _CLAUSE.split(visible)
        for rule in danger.every_rule:
            if rule.months and today.month not in rule.months:
                continue
            if any(word in visible for word in rule.unless_in_sentence):
                continue
            for clause in clauses:
                for word, at in _hits(clause, rule):
                    (asked if _in_doubt(clause, at, doubt) else certain)[word] = None
    words = certain or asked
    return FoundDanger(danger, tuple(words), bool(certain)) if words else None


def _without(text: str, ignored: Iterable[str]) -> str:
    for word in ignored:
        text = text.replace(word, _HIDDEN * len(word))
    return text


def _hits(clause: str, rule: WordRule) -> Iterator[tuple[str, int]]:
    if any(word in clause for word in rule.unless):
        return
    if rule.beside and not any(_stands(clause, word) for word in rule.beside):
        return
    for word in rule.words:
        yield from ((word, at) for at in places(clause, word))


def _stands(text: str, word: str) -> bool:
    return word in text and next(places(text, word), None) is not None


def _in_doubt(clause: str, at: int, doubt: Doubt) -> bool:
    """Whether the word at this place is denied or only feared."""
    return _within(clause, at, doubt.denied, doubt.denied_reach, doubt.denied_until) or _within(
        clause, at, doubt.feared, doubt.feared_reach
    )


def _ends(text: str, place: int, word: str) -> bool:
    """Whether the word ends there too: "no" is not in "normal"."""
    return not _LATIN.fullmatch(text[place + len(word) - 1 : place + len(word) + 1])


def _within(clause: str, at: int, words: Iterable[str], reach: int, until: Iterable[str] = ()) -> bool:
    ends = [place + len(word) for word in words for place in places(clause[:at], word) if _ends(clause, place, word)]
    return any(
        len(_UNIT.findall(clause[end:at])) <= reach and not any(_stands(clause[end:at], word) for word in until)
        for end in ends
    )
