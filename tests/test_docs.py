"""The guides agree with what they speak of: links lead somewhere, settings and roles are those of the configuration."""

import re
from pathlib import Path

import pytest

from lib.settings import ROOT, Settings, load_config, load_settings

GUIDES = sorted((ROOT / "docs").glob("*.md"))
ADMINISTRATORS = [guide for guide in GUIDES if guide.name.startswith("administrators.")]
MANAGERS = [guide for guide in GUIDES if guide.name.startswith("managers.")]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def _rows(guide: Path) -> list[list[str]]:
    lines = guide.read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_link_and_picture_is_there(guide: Path) -> None:
    targets = [target for target in LINK.findall(guide.read_text("utf-8")) if "://" not in target]
    assert [target for target in targets if not (guide.parent / target).exists()] == []


@pytest.mark.parametrize("guide", ADMINISTRATORS, ids=lambda guide: guide.name)
def test_every_setting_is_explained(guide: Path) -> None:
    explained = {row[0].strip("`"): row[1].strip("`") for row in _rows(guide) if row[1].startswith("`CASESHEET_")}
    assert explained == {name: f"CASESHEET_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("guide", MANAGERS, ids=lambda guide: guide.name)
def test_the_table_of_roles_has_every_role_with_what_it_may_do(guide: Path) -> None:
    chinese = "zh" in guide.name
    roles = load_config(load_settings()).roles.role.values()
    rows = _rows(guide)
    head = next(place for place, row in enumerate(rows) if row == ["", *(r.zh if chinese else r.en for r in roles)])
    shown = rows[head + 2 :][: len({name for role in roles for name in role.permissions}) - 2]
    # Two permissions are left out: the home page is everybody's, and decisions of the review have no page yet.
    hidden = {"home.view", "weekly.decide"}
    for place, role in enumerate(roles, start=1):
        assert sum(row[place] != "–" for row in shown) == len(role.permissions.keys() - hidden)
