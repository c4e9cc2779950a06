"""Finds the messages that the source code passes to t, tn and N_."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lib.i18n.catalogue import placeholders

ROOT: Final = Path(__file__).resolve().parents[2]

_MESSAGE_ARGUMENTS: Final = {"t": 1, "tn": 2, "N_": 1}


@dataclass(frozen=True)
class Use:
    """One message at one place. `filled` names the values given there, None where that cannot be known."""

    message: str
    path: Path
    line: int
    filled: frozenset[str] | None

    @property
    def unfilled(self) -> frozenset[str]:
        return placeholders(self.message) - self.filled if self.filled is not None else frozenset()


@dataclass(frozen=True)
class Computed:
    """A message put together at run time (f-string, +, %), which no catalogue can hold."""

    path: Path
    line: int


def python_files(root: Path = ROOT) -> list[Path]:
    """The files whose texts people see."""
    found = [root / "streamlit_app.py", *(root / "lib").rglob("*.py"), *(root / "pages").rglob("*.py")]
    return sorted(path for path in found if path.is_file())


def scan(paths: Iterable[Path]) -> Iterator[Use | Computed]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            if isinstance(node, ast.Call):
                yield from _messages_of(node, path)


def messages_in_use(root: Path = ROOT) -> frozenset[str]:
    return frozenset(found.message for found in scan(python_files(root)) if isinstance(found, Use))


def _messages_of(call: ast.Call, path: Path) -> Iterator[Use | Computed]:
    function = _called_name(call.func)
    for argument in call.args[: _MESSAGE_ARGUMENTS.get(function, 0)]:
        for value in _alternatives(argument):
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield Use(value.value, path, value.lineno, _filled(call, function))
            elif isinstance(value, ast.JoinedStr | ast.BinOp):
                yield Computed(path, value.lineno)


def _called_name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute) and ast.unparse(function.value) == "i18n":
        return function.attr
    return ""


def _alternatives(argument: ast.expr) -> Iterator[ast.expr]:
    if isinstance(argument, ast.IfExp):
        yield from _alternatives(argument.body)
        yield from _alternatives(argument.orelse)
    else:
        yield argument


def _filled(call: ast.Call, function: str) -> frozenset[str] | None:
    names = [keyword.arg for keyword in call.keywords]
    if function == "N_" or None in names:
        return None
    return frozenset(name for name in names if name is not None) | ({"n"} if function == "tn" else set())
