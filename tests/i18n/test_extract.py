from pathlib import Path

from lib.i18n.catalogue import read_catalogue, usable_translations
from lib.i18n.extract import outdated

PO = """msgid ""
msgstr ""
"Language: zh_CN\\n"
"POT-Creation-Date: 2020-01-01 10:00+0800\\n"

#: /somewhere/page.py:12
# said on the phone
msgid "Save"
msgstr "保存"

msgid "Gone"
msgstr "没有了"
"""


def test_adds_what_is_missing_and_drops_what_is_unused(tmp_path: Path) -> None:
    path = tmp_path / "zh_CN.po"
    path.write_text(PO, encoding="utf-8")
    text = outdated(path, "zh_CN", ["Zone", "Save", 'Say "{n}"\nagain'])
    assert text is not None
    path.write_text(text, encoding="utf-8")
    catalogue = read_catalogue(path)
    assert {message.id for message in catalogue if message.id} == {"Save", "Zone", 'Say "{n}"\nagain'}
    assert usable_translations(catalogue) == {"Save": "保存"}
    assert "# said on the phone" in text
    assert text.index('"Save"') < text.index('"Zone"')
    assert "somewhere" not in text
    assert "2020" not in text


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "zh_CN.po"
    messages = ["Save", "{n} cases", "100 %", "", "多" * 100]
    path.write_text(outdated(path, "zh_CN", messages) or "", encoding="utf-8")
    assert outdated(path, "zh_CN", reversed(messages)) is None


def test_english_keeps_only_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "en.po"
    path.write_text('msgid "Stage: {x}"\nmsgstr "{x}"\n', encoding="utf-8")
    path.write_text(outdated(path, "en", ["Stage: {x}", "Save"]) or "", encoding="utf-8")
    assert usable_translations(read_catalogue(path)) == {"Stage: {x}": "{x}"}
