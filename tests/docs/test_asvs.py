"""The table of ASVS requirements names tests that exist, and says of every requirement how it stands."""

import ast
import re
from functools import cache

import pytest

from lib.config.settings import ROOT

TABLE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (.+?) \| (.+) \|$", TABLE, re.MULTILINE)
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", TABLE)))
STATES = ("not applicable: ", "not yet: ", "by the deployment: ", "documented: ")
LEVELS_1_AND_2 = 253
"""Requirements of version 5.0.0."""


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_requirement_stands_there_once() -> None:
    numbers = [number for number, *_ in ROWS]
    assert len(numbers) == len(set(numbers)) == LEVELS_1_AND_2
    assert {number.partition(".")[0] for number in numbers} == {str(n) for n in range(1, 18)}


@pytest.mark.parametrize("named", NAMED)
def test_every_test_named_there_exists(named: str) -> None:
    path, _, name = named.partition("::")
    assert name.startswith("test_")
    assert name in names_in(path)


@pytest.mark.parametrize(("number", "held"), [(number, held) for number, _, _, held in ROWS])
def test_every_requirement_has_a_test_or_a_reason(number: str, held: str) -> None:
    assert held.startswith(("`tests/", *STATES)), number
    if held.startswith(STATES):
        assert len(held.partition(": ")[2]) > 5, number
