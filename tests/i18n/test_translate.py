import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.errors import ConfigError
from lib.i18n import (
    LANGUAGES,
    N_,
    Translator,
    current_language,
    find_language_by,
    in_language,
    pick,
    t,
    tn,
    use_language,
)
from lib.i18n.catalogue import CatalogueFile


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    with in_language("zh_CN"):
        yield
    find_language_by(None)


def in_new_thread(call: object) -> list[str]:
    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.append(call()))  # type: ignore[operator]
    thread.start()
    thread.join()
    return seen


def test_translates_and_fills_in() -> None:
    assert (t("just now"), t("{n} s ago", n=8)) == ("刚刚", "8秒前")
    assert Translator("en")("{n} s ago", n=8) == "8 s ago"


def test_unknown_messages_come_back_as_they_are() -> None:
    assert t("No such message {n}", n=2) == "No such message 2"
    assert t("literal {braces}") == "literal {braces}"
    assert t("") == ""


def test_values_are_never_taken_for_placeholders() -> None:
    assert t("Hello {name}", name="{0.__class__} {x}") == "Hello {0.__class__} {x}"


def test_a_value_may_be_called_message() -> None:
    assert t("{message} {self}", message="a", self="b") == "a b"


@pytest.mark.parametrize(("n", "text"), [(0, "0 days left"), (1, "1 day left"), (2, "2 days left")])
def test_plural(n: int, text: str) -> None:
    with in_language("en"):
        assert tn("{n} day left", "{n} days left", n) == text
    assert tn("{n} day left", "{n} days left", n) == f"还剩{n}天"


def test_language_belongs_to_the_thread() -> None:
    use_language("en")
    assert in_new_thread(current_language) == ["zh_CN"]
    find_language_by(lambda: "en")
    assert in_new_thread(lambda: t("just now")) == ["just now"]
    find_language_by(lambda: None)
    assert in_new_thread(lambda: t("just now")) == ["刚刚"]


def test_in_language_goes_back() -> None:
    with in_language("en") as english:
        assert (t("just now"), english("just now")) == ("just now", "just now")
    assert t("just now") == "刚刚"


def test_noop_marker_and_unknown_language() -> None:
    assert N_("just now") == "just now"
    with pytest.raises(ValueError, match="fr"):
        Translator("fr")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-CN", "zh_CN"),
        ("zh", "zh_CN"),
        ("zh-Hans-CN", "zh_CN"),
        ("ZH_tw", "zh_CN"),
        ("en-US", "en"),
        ("en", "en"),
        ("fr-FR", None),
        ("", None),
        (None, None),
        ("eng-lish", None),
    ],
)
def test_pick(tag: str | None, language: str | None) -> None:
    for default in LANGUAGES:
        assert pick(tag, default) == (language or default)


def write(path: Path, text: str, *, at: int) -> None:
    path.write_bytes(text.encode())
    os.utime(path, ns=(at, at))


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "x.po"
    write(path, 'msgid "a"\nmsgstr "甲"\n', at=1)
    catalogue = CatalogueFile(path)
    first = catalogue.messages()
    assert first == {"a": "甲"}
    assert catalogue.messages() is first
    write(path, 'msgid "a"\nmsgstr "乙"\n', at=2)
    assert catalogue.messages() == {"a": "乙"}


@pytest.mark.parametrize("broken", [b'msgid "a\nmsgst "', 'msgid "a"\nmsgstr "甲"\n'.encode("gb18030")])
def test_a_broken_file_keeps_the_last_readable_wording(
    tmp_path: Path, broken: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "x.po"
    write(path, 'msgid "a"\nmsgstr "甲"\n', at=1)
    catalogue = CatalogueFile(path)
    catalogue.messages()
    path.write_bytes(broken)
    os.utime(path, ns=(2, 2))
    with caplog.at_level(logging.WARNING):
        assert catalogue.messages() == {"a": "甲"}
    assert "x.po" in caplog.text
    with pytest.raises(ConfigError, match=r"x\.po"):
        CatalogueFile(path).messages()


def test_translations_that_would_fail_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.po"
    lines = [
        ("{n} a", "{m} 甲"),
        ("{n} b", "{n 乙"),
        ("{n} c", "{n.__class__} 丙"),
        ("d {n}", "{n}丁"),
        ("e", ""),
    ]
    write(path, "\n\n".join(f'msgid "{a}"\nmsgstr "{b}"' for a, b in lines) + "\n", at=1)
    assert CatalogueFile(path).messages() == {"d {n}": "{n}丁"}
