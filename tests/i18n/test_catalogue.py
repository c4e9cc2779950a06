"""Every text of the interface has its translation, and nothing in the catalogues is stale."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.i18n import LANGUAGES
from lib.i18n.catalogue import placeholders, po_path, read_catalogue, usable_translations
from lib.i18n.sources import ROOT, Computed, Use, messages_in_use, python_files, scan

CJK = re.compile(r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")
MARK = "# i18n: data"


def test_every_message_in_use_has_a_chinese_text() -> None:
    translated = usable_translations(read_catalogue(po_path("zh_CN")))
    assert sorted(messages_in_use() - translated.keys()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_in_a_catalogue_is_unused(language: str) -> None:
    known = {message.id for message in read_catalogue(po_path(language)) if message.id}
    assert sorted(known - messages_in_use()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_name_the_same_values(language: str) -> None:
    wrong = [
        message.id
        for message in read_catalogue(po_path(language))
        if message.id and message.string and placeholders(message.id) != placeholders(message.string)
    ]
    assert wrong == []


def test_messages_are_literals_and_get_the_values_they_name() -> None:
    found = list(scan(python_files()))
    computed = [f"{one.path.relative_to(ROOT)}:{one.line}" for one in found if isinstance(one, Computed)]
    unfilled = [
        f"{one.path.relative_to(ROOT)}:{one.line} {sorted(one.unfilled)}"
        for one in found
        if isinstance(one, Use) and one.unfilled
    ]
    assert (computed, unfilled) == ([], [])


def chinese_literals(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    lines, tree = text.splitlines(), ast.parse(text)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            marked = any(MARK in line for line in lines[node.lineno - 1 : node.end_lineno])
            if CJK.search(node.value) and not marked:
                yield f"{path.name}:{node.lineno} {node.value!r}"


def test_pages_hold_no_chinese_literals() -> None:
    paths = [*(ROOT / "lib" / "ui").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    assert [found for path in sorted(paths) for found in chinese_literals(path)] == []


def test_chinese_literals_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text(f'"""工作台"""\nx = "保存"\ny = f"{{x}} 件"\nz = "中文"  {MARK}\nw = "plain"\n', encoding="utf-8")
    assert list(chinese_literals(page)) == ["page.py:2 '保存'", "page.py:3 ' 件'"]


def test_scan_sees_every_way_of_writing_a_message(tmp_path: Path) -> None:
    source = tmp_path / "page.py"
    source.write_text(
        """
t("Save")
t("{n} cases of {total}", n=1)
t("On" if x else "Off")
tn("{n} case", "{n} cases", 3)
i18n.t("Open")
t(declared)
t("{a}", **values)
LABELS = {"a": N_("Late {x}")}
t(f"{n} rows")
t("a" + b)
other("no"), self.t("no")
""",
        encoding="utf-8",
    )
    found = list(scan([source]))
    uses = {one.message: one.unfilled for one in found if isinstance(one, Use)}
    assert uses == {
        "Save": frozenset(),
        "{n} cases of {total}": {"total"},
        "On": frozenset(),
        "Off": frozenset(),
        "{n} case": frozenset(),
        "{n} cases": frozenset(),
        "Open": frozenset(),
        "{a}": frozenset(),
        "Late {x}": frozenset(),
    }
    assert sorted(one.line for one in found if isinstance(one, Computed)) == [10, 11]
