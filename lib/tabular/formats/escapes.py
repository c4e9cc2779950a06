"""Two reversible escapes: text that a spreadsheet would run or change, and characters that XLSX cannot hold."""

import re

# What spreadsheets skip before the first character that counts, and zero-width ones that some drop on loading.
_SKIPPED = r"[\s\x00-\x20\u00a0\u200b-\u200f\u2060\u3000\ufeff]*"
_FORMULA = rf"(?:{_SKIPPED}(?:[=+\-@＝＋－＠﹦﹢﹣﹫]|DDE\s*\()|[ ]*[\t\r\n])"
_RUNNABLE = re.compile(_FORMULA, re.IGNORECASE)
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
# What Excel, WPS and LibreOffice change when they load CSV: numbers of which they keep fifteen digits or show six,
# zeros before and after, and whatever they take for a date, a time or a truth value.
_CHANGED = "|".join(
    (
        r"[-+]?[\d,]{12,}(?:\.\d+)?", r"0\d+(?:\.\d+)?", r"\d+\.\d*0", r"\d{1,3}(?:,\d{3})+", r"\d+(?:\.\d+)?e[-+]?\d+",
        r"\d{1,4}[-/]\d{1,2}(?:[-/]\d{1,4})?", r"(?:\d{1,4}年)?\d{1,2}月(?:\d{1,2}[日号]?)?", r"\d+ \d+/\d+",
        r"\d{1,4}:\d{1,2}(?::\d{1,2})?(?:\.\d+)?(?:\s*[ap]m?)?", "true|false",
        r"#(?:null!|div/0!|value!|ref!|name\?|num!|n/a)",
        rf"{_MONTH}[-\s./]*\d{{1,4}}(?:[-\s,./]+\d{{1,4}})?", rf"\d{{1,4}}[-\s./]*{_MONTH}(?:[-\s,./]+\d{{1,4}})?",
    )
)  # fmt: skip
_ESCAPED_TEXT = rf"(?:{_FORMULA}|\s*(?:{_CHANGED})\s*\Z)"
_NEEDS_ESCAPE = re.compile(rf"'*{_ESCAPED_TEXT}", re.IGNORECASE)
_IS_ESCAPED = re.compile(rf"''*{_ESCAPED_TEXT}", re.IGNORECASE)


MARKS = ("'", "‘", "’", "＇")
_MARKED = re.compile(r"['‘’＇](?=[=+\-@(\d])(?!.*['’])", re.DOTALL)


def looks_like_formula(text: str) -> bool:
    """Some spreadsheet may run this text when it is typed or loaded from CSV."""
    return _RUNNABLE.match(text) is not None


def escape_formula(text: str) -> str:
    """Text that a spreadsheet neither runs nor changes when it loads CSV: with an apostrophe before a formula, and
    before 00123, 3-12, MARCH1 or a number of eighteen digits. `unescape_formula` gives exactly the original back: text
    that begins with apostrophes and then such a thing gets one more, so that taking one away is always right."""
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
