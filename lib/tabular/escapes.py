"""Two reversible escapes: text that a spreadsheet would run, and characters that XLSX cannot hold."""

import re

# What spreadsheets skip before the first character that counts, and zero-width ones that some drop on loading.
_SKIPPED = r"[\s\x00-\x20\u00a0\u200b-\u200f\u2060\u3000\ufeff]*"
_FORMULA = rf"(?:{_SKIPPED}(?:[=+\-@＝＋－＠﹦﹢﹣﹫]|DDE\s*\()|[ ]*[\t\r\n])"
_RUNNABLE = re.compile(_FORMULA, re.IGNORECASE)
# Text that begins with apostrophes and then a formula gets one more, so that taking one away is always right.
_NEEDS_ESCAPE = re.compile(rf"'*{_FORMULA}", re.IGNORECASE)
_IS_ESCAPED = re.compile(rf"''*{_FORMULA}", re.IGNORECASE)


MARKS = ("'", "‘", "’", "＇")
_MARKED = re.compile(r"['‘’＇](?=[=+\-@(\d])(?!.*['’])", re.DOTALL)


def looks_like_formula(text: str) -> bool:
    """Some spreadsheet may run this text when it is typed or loaded from CSV."""
    return _RUNNABLE.match(text) is not None


def escape_formula(text: str) -> str:
    """Text that is inert in a CSV file; `unescape_formula` gives exactly the original back."""
    return f"'{text}" if _NEEDS_ESCAPE.match(text) else text


def unescape_formula(text: str) -> str:
    """The inverse of `escape_formula`; an apostrophe that it did not put there stays."""
    return text[1:] if _IS_ESCAPED.match(text) else text


def without_mark(text: str) -> str:
    """Text without the apostrophe that people type before digits and signs so that a spreadsheet leaves them alone."""
    return text[1:] if _MARKED.match(text) else text


# ECMA-376 part 1, 22.9.2.19 ST_Xstring: a character that XML cannot hold is written _xHHHH_, and a literal
# _xHHHH_ has its first underscore written as _x005F_. So are carriage returns: XML parsers make them line feeds.
_NOT_XML = r"\x00-\x08\x0b-\x0d\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_TO_XSTRING = re.compile(rf"[{_NOT_XML}]|_(?=x[0-9A-Fa-f]{{4}}[_{_NOT_XML}])")
_FROM_XSTRING = re.compile(r"_x([0-9A-Fa-f]{4})_")


def to_xstring(text: str) -> str:
    """Text as XLSX stores it."""
    return _TO_XSTRING.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def from_xstring(text: str) -> str:
    """Text as XLSX means it."""
    return _FROM_XSTRING.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
