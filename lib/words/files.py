"""What is wrong with a file, in words."""

from collections.abc import Callable, Mapping
from typing import Any

from lib.domain.records.lists import Lists
from lib.domain.text.uploads import MEGABYTE, BadUpload, UploadProblem
from lib.errors import FileLost, FilesUnavailable
from lib.i18n import N_, t
from lib.tabular.table import UnreadableTable
from lib.tabular.writing import CellTooLong
from lib.words.names import filled

_UNREADABLE: Mapping[str, str] = {
    "empty": N_("The file is empty."),
    "encrypted": N_("The file is protected with a password. Save it without one and try again."),
    "damaged": N_("The file is damaged and cannot be read."),
    "unknown_format": N_("This kind of file is not known. Use CSV, XLSX, XLS or ODS."),
    "not_text": N_("The file is neither a table nor text that can be read."),
    "unclosed_quote": N_("A quotation mark in line {line} is never closed."),
    "too_large": N_("The file has {size} MB; {limit} MB are allowed. Split it, or save it as XLSX."),
    "too_large_unpacked": N_("Unpacked the file has {size} MB; {limit} MB are allowed. Split it, or save it as CSV."),
    "too_many_rows": N_("The file has more than {limit} rows. Split it."),
    "too_many_columns": N_("The file has more than {limit} columns."),
    "too_many_cells": N_("The file has more than {limit} cells. Split it, or leave out columns."),
    "no_such_sheet": N_("The file has no sheet “{sheet}”."),
}

_UPLOADS: Mapping[str, str] = {
    UploadProblem.EMPTY: N_("{name}: the file is empty."),
    UploadProblem.TOO_LARGE: N_("{name}: the file is too large, {limit_mb} MB are allowed."),
    UploadProblem.TOO_MANY: N_("At most {limit} files are allowed."),
    UploadProblem.DANGEROUS: N_("{name}: programs, web pages and documents with macros are not accepted."),
    UploadProblem.UNKNOWN_TYPE: N_("{name}: this kind of file is not accepted."),
    UploadProblem.NOT_ALLOWED: N_("{name}: this kind of file is not accepted here."),
    UploadProblem.WRONG_EXTENSION: N_("{name}: the content does not match the file extension."),
}

_FILES: Mapping[str, str] = {
    "missing": N_("This file is missing from the file storage. Restore it from the backup, or add it again."),
    "damaged": N_("This file was changed or damaged after it was added: its checksum does not match. Restore it."),
}


def _upload(error: BadUpload, _: Lists) -> list[str]:
    megabytes = int(error.facts.get("limit", 0)) // MEGABYTE
    return [filled(_UPLOADS[error.problem], {"name": error.name, "limit_mb": megabytes, **error.facts})]


def _unreadable(error: UnreadableTable, _: Lists) -> list[str]:
    return [filled(_UNREADABLE[error.reason], error.facts)]


def _too_long(error: CellTooLong, _: Lists) -> list[str]:
    return [
        t(
            "Row {row}, {column}: the text has {length} characters, a cell of XLSX holds {limit}. Use CSV.",
            row=error.row,
            column=error.column,
            length=error.length,
            limit=error.limit,
        )
    ]


def _files(_: FilesUnavailable, __: Lists) -> list[str]:
    return [t("The file storage cannot be reached. Try again in a minute, or tell your administrator.")]


FILE_ERRORS: Mapping[type[Exception], Callable[[Any, Lists], list[str]]] = {
    FileLost: lambda error, _: [t(_FILES[error.why])],
    FilesUnavailable: _files,
    BadUpload: _upload,
    UnreadableTable: _unreadable,
    CellTooLong: _too_long,
}
