"""Likeness of short texts, Chinese or English, to find cases that report the same thing."""

import re
from functools import lru_cache
from itertools import pairwise

from lib.domain.text.cleaning import folded

_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=1024)
def bigrams(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters inside words; a word of one character stands for itself."""
    found: set[str] = set()
    for word in _WORD.findall(folded(text)):
        if len(word) == 1:
            found.add(word)
        else:
            found.update(map("".join, pairwise(word)))
    return frozenset(found)


def similarity(a: str, b: str) -> float:
    """0 to 1: Dice coefficient (Dice 1945) of the texts' character bigrams, 2 * shared / (those of a +
    those of b).

    Bigrams need no word segmentation, which Chinese would otherwise ask for. Texts without a letter or
    digit are like nothing: 0.
    """
    left, right = bigrams(a), bigrams(b)
    total = len(left) + len(right)
    return 2 * len(left & right) / total if total else 0.0
