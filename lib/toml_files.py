"""Reading the files of config/; an error names the file and the key.

They are UTF-8. An editor on a Chinese Windows may add a byte order mark or save GBK; both are read as well.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from lib.errors import ConfigError

T = TypeVar("T")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a file. Raises ConfigError."""
    try:
        return parse_toml(path.read_bytes(), path.name)
    except OSError as missing:
        raise ConfigError(path.name, "", str(missing.strerror)) from missing


def parse_toml(content: bytes, file: str) -> dict[str, Any]:
    """The same of its content. Raises ConfigError."""
    text = _text_of(content, file)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as wrong:  # beside bad TOML: numbers and nesting without end
        line = _line_of(str(wrong), text)
        raise ConfigError(file, _key_in(text, line), str(wrong), code="toml_syntax", facts={"line": line}) from wrong


def read_as(kind: type[T], path: Path) -> T:
    """A file as a model, or as any other type that pydantic checks. Raises ConfigError."""
    values = read_toml(path)
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as wrong:
        raise config_error(path.name, wrong, values) from None


def config_error(file: str, wrong: ValidationError, values: Mapping[str, Any]) -> ConfigError:
    """The first thing that is wrong with the values of a file."""
    first = wrong.errors(include_url=False)[0]
    facts = {name: value for name, value in first.get("ctx", {}).items() if name != "error"}
    place = _place(first["loc"], values) or facts.pop("at", "")  # a rule about several keys names its own place
    return ConfigError(file, place, first["msg"], code=first["type"], facts=facts)


def _text_of(content: bytes, file: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ConfigError(file, "", "neither UTF-8 nor GBK", code="not_utf_8")


def _line_of(why: str, text: str) -> int:
    found = _AT_LINE.search(why)
    return int(found[1]) if found else text.count("\n") + 1


def _key_in(text: str, line: int) -> str:
    """What the line that cannot be read, or the nearest before it with anything in it, is about."""
    for told in reversed(text.split("\n")[:line]):
        key = told.partition("#")[0].partition("=")[0].strip(" \t\r[]")
        if key:
            return key[:40]
    return ""


def _place(loc: tuple[int | str, ...], values: Any) -> str:
    """The key as it stands in the file; an entry of a list of tables goes by its own key, such as stage.waiting."""
    parts = []
    for part in loc:
        values = _within(values, part)
        if part != "[key]":
            named = isinstance(part, int) and isinstance(values, dict) and "key" in values
            parts.append(str(values["key"] if named else part))
    return ".".join(parts)


def _within(values: Any, part: int | str) -> Any:
    if isinstance(values, dict):
        return values.get(part)
    there = isinstance(values, list) and isinstance(part, int) and -len(values) <= part < len(values)
    return values[part] if there else None
