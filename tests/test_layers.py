"""Imports point downward: the contracts of .importlinter, and what a page script may know."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "pages").glob("*.py"))


def test_the_import_contracts_hold() -> None:
    """In a process of its own, because the linter sets up logging for the whole of one."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_knows_no_store(page: Path) -> None:
    tree = ast.parse(page.read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert not [
        name for name in imported if name.startswith(("lib.store", "lib.app.bootstrap", "sqlalchemy", "gspread"))
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_states_its_permission_in_its_first_call(page: Path) -> None:
    tree = ast.parse(page.read_text(encoding="utf-8"))
    calls = [node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]

    assert calls[0] in ("begin_page", "begin_public_page")


CROWD = 15
"""Files side by side that a newcomer still takes in at a glance."""
FOLDERS = sorted(
    {path.parent for top in ("lib", "tests") for path in (ROOT / top).rglob("*.py")} - {ROOT / "tests/pages"}
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_no_folder_is_crowded(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= CROWD
