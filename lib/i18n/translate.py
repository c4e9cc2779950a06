"""Translates texts into the language of the person for whom this thread works."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from lib.i18n.catalogue import catalogue_file
from lib.i18n.languages import DEFAULT, LANGUAGES, Language


class Translator:
    """Translates into one language with the wording of the moment it was made; threads may share it."""

    def __init__(self, language: Language) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"unknown language {language!r}")
        self.language = language
        self._messages = catalogue_file(language).messages()

    def __call__(self, message: str, /, **values: object) -> str:
        text = self._messages.get(message, message)
        return text.format(**values) if values else text

    def plural(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        return self(singular if n == 1 else plural, n=n, **values)


@dataclass
class _Unchosen:
    find: Callable[[], Language | None] | None = None

    def language(self) -> Language:
        return (self.find() if self.find else None) or DEFAULT


_chosen: ContextVar[Translator] = ContextVar("translator")
_unchosen = _Unchosen()


def find_language_by(source: Callable[[], Language | None] | None) -> None:
    """Names what to ask for the language in a thread where none was chosen.

    Streamlit runs callbacks before the page's script, and fragments without it, each time in a new thread.
    """
    _unchosen.find = source


def use_language(language: Language) -> None:
    """Chooses the language for the rest of this thread or run."""
    _chosen.set(Translator(language))


@contextmanager
def in_language(language: Language) -> Iterator[Translator]:
    """Another language for a while, such as that of the person a message is sent to."""
    token = _chosen.set(Translator(language))
    try:
        yield _chosen.get()
    finally:
        _chosen.reset(token)


def _current() -> Translator:
    chosen = _chosen.get(None)
    return chosen if chosen is not None else Translator(_unchosen.language())


def current_language() -> Language:
    return _current().language


def t(message: str, /, **values: object) -> str:
    """The message in the current language, with named values filled in: t("{n} cases", n=3).

    A message without translation comes back as it is. Without values nothing is filled in, so braces stay.
    """
    return _current()(message, **values)


def tn(singular: str, plural: str, n: int, /, **values: object) -> str:
    """Either of two messages by `n`, which fills in {n}: tn("{n} case", "{n} cases", 3)."""
    return _current().plural(singular, plural, n, **values)


def N_(message: str, /) -> str:  # noqa: N802
    """Marks a text that is declared here and translated where it is shown."""
    return message
