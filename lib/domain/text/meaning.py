"""What a text stands for among things that bear codes, labels or names."""

from collections.abc import Iterable, Mapping

from lib.domain.text.cleaning import folded


def meanings(*levels: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """{folded text: code} of pairs of a text and the code that bears it.

    What an earlier level has goes before the later ones. A text that several codes bear on the same level means none of
    them: nobody can tell which.
    """
    found: dict[str, set[str]] = {}
    for level in levels:
        bearers: dict[str, set[str]] = {}
        for text, code in level:
            if word := folded(text):
                bearers.setdefault(word, set()).add(code)
        for word, codes in bearers.items():
            found.setdefault(word, codes)
    return {word: min(codes) for word, codes in found.items() if len(codes) == 1}
