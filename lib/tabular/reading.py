"""Read a table from a CSV, XLSX, XLS or ODS file; the content decides the format, not the name."""

import zipfile
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import islice
from math import ceil
from pathlib import PurePath
from typing import Literal

from lib.tabular.formats import ods, text_table, xls, xlsx
from lib.tabular.formats.escapes import unescape_formula as undo
from lib.tabular.formats.workbook import Workbook, damage_reported
from lib.tabular.shaping import HEAD, dense_rows, shape, widest
from lib.tabular.table import MB, Cell, FileTable, Limits, NumberedRow, Reason, Rows, SourceRow, UnreadableTable

__all__ = ["Cell", "FileTable", "Limits", "SourceRow", "UnreadableTable", "read_table"]

Format = Literal["xlsx", "ods", "xls", "text"]
_OPEN = {"xlsx": xlsx.open_workbook, "ods": ods.open_workbook, "xls": xls.open_workbook}

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08")
_ENCRYPTED_OOXML = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = {
    b"%PDF": "pdf",
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF8": "gif",
    b"Rar!": "rar",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"{\\rtf": "rtf",
    b"SQLite format 3": "sqlite",
}
# Parts of workbooks that the libraries read as a whole.
_WHOLE_PARTS = ("styles.xml", "workbook.xml", "manifest.xml", "[Content_Types].xml", ".rels", "core.xml", "custom.xml",
                "theme1.xml", "mimetype")  # fmt: skip
_MARKUP = (b"<!doctype html", b"<html", b"<table", b"<?xml", b"<head", b"<meta", b"<style")


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    rows: Rows
    encoding: str | None = None
    delimiter: str | None = None
    sheets: tuple[str, ...] = ()


def read_table(
    content: bytes,
    filename: str,
    *,
    sheet: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    encoding: str | None = None,
    delimiter: str | None = None,
    unescape_formula: bool = False,
) -> FileTable:
    """The table in a file.

    Without `sheet`, the first sheet that has content. `encoding` and `delimiter` overrule what is found in a
    text file. `unescape_formula` takes away the apostrophes that `write_csv` puts before text like formulas.

    The header is the first row that fills at least two columns and half as many as rows usually fill (title
    and parameter rows above it are skipped), or the first row of a table with one column. Blank rows are dropped.

    Raises UnreadableTable.
    """
    if len(content) > limits.bytes:
        raise _too_large("too_large", len(content), limits.bytes)
    if not content.strip():
        raise UnreadableTable("empty")
    found = _format_of(content)
    if found == "text":
        text = text_table.Text(content, encoding)
        separator = delimiter or text_table.sniff_delimiter(text.head)
        rows = _unescaped(text_table.records(text, separator), unescape_formula)
        return _table(_Source(PurePath(filename).stem, rows, text.encoding, separator), limits)
    if found != "xls":
        _refuse_bombs(content, limits)
    with damage_reported():
        book = _OPEN[found](content)
    return _table(_pick_sheet(book, sheet, limits), limits)


def _too_large(reason: Reason, size: int, limit: int) -> UnreadableTable:
    """Told in megabytes; what is a little above a limit does not look like it."""
    return UnreadableTable(reason, size=f"{ceil(10 * size / MB) / 10:g}", limit=f"{limit / MB:g}")


def _table(source: _Source, limits: Limits) -> FileTable:
    numbered = list(islice(dense_rows(source.rows, limits.columns), limits.rows + HEAD + 1))
    if not numbered:
        raise UnreadableTable("empty", sheets=source.sheets)
    if len(numbered) * widest(numbered) > limits.cells:
        raise UnreadableTable("too_many_cells", limit=limits.cells)
    headers, rows = shape(numbered)
    if len(rows) > limits.rows:
        raise UnreadableTable("too_many_rows", limit=limits.rows)
    return FileTable(source.name, headers, rows, source.encoding, source.delimiter, source.sheets)


def _unescaped(rows: Rows, wanted: bool) -> Rows:
    return map(_unescape_row, rows) if wanted else rows


def _unescape_row(row: NumberedRow) -> NumberedRow:
    number, cells = row
    return number, [undo(cell) if isinstance(cell, str) else cell for cell in cells]


def _pick_sheet(book: Workbook, sheet: str | None, limits: Limits) -> _Source:
    make = partial(_Source, sheets=book.names)
    if sheet is not None:
        if sheet not in book.names:
            raise UnreadableTable("no_such_sheet", sheet=sheet, sheets=book.names)
        return make(sheet, _reported(book, sheet))
    for name in book.names:
        if next(dense_rows(_reported(book, name), limits.columns), None) is not None:
            return make(name, _reported(book, name))
    raise UnreadableTable("empty", sheets=book.names)


def _reported(book: Workbook, name: str) -> Rows:
    with damage_reported():
        yield from book.rows(name)


def _format_of(content: bytes) -> Format:
    if content.startswith(b"PK\x03\x04"):
        return _zip_format(content)
    if content.startswith(_OLE):
        return _ole_format(content)
    if content.startswith(_BARE_BIFF):
        return "xls"
    for magic, name in _FOREIGN.items():
        if content.startswith(magic):
            raise UnreadableTable("unknown_format", found=name)
    if content[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        # Many systems export a web page or the XML of 2003 under the name .xls.
        raise UnreadableTable("unknown_format", found="markup")
    return "text"


def _zip_format(content: bytes) -> Format:
    with damage_reported(), zipfile.ZipFile(BytesIO(content)) as archive:
        names = set(archive.namelist())
    if "[Content_Types].xml" in names and any(name.endswith("workbook.xml") for name in names):
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    raise UnreadableTable("unknown_format", found="zip")


def _ole_format(content: bytes) -> Format:
    if _ENCRYPTED_OOXML in content:
        raise UnreadableTable("encrypted")
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        return "xls"
    raise UnreadableTable("unknown_format", found="ole")


def _refuse_bombs(content: bytes, limits: Limits) -> None:
    # zipfile never unpacks more of a member than its directory entry says, so the sum is a true bound.
    with zipfile.ZipFile(BytesIO(content)) as archive:
        members = archive.infolist()
    size = sum(member.file_size for member in members)
    if size > limits.uncompressed:
        raise _too_large("too_large_unpacked", size, limits.uncompressed)
    for member in members:
        if member.file_size > limits.part and member.filename.endswith(_WHOLE_PARTS):
            raise _too_large("too_large_unpacked", member.file_size, limits.part)
    if any(member.flag_bits & 0x1 for member in members):
        raise UnreadableTable("encrypted")
