"""One way to clean what people type or paste, so that intake, search, duplicates, import and sheet see the same.
`plain` and `folded` are for comparing and never shown: records keep what was typed."""

import re
import unicodedata

_IGNORED = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")
"""Characters without a look of their own that are not of the category "format"."""
_HYPHENS = re.compile("[\u00ad\u02d7\u1806\u2010-\u2015\u2043\u207b\u208b\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d]")


def tidy(text: str) -> str:
    """Half-width (NFKC), without the invisible marks that copied texts bring along, and with single spaces."""
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(_IGNORED.sub("", unicodedata.normalize("NFKC", visible)).split())


def plain(text: str) -> str:
    """`tidy`, and with ASCII hyphens; capitals stay."""
    return tidy(_HYPHENS.sub("-", text))


def folded(text: str) -> str:
    """`plain`, and in small letters: equal texts are equal to a reader."""
    return plain(text).casefold()
