"""What every command works with: the open desk, words on standard error, progress, JSON on standard output."""

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from io import TextIOWrapper
from itertools import islice
from typing import Any

import typer
from typer.core import TyperGroup

from lib.app.bootstrap import open_desk
from lib.config.settings import Settings, load_settings
from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import StoreUnavailable
from lib.i18n import DEFAULT, Language, current_language, pick, t, use_language
from lib.words.errors import KNOWN_ERRORS, explain

COMMAND_LINE = system_actor(
    "case.view",
    "case.archive",
    "data.import",
    "data.export",
    "people.edit",
    "personal.view",
    "settings.view",
    "lists.edit",
)
"""Whoever has access to the machine has the data."""
_PASSWORD = re.compile(r"(?<=://)[^/@]*@")


class CommandSession:
    """One run of the command line. The store is opened when a command needs it."""

    def __init__(self, store: str | None) -> None:
        self._store = store
        use_language(shell_language(DEFAULT))
        use_language(shell_language(load_settings().default_language))

    @property
    def actor(self) -> Actor:
        return COMMAND_LINE

    @cached_property
    def settings(self) -> Settings:
        return load_settings(store=self._store)

    @cached_property
    def desk(self) -> Desk:
        self._say_store()
        return open_desk(store=self._store)

    def new_desk(self) -> Desk:
        """The desk of a workspace that is made where there is none; for `init` alone."""
        self._say_store()
        self.__dict__["desk"] = made = open_desk(store=self._store, create=True)
        return made

    def _say_store(self) -> None:
        """Which store it is, so that people notice when it is not the one they mean."""
        typer.echo(t("Store: {store}", store=_PASSWORD.sub("", self.settings.store)), err=True)


def session_of(ctx: typer.Context) -> CommandSession:
    found = ctx.find_object(CommandSession)
    if found is None:
        raise RuntimeError("a command runs below the application's own callback")
    return found


def shell_language(default: Language) -> Language:
    """The language that LC_ALL or LANG asks for, where it is one of ours."""
    return pick(os.environ.get("LC_ALL") or os.environ.get("LANG"), default)


def any_console() -> None:
    """A console of another code page (GBK, cp1252) shows what it cannot write as a question mark, and goes on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _store_first(words: Sequence[str]) -> list[str]:
    """--store may stand anywhere; what comes after -- is no option."""
    end = words.index("--") if "--" in words else len(words)
    first: list[str] = []
    rest: list[str] = []
    options = iter(words[:end])
    for word in options:
        if word == "--store":
            first += [word, *islice(options, 1)]
        else:
            (first if word.startswith("--store=") else rest).append(word)
    return [*first, *rest, *words[end:]]


class PlainErrors(TyperGroup):
    """Words the app's own errors and ends with status 1; any other error is a bug and shows its traceback."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        parsed: list[str] = super().parse_args(ctx, _store_first(args) if ctx.parent is None else args)
        return parsed

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KNOWN_ERRORS as error:
            desk = ctx.obj.__dict__.get("desk") if isinstance(ctx.obj, CommandSession) else None
            for line in explain(error, lists=desk.lists if desk else None):
                typer.echo(line, err=True)
            if isinstance(error, StoreUnavailable):  # commands act as the administrator
                typer.echo(error.why, err=True)
            raise typer.Exit(1) from None
        except BrokenPipeError:  # the reader has closed the pipe, as `head` does; the library ends quietly
            raise
        except OSError as failed:
            typer.echo(f"{failed.filename or ''}: {failed.strerror or failed}", err=True)
            raise typer.Exit(1) from None


def print_json(value: Any) -> None:
    """The only thing that a command with --json puts on standard output; UTF-8 whatever the terminal's code page."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def progress(label: str) -> Callable[[int, int], None]:
    """Shows (done, total) on standard error: in place on a terminal, in steps of a tenth elsewhere."""
    shown = -1

    def show(done: int, total: int) -> None:
        nonlocal shown
        share = 100 * done // total if total else 100
        if share == shown or (not sys.stderr.isatty() and share // 10 == shown // 10):
            return
        shown = share
        end = "\r" if sys.stderr.isatty() and done < total else "\n"
        print(t("{label}: {done} of {total}", label=label, done=done, total=total), end=end, file=sys.stderr)

    return show


def language() -> Language:
    return current_language()
