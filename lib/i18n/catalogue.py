"""Reads config/locale/*.po at run time, so that a wording can be changed without a restart."""

import logging
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

from lib.errors import ConfigError
from lib.i18n.languages import Language

LOCALE_DIR = Path(__file__).resolve().parents[2] / "config" / "locale"

_log = logging.getLogger(__name__)


def po_path(language: Language) -> Path:
    return LOCALE_DIR / f"{language}.po"


def read_catalogue(path: Path) -> Catalog:
    """Raises ConfigError where the file is not UTF-8 or not well-formed."""
    try:
        with path.open("rb") as file:
            return read_po(file, ignore_obsolete=True, charset="utf-8", abort_invalid=True)
    except PoFileError as error:
        raise ConfigError(path.name, f"line {error.lineno}", str(error)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(path.name, "encoding", "not UTF-8") from error


def placeholders(text: str) -> frozenset[str]:
    """The names in braces: {"n"} for "{n:,} cases". Raises ValueError where the braces do not match."""
    return frozenset(field for _, field, _, _ in string.Formatter().parse(text) if field is not None)


def usable_translations(catalogue: Catalog) -> dict[str, str]:
    """By message id, without those that are empty, fuzzy, or name a value that the source text lacks."""
    return {
        message.id: message.string
        for message in catalogue
        if isinstance(message.id, str)
        and isinstance(message.string, str)
        and message.id
        and message.string
        and not message.fuzzy
        and _fits(message.id, message.string)
    }


def _fits(source: str, translation: str) -> bool:
    try:
        return placeholders(translation) <= placeholders(source)
    except ValueError:
        return False


@dataclass(frozen=True)
class _Loaded:
    modified_ns: int
    messages: Mapping[str, str]


class CatalogueFile:
    """One .po file, read again when its modification time changes.

    A file that somebody has just broken must not take the pages down: the last readable version stays in use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loaded: _Loaded | None = None

    def messages(self) -> Mapping[str, str]:
        """Raises ConfigError where the file is unreadable and no earlier version is known."""
        modified_ns = self._path.stat().st_mtime_ns
        loaded = self._loaded
        if loaded is None or loaded.modified_ns != modified_ns:
            loaded = self._loaded = _Loaded(modified_ns, self._read(loaded))
        return loaded.messages

    def _read(self, previous: _Loaded | None) -> Mapping[str, str]:
        try:
            return MappingProxyType(usable_translations(read_catalogue(self._path)))
        except ConfigError as error:
            if previous is None:
                raise
            _log.warning("translations not reloaded: %s", error)
            return previous.messages


@cache
def catalogue_file(language: Language) -> CatalogueFile:
    return CatalogueFile(po_path(language))
