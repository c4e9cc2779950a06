"""Roles are configuration: the code knows permissions, and no role by its name."""

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.app.bootstrap import open_desk
from lib.config.settings import CONFIG, ROOT, load_config, load_settings
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import RolesConfig, actor_of
from lib.services.people import accounts
from lib.toml_files import read_as

SHIPPED = read_as(RolesConfig, CONFIG / "roles.toml")
OTHER_THINGS = {"handler", "intake", "reviewer"}
"""Roles whose names are those of something else too: in whose hands a case is, the first step, a field of the case."""


def _literals(node: ast.AST) -> set[str]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def _asks_for_role(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr == "role" for part in ast.walk(node))


def _roles_named(tree: ast.AST) -> Iterator[str]:
    """Roles that stand as a string anywhere, or are compared with somebody's role or given as one."""
    yield from _literals(tree) & (SHIPPED.role.keys() - OTHER_THINGS)
    for node in ast.walk(tree):
        if (isinstance(node, ast.Compare) and _asks_for_role(node)) or (
            isinstance(node, ast.keyword) and node.arg == "role"
        ):
            yield from _literals(node) & SHIPPED.role.keys()


def test_no_role_stands_in_the_code() -> None:
    files = [*(ROOT / "lib").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    named = {
        (file.relative_to(ROOT).as_posix(), role)
        for file in files
        if (ROOT / "lib/demo") not in file.parents  # the demo names the people of its story
        for role in _roles_named(ast.parse(file.read_text("utf-8")))
    }
    assert named == set()
    assert set(_roles_named(ast.parse('me.role == "handler" or Staff(role="intake") or "head"'))) == {
        "handler", "intake", "head",
    }  # fmt: skip


@pytest.fixture
def renamed(tmp_path: Path) -> Path:
    """The shipped configuration with other names for every role."""
    folder = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    for file, pattern in (
        ("roles.toml", r"(?<=\[role\.)()(\w+)"),
        ("assignment.toml", r'(?<=\nrole = )(")(\w+)'),
        ("sla.toml", '(")(head|manager)(?=")'),
        ("dangers.toml", '(?<=tell = )(")(head|manager)(?=")'),
        ("followup.toml", '(")(intake|head|manager|administrator)(?=")'),
    ):
        path = folder / file
        path.write_text(re.sub(pattern, r"\1our_\2", path.read_text("utf-8")), "utf-8")
    dangers = (folder / "dangers.toml").read_text("utf-8")
    (folder / "dangers.toml").write_text(re.sub(r'(?<=, ")(?=(head|manager)")', "our_", dangers), "utf-8")
    return folder


def test_roles_may_have_any_names(renamed: Path, tmp_path: Path) -> None:
    config = load_config(load_settings(renamed), renamed)
    assert set(config.roles.role) == {f"our_{role}" for role in SHIPPED.role}
    desk = open_desk(
        config_dir=renamed, store=f"sqlite:///{tmp_path}/a.db", secret_file=tmp_path / "secret.key", create=True
    )
    accounts.first_administrator(desk, "owner@example.cn")
    [owner] = desk.snapshot[Staff].values()
    desk.store.close()
    assert owner.role == "our_administrator"


@pytest.mark.parametrize(
    ("permissions", "administrator"),
    [
        ({"a": ["people.edit"], "b": ["people.edit", "home.view"], "c": ["home.view"]}, "b"),
        ({"a": ["people.edit", "home.view"], "b": ["people.edit", "home.view"]}, "b"),
        ({"a": ["people.edit"], "b": ["home.view", "case.view"]}, "a"),
    ],
)
def test_the_administrator_is_who_edits_people(permissions: dict[str, list[str]], administrator: str) -> None:
    roles = {
        key: {"zh": key, "en": key, "permissions": dict.fromkeys(given, "all")} for key, given in permissions.items()
    }
    assert RolesConfig.model_validate({"role": roles}).administrator == administrator


def test_who_gives_out_work_looks_at_the_whole_team() -> None:
    people = [Staff(staff_id=role, email=f"{role}@example.cn", name=role, role=role) for role in SHIPPED.role]
    assert {one.role for one in people if actor_of(one, SHIPPED).leads} == {"head", "manager", "administrator"}
