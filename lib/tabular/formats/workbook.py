"""What the three workbook formats have in common."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from openpyxl.utils.exceptions import InvalidFileException
from xlrd import XLRDError
from xlrd.compdoc import CompDocError
from xlrd.formula import FormulaError

from lib.tabular.table import Rows, UnreadableTable

# The libraries check little of what they read: damage surfaces wherever it happens to hurt.
SYMPTOMS = (
    *(zipfile.BadZipFile, zlib.error, ParseError, struct.error),
    *(InvalidFileException, XLRDError, CompDocError, FormulaError),
    *(OSError, EOFError, LookupError, ValueError, TypeError, AttributeError),
    *(ArithmeticError, AssertionError, NotImplementedError, RuntimeError),
)


@dataclass(frozen=True, slots=True)
class Workbook:
    """Sheet names in their order, hidden ones last, and the numbered rows of one of them (without all blank ones)."""

    names: tuple[str, ...]
    rows: Callable[[str], Rows]


@contextmanager
def damage_reported() -> Iterator[None]:
    """Turns whatever a library stumbles over in a damaged file into UnreadableTable `damaged`."""
    try:
        yield
    except UnreadableTable:
        raise
    except SYMPTOMS as error:
        raise UnreadableTable("damaged", why=f"{type(error).__name__}: {error}") from error


def visible_first(sheets: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
    """The names of sheets with those that people see first; given are name and whether it is visible."""
    found = list(sheets)
    return tuple(name for wanted in (True, False) for name, visible in found if visible is wanted)


def whole(number: float) -> int | float:
    """XLS and ODS keep every number as a double: 24.0 was typed as 24."""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
