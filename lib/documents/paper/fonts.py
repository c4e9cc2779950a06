"""The fonts of printed documents: which one has a character, how wide it is, what stands in for one that none has.

They come with the app (see fonts/README.md), so that a document looks the same on every machine.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from threading import Lock

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_FOLDER = Path(__file__).parent / "fonts"
_OTHERS = ("DroidSansFallbackFull", "DejaVuSans", "RareHanSans")
_REGULAR = ("OpenSans-Regular", *_OTHERS)
_BOLD = ("OpenSans-Semibold", *_OTHERS)
_HAS_BOLD = "OpenSans-Semibold"
_LOCK = Lock()
MISSING = "〓"  # what Chinese typesetters put where they have no type
_ALIKE = {"〈": "⟨", "〉": "⟩"}  # in no font, but for a sign of the same shape
_KNOWN_CHARACTERS = 20_000
# Droid's stops stand in the middle, as in Taiwan; on the mainland they stand at the left (GB/T 15834, 5.1.5).
_NUDGES = {"，": -0.32, "；": -0.31, "：": -0.33, "！": -0.33, "？": -0.18, "（": 0.16, "）": -0.16}


@dataclass(frozen=True, slots=True)
class TextRun:
    """Characters of one font. `thicken`: bold, in a font that has no bold of its own; `nudge`: to the right, in ems."""

    font: str
    text: str
    thicken: bool
    nudge: float


@cache
def _font(name: str) -> TTFont:
    """Parsed once a process and shared by all documents."""
    with _LOCK:
        font = TTFont(name, _FOLDER / f"{name}.ttf")
        pdfmetrics.registerFont(font)
        return font


@lru_cache(_KNOWN_CHARACTERS)
def _name_for(character: str, bold: bool) -> str | None:
    code = ord(character)
    return next((name for name in (_BOLD if bold else _REGULAR) if code in _font(name).face.charToGlyph), None)


@lru_cache(_KNOWN_CHARACTERS)
def width(character: str, bold: bool) -> float:
    """The width of one printable character at size 1."""
    name = _name_for(character, bold)
    return float(_font(name).face.getCharWidth(ord(character))) / 1000 if name else 0.0


def printable(text: str) -> str:
    """The text with what no font has replaced so that it shows: ⑴ by (1), a rare character by 〓 and its number,
    an emoji by 〓. Line ends stay, other control characters and invisible marks go."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", "    ")).split("\n")
    return "\n".join("".join(map(_shown, line)) for line in lines)


@lru_cache(_KNOWN_CHARACTERS)
def _shown(character: str) -> str:
    if character.isspace():
        return " "
    kind = unicodedata.category(character)
    if kind in ("Cc", "Cf", "Sk") or unicodedata.combining(character) or character in "\ufe0e\ufe0f":
        return character if kind == "Sk" and _name_for(character, False) else ""
    if _name_for(character, False):
        return character
    plain = _ALIKE.get(character) or unicodedata.normalize("NFKC", character)
    if plain != character and all(_name_for(part, False) for part in plain):
        return plain
    return f"{MISSING}(U+{ord(character):04X})" if kind == "Lo" else MISSING


def runs(text: str, bold: bool) -> Iterator[TextRun]:
    """A printable text, cut where the font changes."""
    for (name, nudge), characters in groupby(text, lambda character: (_name_for(character, bold), _nudge(character))):
        if name:
            yield TextRun(name, "".join(characters), bold and name != _HAS_BOLD, nudge)


def _nudge(character: str) -> float:
    return _NUDGES.get(character, 0.0)
