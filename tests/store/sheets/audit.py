"""What History says of many saves: is one lost or done twice, have numbers gaps, what does it not tell."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Lines = Sequence[Mapping[str, Any]]


def lines_by_commit(lines: Lines) -> Counter[str]:
    """How many lines each commit has."""
    return Counter(line["commit_id"] for line in lines)


def lost(lines: Lines, expected: Mapping[str, int]) -> list[str]:
    """Commits that have fewer lines than they should; `expected` says how many."""
    found = lines_by_commit(lines)
    return [commit_id for commit_id, count in expected.items() if found[commit_id] < count]


def twice(lines: Lines, expected: Mapping[str, int]) -> list[str]:
    """Commits that have more."""
    found = lines_by_commit(lines)
    return [commit_id for commit_id, count in expected.items() if found[commit_id] > count]


def numbers(lines: Lines) -> list[str]:
    """The numbers of all cases that ever were, in order; one that was given out twice comes twice."""
    return sorted(
        line["record_id"]
        for line in lines
        if line.get("tab") == "cases" and '"case_no":[null' in line.get("changes", "")
    )


def gaps(lines: Lines) -> list[str]:
    """The numbers that should be there, or are there twice."""
    found = Counter(numbers(lines))
    expected = {f"TS-2026-{number:06d}" for number in range(1, len(numbers(lines)) + 1)}
    return sorted(expected - found.keys()) + [number for number, count in found.items() if count > 1]


def untold(lines: Lines, words: Iterable[str]) -> list[str]:
    """What people typed and no line of History shows."""
    told = json.dumps([line.get("changes", "") for line in lines])
    return [word for word in words if f'\\"{word}\\"' not in told]


def put_right(lines: Lines) -> int:
    """How many writes were repairs."""
    return len({line["seq"] for line in lines if line["commit_id"].startswith("put-right-")})
