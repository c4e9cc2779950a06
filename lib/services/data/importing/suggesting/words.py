"""What a header is meant for by the words it is made of: `处理完成时间` is when it was closed."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from lib.config.settings import CONFIG
from lib.domain.configured import Configured
from lib.errors import ConfigError
from lib.services.data.importing.fields import importable
from lib.tabular.headers import main_part
from lib.toml_files import read_as

_FILE = "import_words.toml"
_RUN = re.compile(r"[a-z]+|[\u3400-\u9fff]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OF_A_CASE = frozenset({"matter", "text", "demand", "result", "title"})
_WEAK = frozenset({"person", "by"})  # before another kind they say whose it is: 投诉人电话


@dataclass(frozen=True, slots=True)
class ImportWords:
    """config/import_words.toml: what each word says, and the field of "step kind", the first first."""

    meaning: Mapping[str, tuple[str, str]]
    never: frozenset[str]
    fields: Mapping[str, str]
    longest: int


class _Never(Configured):
    kinds: tuple[str, ...] = ()


class _WordsFile(Configured):
    """The file as it stands."""

    kind: Mapping[str, tuple[str, ...]] = {}
    step: Mapping[str, tuple[str, ...]] = {}
    neutral: Mapping[str, tuple[str, ...]] = {}
    never: _Never = _Never()
    field: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Said:
    """What the words of a header say.

    `field` is "" where a case has none for it, None where the words say too little; `steps` tells whether they name a
    step or whose it is.
    """

    field: str | None
    kinds: frozenset[str]
    steps: bool


def said_by(header: str) -> Said:
    """What a header says by the words it is made of. Raises ConfigError."""
    known = _words()
    kinds, steps, unknown = [], [], False
    for word in _split(main_part(header), known):
        part, name = known.meaning.get(word, ("unknown", ""))
        unknown = unknown or part == "unknown"
        if part == "kind":
            kinds.append(name)
        elif part == "step":
            steps.append(name)
    if known.never & set(kinds):
        return Said("", frozenset(kinds), bool(steps))
    certain = not unknown and bool(kinds or steps)
    return Said(_look_up(known.fields, kinds, steps) if certain else None, frozenset(kinds), bool(steps))


def _look_up(fields: Mapping[str, str], kinds: Sequence[str], steps: Sequence[str]) -> str | None:
    if kinds and _of_something_else(kinds):
        return ""
    kind = _main_kind(kinds)
    if kind == "none" and len(set(steps)) > 1 and "answer" not in steps:
        return None
    for pair, field in fields.items():
        step, wanted = pair.split()
        at_step = step == "any" or step in steps or (step == "none" and not steps)
        if at_step and wanted in ("any", kind):
            return field
    return None


def _main_kind(kinds: Sequence[str]) -> str:
    """The last one: 投诉人电话 is a telephone number. But a text about something is that: `Method description`."""
    strong = [kind for kind in kinds if kind not in _WEAK] or list(kinds)
    if strong[-1:] == ["text"] and (others := [kind for kind in strong if kind not in _OF_A_CASE]):
        return others[-1]
    return strong[-1] if strong else "none"


def _of_something_else(kinds: Sequence[str]) -> bool:
    """The number of a department, the type of a unit: not those of the case."""
    others = set(kinds[:-1]) - {kinds[-1]}
    return (kinds[-1] == "number" and bool(others)) or (kinds[-1] in ("type", "status") and not others <= _OF_A_CASE)


def _split(header: str, known: ImportWords) -> Iterator[str]:
    """The words of a header; in Chinese the longest known ones, what is between them letter by letter."""
    text = unicodedata.normalize("NFKC", header)
    spaced = _CAMEL.sub(" ", text) if not text.isupper() else text
    for run in _RUN.findall(spaced.casefold()):
        yield from [run] if run.isascii() else _longest(run, known)


def _longest(run: str, known: ImportWords) -> Iterator[str]:
    at = 0
    while at < len(run):
        ends = range(min(len(run), at + known.longest), at + 1, -1)
        end = next((end for end in ends if run[at:end] in known.meaning), at + 1)
        yield run[at:end]
        at = end


@cache
def _words() -> ImportWords:
    """Raises ConfigError."""
    found = read_as(_WordsFile, CONFIG / _FILE)
    meaning: dict[str, tuple[str, str]] = {}
    for part in ("kind", "step", "neutral"):
        for name, words in getattr(found, part).items():
            for word in words:
                if meaning.setdefault(word.casefold(), (part, name)) != (part, name):
                    raise ConfigError(_FILE, f"{part}.{name}: {word}", "name_used_twice")
    for pair, field in found.field.items():
        if len(pair.split()) != 2 or (field and field not in importable()):
            raise ConfigError(_FILE, f"field.{pair}", "not_a_field")
    return ImportWords(meaning, frozenset(found.never.kinds), found.field, max(map(len, meaning), default=1))
