"""Text tables: which encoding, which separator, and their records."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO, TextIOWrapper
from itertools import chain, islice
from typing import TextIO

from charset_normalizer import from_bytes

from lib.tabular.table import NumberedRow, UnreadableTable

SEPARATORS = (",", ";", "\t")
_SNIFFED_CHARACTERS = 200_000
_SNIFFED_RECORDS = 200
_SAMPLE = 64_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_COMMON = re.compile(r"[\n\r,;\t 0-9]")
# A pair of GB 18030, or four bytes of it; trail bytes below A1 are rare in Chinese, usual in misread Latin text.
_GB_PAIR = re.compile(rb"[\x81-\xfe]([\x40-\x7e\x80-\xfe])|[\x81-\xfe][0-9][\x81-\xfe][0-9]")
_OTHER_ENCODINGS = ["cp1252", "cp1251", "big5hkscs", "shift_jis", "euc_kr"]
# A field may be as long as the file; the file's own size is limited before.
csv.field_size_limit(2**31 - 1)


class Text:
    """The text of a file, decoded as it is read and never as a whole: a file of 100 MB would fill four times as much.

    Raises UnreadableTable `not_text` for content that is no text, or not in the `encoding` asked for.
    """

    def __init__(self, content: bytes, encoding: str | None = None) -> None:
        self._content = content
        bom = next((name for bom, name in _BOMS if content.startswith(bom)), None)
        try:
            self.encoding = encoding or bom or _guess_encoding(content)
            self._errors = "strict" if encoding or self.encoding not in ("utf-8", "cp1252") else "replace"
            self.head = self.stream().read(_SNIFFED_CHARACTERS)
        except (UnicodeError, LookupError) as error:
            raise UnreadableTable("not_text", why=str(error)) from error
        controls = len(_CONTROL.findall(self.head, 0, _SAMPLE))
        if not (encoding or bom) and controls > 0.02 * min(len(self.head), _SAMPLE):
            raise UnreadableTable("not_text")

    def stream(self) -> TextIO:
        """The text from its beginning, without byte order mark, line ends as they are."""
        text = TextIOWrapper(BytesIO(self._content), self.encoding, self._errors, newline="")
        if text.read(1) != "\ufeff":
            text.seek(0)
        return text


def _guess_encoding(content: bytes) -> str:
    sample = content[:_SAMPLE]
    if b"\0" in sample and (sample.count(0) > 0.05 * len(sample) or not _decodes(content, "utf-8")):
        return _utf16_order(content)
    if _mostly_utf8(content):
        return "utf-8"
    if _decodes(content, "gb18030") and _looks_chinese(content):
        return "gb18030"
    best = from_bytes(content[:_SAMPLE], cp_isolation=_OTHER_ENCODINGS).best()
    return best.encoding if best and _decodes(content, best.encoding) else "cp1252"


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeError:
        return False
    return True


def _mostly_utf8(content: bytes) -> bool:
    # Systems that cut a field after so many bytes leave half characters; the rest is good all the same.
    if _decodes(content, "utf-8"):
        return True
    text = content.decode("utf-8", "replace")
    # Pairs of GB 18030 often pass for characters of two bytes, hardly ever for those of three.
    long = sum(character > "\u07ff" for character in text)
    damaged = text.count("\ufffd")
    return damaged * 20 < long - damaged


def _utf16_order(content: bytes) -> str:
    orders = [order for order in ("utf-16-le", "utf-16-be") if _decodes(content, order)]
    if not orders:
        raise UnreadableTable("not_text")
    return max(orders, key=lambda order: len(_COMMON.findall(content[:_SAMPLE].decode(order, "replace"))))


def _looks_chinese(content: bytes) -> bool:
    trails = [found[1] for found in _GB_PAIR.finditer(content[:_SAMPLE]) if found[1]]
    return not trails or sum(trail >= b"\xa1" for trail in trails) >= 0.6 * len(trails)


def sniff_delimiter(text: str) -> str:
    """The separator that cuts most records into equally many fields (a comma when none does).

    `text` is the beginning of a file.
    """
    scores = {separator: _consistency(text, separator) for separator in SEPARATORS}
    return max(SEPARATORS, key=lambda separator: scores[separator])


def _consistency(text: str, separator: str) -> tuple[float, int]:
    sample = StringIO(text, newline="")
    found = islice(csv.reader(sample, delimiter=separator), _SNIFFED_RECORDS)
    widths = Counter(len(record) for record in found if any(record))
    several = [(count, width) for width, count in widths.items() if width > 1]
    if not several:
        return 0.0, 0
    count, width = max(several)
    return count / widths.total(), width


def records(text: Text, separator: str) -> Iterator[NumberedRow]:
    """Records with the line where each starts. Raises UnreadableTable for a quote that is never closed, or where the
    text is not in its encoding after all."""
    try:
        yield from _records(text.stream(), separator)
    except UnicodeError as error:
        raise UnreadableTable("not_text", why=str(error)) from error


def _records(lines: Iterable[str], separator: str) -> Iterator[NumberedRow]:
    # The end mark comes out as a record of its own unless an open quote has swallowed it.
    end = "\x00end of the file\x00"
    reader = csv.reader(chain(lines, [end]), delimiter=separator)
    number = 1
    for record in reader:
        if record == [end]:
            return
        if record and record[-1].endswith(end):
            raise UnreadableTable("unclosed_quote", line=number)
        yield number, [field or None for field in record]
        number = reader.line_num + 1
