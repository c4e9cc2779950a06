"""A configuration that cannot be is refused at the start, with file and key, in both languages."""

import re
import shutil
from pathlib import Path

import pytest

from lib.bootstrap import open_desk
from lib.errors import ConfigError
from lib.i18n import in_language
from lib.settings import CONFIG, load_config, load_settings
from lib.wording import explain

WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun) = .*$", re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped configuration."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


def refused(folder: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_config(load_settings(folder), folder)
    return caught.value


MONDAY = 'mon = ["09:00-12:00", "13:30-18:30"]'
OVERRIDE = '[overrides]\n2026-03-03 = ["10:00-09:00"]'
ACCEPTED = 'clocks = ["contact", "resolve"]'
WRONG = [
    ("holidays.toml", MONDAY, 'mon = ["09:00-13:45", "13:30-18:30"]', "weekly.mon", "spans_overlap"),
    ("holidays.toml", MONDAY, 'mon = ["13:30-18:30", "09:00-12:00"]', "weekly.mon", "spans_overlap"),
    ("holidays.toml", MONDAY, 'mon = ["12:00-09:00"]', "weekly.mon.0", "span_reversed"),
    ("holidays.toml", MONDAY, 'mon = ["09:00-12:00", "nine to five"]', "weekly.mon.1", "not_a_span"),
    ("holidays.toml", MONDAY, 'mon = ["09:00-25:00"]', "weekly.mon.0", "not_a_span"),
    ("holidays.toml", "mon = ", "monday = ", "weekly.monday", "literal_error"),
    ("holidays.toml", 'holidays = "cn"', 'holidays = "us"', "holidays", "literal_error"),
    ("holidays.toml", "[overrides]", OVERRIDE, "overrides.2026-03-03.0", "span_reversed"),
    (
        "holidays.toml",
        "[announced]",
        '[announced.2027]\nmake_up_days = [2027-01-01]\n[announced.2027.holidays]\n2027-01-01 = "元旦"',
        "announced.2027",
        "holiday_and_make_up",
    ),
    ("app.toml", 'time_zone = "Asia/Shanghai"', 'time_zone = "Mars/Olympus"', "time_zone", "unknown_time_zone"),
    ("app.toml", 'time_zone = "Asia/Shanghai"', 'time_zone = "../etc"', "time_zone", "unknown_time_zone"),
    ("sla.toml", 'plan = "4h"', 'plan = "-4h"', "targets.P1.plan", "not_a_target"),
    ("sla.toml", 'plan = "4h"', 'plan = "0h"', "targets.P1.plan", "not_a_target"),
    ("sla.toml", 'plan = "4h"', 'plan = "soon"', "targets.P1.plan", "not_a_target"),
    ("sla.toml", 'plan = "4h"', "", "targets.P1.plan", "missing"),
    ("sla.toml", 'plan = "4h"', 'plan = "4h"\npayment = "1d"', "targets.P1.payment", "extra_forbidden"),
    ("sla.toml", "[targets.P4]", "[targets.P5]", "targets.P5", "literal_error"),
    ("sla.toml", "share = 1.0", "share = 0.5", "ladder", "ladder_order"),
    ("sla.toml", 'key = "escalate"\n', 'key = "warn"\n', "ladder", "ladder_twice"),
    ("sla.toml", "share = 0.75", "share = 0.0", "ladder.warn.share", "greater_than"),
    ("sla.toml", "P1 = 1, P2", "P2", "silence", "no_targets"),
    ("sla.toml", "P1 = 1, P2", "P1 = 0, P2", "silence.days.P1", "greater_than_equal"),
    ("workflow.toml", ACCEPTED, 'clocks = ["payment"]', "stage.accepted.clocks.0", "literal_error"),
    ("workflow.toml", 'stops = ["contact"]', 'stops = ["payment"]', "move.contact.stops.0", "literal_error"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "key", "code"), WRONG, ids=[f"{row[3]} {row[2][:30]}" for row in WRONG])
def test_it_is_refused_with_file_and_key(folder: Path, file: str, old: str, new: str, key: str, code: str) -> None:
    change(folder, file, old, new)
    error = refused(folder)
    assert (error.file, error.key, error.code) == (file, key, code)
    for language in ("zh_CN", "en"):
        with in_language(language):
            [line] = explain(error)
        assert file in line
        assert key in line
        assert "…" not in line


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('tell = "manager"', 'tell = "director"', "ladder.escalate_again.tell"),
        ('tell = ["handler", "head"]', 'tell = ["handler", "boss"]', "silence.tell"),
        ('moves = ["contact"', 'moves = ["phone"', "silence.moves"),
    ],
)
def test_the_ladder_names_roles_and_moves_that_exist(folder: Path, old: str, new: str, key: str) -> None:
    change(folder, "sla.toml", old, new)
    error = refused(folder)
    assert (error.file, error.key) == ("sla.toml", key)


def test_a_week_without_any_working_time(folder: Path) -> None:
    text = (folder / "holidays.toml").read_text("utf-8")
    (folder / "holidays.toml").write_text(WEEKDAY.sub(r"\1 = []", text), "utf-8")
    error = refused(folder)
    assert (error.file, error.key, error.code) == ("holidays.toml", "weekly", "no_working_time")


def test_a_priority_without_targets(folder: Path) -> None:
    text = (folder / "sla.toml").read_text("utf-8")
    (folder / "sla.toml").write_text(text[: text.index("[targets.P4]")], "utf-8")
    error = refused(folder)
    assert (error.file, error.code, error.facts) == ("sla.toml", "no_targets", {"missing": "P4"})


def test_the_words_name_what_stands_there(folder: Path) -> None:
    change(folder, "sla.toml", 'plan = "4h"', 'plan = "-4h"')
    with in_language("en"):
        assert explain(refused(folder)) == [
            "sla.toml, targets.P1.plan: “-4h” is not a time above zero such as 2h, 1d or 15m elapsed"
        ]


def test_the_workspace_does_not_open(folder: Path, tmp_path: Path) -> None:
    change(folder, "sla.toml", 'plan = "4h"', 'plan = "-4h"')
    with pytest.raises(ConfigError):
        open_desk(config_dir=folder, store=f"sqlite:///{tmp_path}/a.db")
    assert not (tmp_path / "a.db").exists()


def test_what_is_shipped_is_sound() -> None:
    config = load_config(load_settings())
    assert config.calendar.timezone == load_settings().time_zone
