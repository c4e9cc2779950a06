"""The guides agree with what they speak of: links lead somewhere, settings and roles are those of the configuration."""

import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer

from lib.cli.app import app as cli
from lib.config.settings import ROOT, Settings, load_config, load_settings
from lib.domain.clocks.escalation import HANDLER
from lib.domain.rules.workflow import CLOCK_FIELDS
from lib.errors import (
    ApiDisabled,
    BadCredentials,
    CellsProtected,
    DriveFull,
    HeaderMissing,
    HeaderTwice,
    NetworkDown,
    NoAccess,
    OutcomeUnknown,
    QuotaExceeded,
    SeveralWriters,
    SpreadsheetMissing,
    StoreBusy,
    TabMissing,
)
from lib.i18n import Language, in_language, t
from lib.store.schema import SCHEMA
from lib.store.sheets.api import account
from lib.store.sheets.model.layout import headers
from lib.store.sheets.setup import choices, rules, views
from lib.store.sheets.setup.choices import Words
from lib.store.sheets.setup.inspect import CHOICES, Present, new_tab
from lib.words.errors import explain
from lib.words.names import tab_name

GUIDES = sorted((ROOT / "docs").glob("*.md"))
ADMINISTRATORS = [guide for guide in GUIDES if guide.name.startswith("administrators.")]
MANAGERS = [guide for guide in GUIDES if guide.name.startswith("managers.")]
FILES: dict[Language, str] = {"zh_CN": "zh-CN", "en": "en"}
DOCUMENTS = sorted([*ROOT.glob("README*.md"), *GUIDES])
PASTED = [path for path in DOCUMENTS if path.name.split(".")[0] in {"README", "administrators", "google", "operations"}]
TERMINALS = ("sh", "bat", "powershell")
COLOURS = {
    "late": {"zh_CN": "红底", "en": "Red"},
    "soon": {"zh_CN": "橙底", "en": "Orange"},
    "invalid": {"zh_CN": "黄底", "en": "Yellow"},
}
ERRORS = (
    NoAccess("app@example.com", ""),
    SpreadsheetMissing("1AbC"),
    TabMissing("cases"),
    HeaderMissing("cases", ["title"]),
    HeaderTwice("cases", ["title"]),
    CellsProtected("app@example.com", ""),
    ApiDisabled(""),
    DriveFull("app@example.com", ""),
    QuotaExceeded(""),
    NetworkDown(""),
    NetworkDown("", 600.0),
    BadCredentials("missing", ""),
    BadCredentials("invalid", ""),
    BadCredentials("refused", ""),
    SeveralWriters(datetime(2026, 3, 5, tzinfo=UTC)),
    OutcomeUnknown(),
    StoreBusy(),
)
PICTURES = sorted((ROOT / "docs" / "images").glob("*/*.png"))
LARGEST = 150_000  # bytes of a picture
COMMAND = re.compile(r"(?:\S*[\\/])?(?:casesheet|python -m lib\.cli) ([^/].*)")
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


@pytest.mark.parametrize("guide", ADMINISTRATORS, ids=lambda guide: guide.name)
def test_every_file_of_rules_is_explained(guide: Path) -> None:
    text = guide.read_text("utf-8")
    files = [path.name for path in (ROOT / "config").glob("*.toml")]
    assert [name for name in files if f"`{name}`" not in text and f"config/{name}" not in text] == []


@pytest.mark.parametrize("guide", MANAGERS, ids=lambda guide: guide.name)
def test_the_deadlines_of_the_guide_are_those_of_the_configuration(guide: Path) -> None:
    """A cell says "15 min, day and night" or "15 分钟（不分昼夜）" for "15m elapsed": the numbers agree."""
    targets = tomllib.loads((ROOT / "config" / "sla.toml").read_text("utf-8"))["targets"]
    told = {row[0][:2]: row[1:] for row in _rows(guide) if row[0][:2] in targets and len(row) == 6}
    assert {key: [re.findall(r"\d+", cell) for cell in cells] for key, cells in told.items()} == {
        key: [re.findall(r"\d+", target) for target in clocks.values()] for key, clocks in targets.items()
    }


@pytest.mark.parametrize("guide", MANAGERS, ids=lambda guide: guide.name)
def test_the_alerts_of_the_guide_are_those_of_the_configuration(guide: Path) -> None:
    chinese, config = "zh" in guide.name, load_config(load_settings())
    rows = dict(row for row in _rows(guide) if len(row) == 2)
    names = {key: role.zh if chinese else role.en.lower() for key, role in config.roles.role.items()}
    names[HANDLER] = "责任人" if chinese else "handler"
    for step in config.sla.ladder:
        told = [who for used, who in rows.items() if re.search(rf"(?<!\d){step.share:.0%}", used)]
        assert [names[step.tell] in who for who in told] == [True]
    silence = next(used for used in rows if "(P1)" in used or "（P1）" in used)
    found = {key: int(days) for days, key in re.findall(r"(\d+)[^\d(（]*[(（](P\d)", silence)}
    assert found == dict(config.sla.silence.days)
    assert all(names[tell] in rows[silence] for tell in config.sla.silence.tell)


def _slug(heading: str) -> str:
    """The anchor that a heading gets on the usual sites."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@pytest.mark.trial(43)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_to_a_heading_finds_it(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", document.read_text("utf-8"))
    for target, anchor in links:
        text = (document.parent / target if target else document).read_text("utf-8")
        assert anchor in {_slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.M)}, (target, anchor)


# Commands


def _blocks(document: Path) -> list[tuple[str, list[str]]]:
    """(language, lines) of every fenced block."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", document.read_text("utf-8"), re.M | re.S)
    return [(language, text.splitlines()) for language, text in found]


def _command_blocks(document: Path) -> list[tuple[str, list[str]]]:
    return [(language, lines) for language, lines in _blocks(document) if language in {"", *TERMINALS}]


def _spans(document: Path) -> list[str]:
    """What stands in the running text as code; long ones go over the end of a line."""
    text = re.sub(r"^```.*?^```$", "", document.read_text("utf-8"), flags=re.M | re.S)
    return [" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]


def _alternatives(line: str) -> list[list[str]]:
    """The words of a line; each of "csv|xlsx" in turn, with what stands in brackets, and real things for FILE and N."""
    words = shlex.split(re.sub(r"[\[\]]", "", line))
    real = {"FILE": str(ROOT / "README.md"), "N": "1"}
    return [[real.get(word, word) for word in one] for one in product(*(word.split("|") for word in words))]


def _command_lines(document: Path) -> list[str]:
    """What follows the name of the command, in blocks and in the running text."""
    lines = [line for _, lines in _command_blocks(document) for line in lines]
    return [match[1] for line in (*lines, *_spans(document)) if (match := COMMAND.match(line))]


def _leaves(command: Any) -> Iterator[Any]:
    for one in getattr(command, "commands", {}).values():
        yield from _leaves(one)
    yield command


def _parse(words: list[str]) -> None:
    """Read a command line as the command does, and do nothing. Raises a usage error."""
    root = typer.main.get_command(cli)
    for command in _leaves(root):
        command.callback = None
    root.main(words, prog_name="casesheet", standalone_mode=False)


@pytest.mark.trial(43)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_command_line_is_one_that_the_command_understands(document: Path) -> None:
    for line in _command_lines(document):
        for words in _alternatives(line):
            try:
                _parse(words)
            except Exception as wrong:
                raise AssertionError(f"casesheet {line}: {wrong}") from wrong


@pytest.mark.trial(43)
@pytest.mark.parametrize("line", ["helth", "health --jsn", "move --from sqlite:///a.db", "import cases", "sheet chek"])
def test_a_command_line_that_is_not_understood_is_found(line: str) -> None:
    with pytest.raises(Exception, match=r"No such|Missing"):
        _parse(line.split())


@pytest.mark.trial(43)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_commands_named_without_their_values_exist_with_their_options(document: Path) -> None:
    """Such as `init --admin` or `sheet setup --restore-columns` in the running text."""
    for span in _spans(document):
        words = shlex.split(span, posix=False)
        level = typer.main.get_command(cli)
        if len(words) < 2 or words[0] not in level.commands:  # type: ignore[attr-defined]
            continue
        while words and words[0] in getattr(level, "commands", {}):
            level = level.commands[words.pop(0)]  # type: ignore[attr-defined]
        known = {option for parameter in level.params for option in parameter.opts} | {"--store", "-h"}
        assert {word for word in words if word.startswith("-")} <= known, span
        assert not hasattr(level, "commands"), span


@pytest.mark.trial(43)
@pytest.mark.parametrize("document", PASTED, ids=lambda document: document.name)
def test_every_block_can_be_pasted_into_the_terminal_it_is_for(document: Path) -> None:
    for language, lines in _command_blocks(document):
        for line in lines:
            assert "#" not in line, f"cmd.exe and zsh take no comment after a command: {line}"
            if language == "":
                assert re.match(r"(casesheet|streamlit run) ", line), f"the same in every terminal: {line}"
            if language == "bat":
                assert not re.search(r"^\w+=|/bin/|\.venv/|^(export|cp|mv|chmod|sudo) |'|\bpython3\b", line), line
            if language == "sh":
                assert "\\" not in line, line
        if language == "sh" and (shell := shutil.which("sh")):
            assert subprocess.run([shell, "-n", "-c", "\n".join(lines)], check=False, timeout=10).returncode == 0


@pytest.mark.trial(43)
@pytest.mark.parametrize("chinese", [path for path in PASTED if ".zh-CN." in path.name], ids=lambda path: path.name)
def test_both_languages_have_the_same_commands(chinese: Path) -> None:
    plain = chinese.with_name(chinese.name.replace(".zh-CN", ""))
    english = plain if plain.exists() else chinese.with_name(chinese.name.replace("zh-CN", "en"))
    ours = [
        (language, [line.replace("表格编号", "ID") for line in lines]) for language, lines in _command_blocks(chinese)
    ]
    assert ours == _command_blocks(english)
    assert ours


def test_every_picture_is_small_and_shown_in_both_languages() -> None:
    texts = "".join(path.read_text("utf-8") for path in (*GUIDES, *ROOT.glob("README*.md")))
    assert [path.name for path in PICTURES if path.stat().st_size > LARGEST] == []
    assert [str(path) for path in PICTURES if f"images/{path.parent.name}/{path.name}" not in texts] == []
    names = [{path.name for path in PICTURES if path.parent.name == language} for language in ("zh", "en")]
    assert names[0] == names[1]


def test_the_architecture_says_what_each_library_is_for() -> None:
    table = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## Libraries")[2].partition("## ")[0]
    told = re.split(r"[^a-z0-9-]+", table.lower())
    files = [(ROOT / name).read_text("utf-8") for name in ("requirements.in", "requirements-dev.in")]
    lines = [line for text in files for line in text.splitlines()]
    wanted = [match[0].lower() for line in lines if (match := re.match(r"[A-Za-z0-9-]+(?=[\[=])", line))]
    assert [name for name in wanted if name not in told] == []


@pytest.mark.trial(50)
@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_has_every_library_as_it_is_wanted_with_its_hashes(name: str) -> None:
    wanted = re.findall(r"^([A-Za-z0-9-]+)(?:\[\w]+\])?==(\S+)", (ROOT / f"{name}.in").read_text("utf-8"), re.MULTILINE)
    entries = re.split(r"\n(?=\S)", (ROOT / f"{name}.txt").read_text("utf-8").strip())
    locked = {}
    for entry in entries:
        found = re.match(r"([A-Za-z0-9._-]+)(?:\[[\w,]+\])?==([^\s;]+)", entry)
        assert found, entry
        assert "--hash=sha256:" in entry
        locked[found[1].lower().replace("_", "-")] = found[2]
    assert {key.lower(): version for key, version in wanted}.items() <= locked.items()


# The guides of the spreadsheet


def _texts(name: str) -> dict[str, str]:
    return {language: (ROOT / "docs" / f"{name}.{file}.md").read_text("utf-8") for language, file in FILES.items()}


def _columns_of(text: str, heads: int) -> list[list[str]]:
    """The rows of all tables with so many columns."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line] for line in lines if len(line) == heads]


def _rules() -> list[rules.ColourRule]:
    """Every colouring rule of a spreadsheet that is set up anew."""
    wanted = choices.wanted_columns(Words("en", (), ()), load_config(load_settings()).workflow, SCHEMA)
    at = choices.placed(None, wanted)
    tabs = {name: new_tab(name, name, headers(tab, "en"), 200) for name, tab in SCHEMA.items()}
    present = Present({**tabs, CHOICES: new_tab(CHOICES, CHOICES, list(at), 9)})
    return [rule for tab in SCHEMA.values() if not tab.technical for rule in rules.wanted_rules(present, tab, at)]


def _deadlines() -> set[tuple[str, str]]:
    """(tab, field) of every deadline that is coloured."""
    clocks = {("cases", due) for due, _ in CLOCK_FIELDS.values()} | {("cases", "promised_on")}
    return clocks | {(tab, due) for tab, pairs in rules._DEADLINES.items() for due, _ in pairs}


@pytest.mark.parametrize("name", ["sheet", "google", "managers", "administrators"])
def test_both_languages_have_the_same_structure(name: str) -> None:
    shapes = [
        [
            re.match(r"#+|[-0-9]|!\[|\||```", line)[0]  # type: ignore[index]
            for line in text.splitlines()
            if re.match(r"#+ |- |\d\. |!\[|\||```", line)
        ]
        for text in _texts(name).values()
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("language", FILES)
def test_every_colour_of_a_rule_is_explained(language: str) -> None:
    table = " ".join(row[0] for row in _columns_of(_texts("sheet")[language], 2))
    for colour in {rule.colour for rule in _rules()}:
        assert COLOURS[colour][language] in table, colour
    assert {rule.colour for rule in _rules()} == set(COLOURS)


@pytest.mark.parametrize("language", FILES)
def test_every_column_that_turns_red_is_named_with_its_tab(language: str) -> None:
    text = _texts("sheet")[language]
    rows = [(row[0], re.split("[、,]", row[1])) for row in _columns_of(text, 3)]
    told = {(tab, name.strip()) for tab, names in rows for name in names}
    wanted = {
        (tab.zh if language == "zh_CN" else tab.en, tab.columns[field].label(language))
        for tab, field in ((SCHEMA[name], field) for name, field in _deadlines())
    }
    assert wanted - told == set()


def test_the_deadlines_told_are_those_that_the_rules_colour() -> None:
    late = {rule.name.removeprefix("late ") for rule in _rules() if rule.colour == "late"}
    assert late == {field for _, field in _deadlines()}


@pytest.mark.parametrize("language", FILES)
def test_every_filter_view_is_listed_under_its_tab(language: Language) -> None:
    told = {(row[0], row[1]) for row in _columns_of(_texts("sheet")[language], 3)}
    with in_language(language):
        wanted = {(t(view.title), tab_name(view.tab)) for view in views.VIEWS}
    assert wanted - told == set()


@pytest.mark.parametrize("language", FILES)
def test_every_error_of_the_spreadsheet_has_a_row_that_says_what_to_do(language: Language) -> None:
    told = [row[0].split("…") for row in _columns_of(_texts("google")[language], 3)][1:]
    with in_language(language):
        for error in ERRORS:
            message = explain(error)[0]
            rows = [parts for parts in told if all(part.strip() in message for part in parts)]
            assert len(rows) == 1, (message, rows)
    assert len(told) == len(ERRORS)


@pytest.mark.parametrize("language", FILES)
@pytest.mark.parametrize("name", ["sheet", "google"])
def test_every_command_and_option_exists(name: str, language: str) -> None:
    text = _texts(name)[language]
    command = typer.main.get_command(cli)
    sheet = command.commands["sheet"]  # type: ignore[attr-defined]
    for word in re.findall(r"sheet (setup|check|selfcheck|[a-z]+check)\b", text):
        assert word in sheet.commands
    known = {
        option
        for one in (command, command.commands["move"], command.commands["init"], *sheet.commands.values())  # type: ignore[attr-defined]
        for parameter in one.params
        for option in parameter.opts
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - known == set()


@pytest.mark.parametrize("language", FILES)
def test_every_file_variable_and_address_for_the_key_is_named(language: str) -> None:
    text = _texts("google")[language]
    wanted = [f"[{account.SECTION}]", account.VARIABLE, ".streamlit/secrets.toml", "gsheets://new"]
    wanted += [urlsplit(url).netloc for url in account.GOOGLE]
    assert [name for name in wanted if name not in text] == []


def test_the_key_in_the_guide_is_complete() -> None:
    """Google's library wants these lines of a key."""
    for text in _texts("google").values():
        found = tomllib.loads(text.partition("```toml\n")[2].partition("```")[0])
        assert {"client_email", "token_uri", "private_key"} <= set(found[account.SECTION])
