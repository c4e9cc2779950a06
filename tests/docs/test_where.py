"""What the page on architecture says is where is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PLACES = sorted(set(re.findall(r"`((?:lib|config|pages|tests|benchmarks|docs)/[\w./*-]*)`", PAGE)))
TABLE = PAGE.partition("### Where is what")[2].partition("\n### ")[0]


@pytest.mark.parametrize("place", PLACES)
def test_a_place_is_there(place: str) -> None:
    assert list(ROOT.glob(place.rstrip("/"))), place


def test_each_question_leads_to_files() -> None:
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and "?" in line]
    assert len(rows) >= 10
    for row in rows:
        assert any((ROOT / place).is_file() for place in re.findall(r"`([\w/]+\.\w+)`", row)), row
