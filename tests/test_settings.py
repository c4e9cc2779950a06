"""A configuration that cannot be is refused at the start, with file and key, in both languages."""

import re
import shutil
from pathlib import Path

import pytest

from lib.bootstrap import open_desk
from lib.domain.permissions import PERMISSIONS
from lib.errors import ConfigError
from lib.i18n import in_language
from lib.settings import CONFIG, ROOT, load_config, load_settings
from lib.wording import explain

PERMISSION = re.compile(r"(?:require\(.*?|\.may\(|begin_page\(|AppPage\(.*?|_who_may\(.*?)\"([a-z_]+\.[a-z_]+)\"")
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


LEGAL = 'role = "handler"\nmethod'
WAITS = 'needs = ["wait_reason", "promised_on"]'
MISSPELT = [
    ("workflow.toml", '"case.triage"', '"case.traige"', "move.accept.permission", "case.traige"),
    ("workflow.toml", 'from = ["accepted"]', 'from = ["acepted"]', "move.assign.from", "acepted"),
    ("workflow.toml", 'to = "plan_offered"', 'to = "plan_ofered"', "move.offer_plan.to", "plan_ofered"),
    ("workflow.toml", WAITS, WAITS.replace(', "promised_on"', ""), "move.ask_more.needs", "promised_on"),
    ("workflow.toml", WAITS, WAITS.replace("wait_reason", "wait_raeson"), "move.ask_more.needs", "wait_raeson"),
    ("workflow.toml", 'asks = ["lesson"]', 'asks = ["leson"]', "move.close.asks", "leson"),
    ("workflow.toml", 'signs = "reviewer"', 'signs = "reviewers"', "move.uphold.signs", "reviewers"),
    ("workflow.toml", "needs_with = { plan_measures", "needs_with = { plan", "move.start.needs_with", "plan"),
    ("workflow.toml", 'no = ["refusal_reason"]', 'no = ["refusal"]', "move.acceptance.needs_if", "refusal"),
    ("workflow.toml", 'kinds = ["praise"', 'kinds = ["prase"', "move.thank.kinds", "prase"),
    ("workflow.toml", '= "upheld" }', '= "uphold" }', "move.uphold.sets", "uphold"),
    ("workflow.toml", "{ no = [", "{ not = [", "move.acceptance.needs_if", "not"),
    ("roles.toml", '"case.triage"', '"case.traige"', "role.head.permissions.case.traige", "case.traige"),
    ("sla.toml", 'tell = "manager"', 'tell = "director"', "ladder.escalate_again.tell", "director"),
    ("sla.toml", 'tell = ["handler", "head"]', 'tell = ["handler", "boss"]', "silence.tell", "boss"),
    ("sla.toml", 'moves = ["contact"', 'moves = ["phone"', "silence.moves", "phone"),
    ("archive.toml", 'from = ["declined"]', 'from = ["declind"]', "rule.declined.from", "declind"),
    ("archive.toml", 'kind_of = "plan"', 'kind_of = "plans"', "rule.written_plan.kind_of", "plans"),
    ("archive.toml", 'kinds = ["repair", "handover"', 'kinds = ["repiar", "handover"', "rule.property.kinds", "repiar"),
    ("archive.toml", "legal_dispute = 10", "legal = 10", "retention_years", "legal"),
    ("assignment.toml", LEGAL, LEGAL.replace("handler", "lawyer"), "rule.legal.role", "lawyer"),
    ("replies.toml", 'moves = ["ask_more"]', 'moves = ["ask_mor"]', "reply.ask_more.moves", "ask_mor"),
    ("warranty.toml", '"quality.structure" =', '"quality.structur" =', "categories", "quality.structur"),
    ("keywords.toml", '"quality.leak" =', '"quality.leek" =', "words", "quality.leek"),
    ("followup.toml", 'purpose = "handover"', 'purpose = "hand"', "purposes", "hand"),
    ("severity.toml", 'key = "legal"', 'key = "law"', "factors", "law"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "name"), MISSPELT, ids=[f"{row[3]} {row[4]}" for row in MISSPELT]
)
def test_a_name_that_is_nowhere_is_refused_with_file_and_key(
    folder: Path, file: str, old: str, new: str, key: str, name: str
) -> None:
    change(folder, file, old, new)
    error = refused(folder)
    assert (error.file, error.key) == (file, key)
    for language in ("zh_CN", "en"):
        with in_language(language):
            [line] = explain(error)
        assert name in line


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        ("workflow.toml", 'priorities = ["P3"', 'priorities = ["P33"', "move.start.priorities.0"),
        ("workflow.toml", 'written = ["P1"', 'written = ["p1"', "move.offer_plan.written.0"),
        ("workflow.toml", 'key = "archive"', 'key = "put_away"', "move.archive"),
        ("workflow.toml", 'key = "consent"', 'key = "start"', "move.start"),
        ("workflow.toml", 'key = "waiting"', 'key = "new"', "stage.new"),
        ("archive.toml", 'priorities = ["P1"', 'priorities = ["P0"', "rule.evidence.priorities.0"),
        ("dangers.toml", 'priority = "P2"', 'priority = "P5"', "haste.public.priority"),
        ("dangers.toml", 'local = ["gas_phone"]', 'local = ["gaz_phone"]', "danger.gas.local"),
        ("dangers.toml", 'department = "rental"', 'department = "renting"', "danger.lockout.department"),
        ("dangers.toml", 'tell = ["handler"]', 'tell = ["nobody"]', "danger.no_supply.tell"),
        ("dangers.toml", "after = 10", "after = -1", "ladder.head.after"),
        ("lists.toml", 'P4 = ["轻微"', 'P5 = ["轻微"', "priority"),
        ("lists.toml", "[category]", "[categories]", "category"),
    ],
)
def test_a_priority_a_key_or_a_list_that_cannot_be_is_refused(
    folder: Path, file: str, old: str, new: str, key: str
) -> None:
    change(folder, file, old, new)
    error = refused(folder)
    assert (error.file, error.key) == (file, key)


def test_every_permission_that_the_code_asks_for_is_known() -> None:
    """A permission that only the code knows could be given to nobody."""
    asked = {
        name
        for file in (*(ROOT / "lib").rglob("*.py"), *(ROOT / "pages").glob("*.py"))
        for name in PERMISSION.findall(file.read_text("utf-8"))
    }
    assert asked - {"case.report", "case.track", "survey.answer", "alert.see"} == asked & PERMISSIONS
    assert len(asked) > 20


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
