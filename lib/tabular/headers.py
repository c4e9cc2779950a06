"""Which column of a file is meant for which field: suggested by its header, checked against its values."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from lib.tabular.evidence import Kind, fit, look_like_phones
from lib.tabular.header_rows import BETWEEN
from lib.tabular.table import Cell
from lib.toml_files import read_toml

Reason = Literal["same_name", "alias", "words", "similar_name", "values", "nothing_fits"]

# Just above what two words of three in common give: `State` is not yet `Incident State`.
_LEAST = 0.57
_SAMPLED = 200
_EXPLAINED = re.compile(r"\s*[(（\[【;；,，:：]")


@dataclass(frozen=True, slots=True)
class Target:
    """A field to fill. `labels` are its Chinese and English label, then other names, best first."""

    key: str
    labels: tuple[str, ...]
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`target` is None where nothing fits; `confidence` is 0..1, from 0.9 a person need hardly look."""

    target: str | None
    confidence: float
    reason: Reason


class BadAliases(ValueError):
    """The file of aliases is wrong at `key`; `why` is not_a_list, empty_name or name_used_twice."""

    def __init__(self, path: Path, key: str, why: str) -> None:
        self.path, self.key, self.why = path, key, why
        super().__init__(f"{path}: {key}: {why}")


def load_aliases(path: Path) -> dict[str, tuple[str, ...]]:
    """Other names of fields by field key. Raises BadAliases and ConfigError."""
    owners: dict[str, str] = {}
    aliases: dict[str, tuple[str, ...]] = {}
    for key, names in read_toml(path).items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise BadAliases(path, key, "not_a_list")
        for name in names:
            if not normalise(name):
                raise BadAliases(path, key, "empty_name")
            if owners.setdefault(normalise(name), key) != key:
                raise BadAliases(path, f"{key}: {name}", "name_used_twice")
        aliases[key] = tuple(names)
    return aliases


@dataclass(frozen=True, slots=True)
class Judged:
    """What else is known of a column: fields it may be for, with score and reason; whether the likeness of names
    counts; and factors by which its values make a field less likely."""

    offers: Mapping[str, tuple[float, Reason]] = field(default_factory=dict)
    similar: bool = True
    weights: Mapping[str, float] = field(default_factory=dict)


_NOTHING = Judged()


def suggest(
    headers: Sequence[str],
    sample_rows: Sequence[Sequence[Cell]],
    targets: Sequence[Target],
    judged: Mapping[str, Judged] | None = None,
) -> dict[str, Suggestion]:
    """A suggestion for every header; no field is suggested twice.

    `sample_rows` are rows in the order of `headers`; a few hundred are enough. `judged` adds to what names say, by
    header.
    """
    known = judged or {}
    columns = [[row[at] for row in sample_rows[:_SAMPLED] if at < len(row)] for at in range(len(headers))]
    scored = [
        (round(score * fit(column, target.kind) * also.weights.get(target.key, 1.0), 3), -at, target.key, reason)
        for at, (header, column) in enumerate(zip(headers, columns, strict=True))
        for also in [known.get(header, _NOTHING)]
        for target in targets
        for score, reason in [_score(header, column, target, also)]
        if score >= _LEAST  # values can only lower it
    ]
    found = {header: Suggestion(None, 0.0, "nothing_fits") for header in headers}
    taken: set[str] = set()
    for score, place, key, reason in sorted(scored, key=lambda entry: entry[:2], reverse=True):
        header = headers[-place]
        if score >= _LEAST and key not in taken and found[header].target is None:
            found[header] = Suggestion(key, score, reason)
            taken.add(key)
    return found


def _score(header: str, column: Sequence[Cell], target: Target, also: Judged) -> tuple[float, Reason]:
    """The best that speaks for the field; offers of values or words count against the likeness of names."""
    by_name = _name_score(header, target)
    if by_name[1] == "similar_name" and not also.similar:
        by_name = (0.0, "similar_name")
    if target.kind == "phone" and also.similar and by_name[0] < 0.6 and look_like_phones(column):
        by_name = (0.6, "values")
    return max(by_name, also.offers.get(target.key, (0.0, "nothing_fits")), key=lambda one: one[0])


def _name_score(header: str, target: Target) -> tuple[float, Reason]:
    # The name in a group of columns, and without its explanation, too.
    wanted = {normalise(name) for name in (header, header.rpartition(BETWEEN)[2], main_part(header))}
    names = (target.key, *target.labels)
    for position, name in enumerate(names):
        if (known := normalise(name)) and known in wanted:
            return (1.0, "same_name") if position < 3 else (0.98 - 0.001 * position, "alias")
    return 0.85 * max(_similarity(_features(header), _features(name)) for name in names), "similar_name"


def main_part(header: str) -> str:
    """A header without what explains it: `状态(0:待处理,1:处理中)`, `投诉内容，问题描述`."""
    return _EXPLAINED.split(header.strip(), maxsplit=1)[0] or header


@cache
def normalise(name: str) -> str:
    """The letters and digits of a name: `Created Date`, `created_date` and `ＣreatedDate` are the same."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


# Words that many headers share say little about which column it is.
_GENERIC = frozenset(
    "id no num number name type code date time at by of the to and 时间 日期 编号 名称 类型 人员 号码".split()  # noqa: SIM905
)


@cache
def _features(name: str) -> Mapping[str, float]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", unicodedata.normalize("NFKC", name))
    words = re.findall(r"[a-z]+|\d+|[\u3400-\u9fff]+", spaced.casefold())
    parts = Counter(part for word in words for part in _parts(word))
    return {part: count * (0.3 if part in _GENERIC else 1.0) for part, count in parts.items()}


def _parts(word: str) -> list[str]:
    if word[0] < "\u3400" or len(word) == 1:
        return [word]
    return [word[at : at + 2] for at in range(len(word) - 1)]


def _similarity(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Dice's coefficient over weighted words and pairs of Chinese characters, 0..1."""
    shared = sum(min(weight, other[part]) for part, weight in one.items() if part in other)
    # Sharing nothing but "date" or "编号" is no similarity.
    return 2 * shared / (sum(one.values()) + sum(other.values())) if shared >= 1 else 0.0
