"""A configuration that cannot be is refused at the start, with file and key, in both languages."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from lib.app.bootstrap import open_desk
from lib.config.settings import CONFIG, ROOT, load_config, load_settings
from lib.desk.desk import fixed_lists
from lib.domain.rules.permissions import PERMISSIONS
from lib.errors import ConfigError
from lib.i18n import in_language
from lib.services.data.importing import fields
from lib.services.data.importing.suggesting import words
from lib.services.workspace.workspace import seeds_of
from lib.store.schema import declare
from lib.words.errors import explain

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
ACCEPTED = 'clocks = ["acknowledge", "contact", "resolve"]'
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
    ("sla.toml", 'tell = ["handler", "head"]', "", "silence.tell", "missing"),
    ("followup.toml", "[callers]", "[call_by]", "callers", "missing"),
    ("roles.toml", '"people.edit" = "all"', "", "role", "no_administrator"),
    ("workflow.toml", ACCEPTED, 'clocks = ["payment"]', "stage.new.clocks.0", "literal_error"),
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


MUTATIONS = 24
"""Of each file; with the files they are some hundreds."""
VALUES = (
    "5", "-1", '""', '"nonsense"', "[]", "{}", "true", "1.5", '["x"]', "[1]", "{a = 1}", f'"{"长" * 200}"',
    "2026-01-01", "[[]]", "nan", "99999999999999999999", '"1:99"', '"2026-13-45"', "[" * 2000,
)  # fmt: skip


def mutated(text: str, rng: Random) -> str:
    """One thing wrong, as a slip of the hand would make it: another value, a line or a letter less, an unknown key."""
    lines = text.splitlines()
    at = rng.choice([place for place, line in enumerate(lines) if "=" in line and not line.strip().startswith("#")])
    match rng.randrange(6):
        case 0 | 1 | 2:
            lines[at] = f"{lines[at].partition('=')[0]}= {rng.choice(VALUES)}"
        case 3:
            del lines[at]
        case 4:
            lines.insert(at, "zzz = 1")
        case _:
            letter = rng.randrange(len(lines[at]))
            lines[at] = lines[at][:letter] + lines[at][letter + 1 :]
    return "\n".join(lines)


def read_everything(folder: Path) -> None:
    """What is read of config/, in opening a workspace and later."""
    for cached in (fields.aliases, fields.value_aliases, fields.targets, words._words):
        cached.cache_clear()
    config = load_config(load_settings(folder), folder)
    declare(config.fields.columns())
    fields.value_aliases(), fields.targets(), words._words()
    assert seeds_of(config.lists)
    assert fixed_lists(config)


@pytest.fixture
def everywhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(fields, "CONFIG", folder)
    monkeypatch.setattr(words, "CONFIG", folder)
    yield folder
    monkeypatch.undo()
    read_everything(CONFIG)


@pytest.mark.trial(24)
@pytest.mark.parametrize("file", sorted(path.name for path in CONFIG.glob("*.toml") if path.name != "fields.toml"))
def test_whatever_is_wrong_in_a_file_is_told_with_file_and_key(everywhere: Path, file: str) -> None:
    path, rng = everywhere / file, Random(file)
    text = path.read_text("utf-8")
    told: list[ConfigError] = []
    for _ in range(MUTATIONS):
        path.write_text(mutated(text, rng), "utf-8")
        try:
            read_everything(everywhere)
        except ConfigError as wrong:
            told.append(wrong)
    assert told, "not one of them was wrong"
    for wrong in told:
        assert wrong.file.endswith(".toml")
        assert wrong.key
        assert explain(wrong)[0].startswith((f"{wrong.file}, {wrong.key}", f"{wrong.file}，{wrong.key}"))


@pytest.mark.trial(24)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_the_encodings_of_a_chinese_windows_are_read(folder: Path, encoding: str) -> None:
    for path in folder.glob("*.toml"):
        text = path.read_text("utf-8").replace("–", "-").replace("“", "'").replace("”", "'")
        path.write_bytes(text.encode(encoding, "ignore"))
    settings = load_settings(folder)
    assert settings.workspace_name == "安居房产"
    assert load_config(settings, folder).lists["priority"]


@pytest.mark.trial(24)
@pytest.mark.parametrize(
    ("file", "content", "key"),
    [
        ("lists.toml", b"priority = 5\n", "priority"),
        ("lists.toml", b"[priority]\nP1 = 5\n", "priority.P1"),
        ("app.toml", b"store = 'x\n", "store"),
        ("app.toml", "store = 'x'".encode("utf-16"), ""),
        ("severity.toml", b"", "factors"),
        ("sla.toml", b"x = " + b"[" * 5000, "x"),
    ],
)
def test_a_file_that_is_no_such_file(folder: Path, file: str, content: bytes, key: str) -> None:
    (folder / file).write_bytes(content)
    wrong = refused(folder)
    assert (wrong.file, wrong.key) == (file, key) or (key == "" and wrong.file == file)


@pytest.mark.trial(24)
def test_a_setting_of_the_environment_is_named_as_such(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASESHEET_RETENTION_YEARS", "three")
    assert refused(folder).file == "CASESHEET_RETENTION_YEARS"
    monkeypatch.setenv("CASESHEET_RETENTION_YEARS", "3")
    monkeypatch.setenv("CASESHEET_HOTLINES", "12345,")
    assert refused(folder).file == "CASESHEET_HOTLINES"
    monkeypatch.delenv("CASESHEET_HOTLINES")
    secrets = folder.parent / ".streamlit"
    secrets.mkdir()
    (secrets / "secrets.toml").write_text("casesheet = 5", "utf-8")
    assert (refused(folder).file, refused(folder).key) == ("secrets.toml", "casesheet")
