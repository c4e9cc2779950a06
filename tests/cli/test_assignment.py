"""`casesheet assignment explain`: the way of the rules, in words, and nothing is changed."""

from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lib.cli.app import app
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from tests.cases import accepted


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Result]:
    monkeypatch.setenv("CASESHEET_FILES_DIR", str(desk.settings.files_dir))
    monkeypatch.setenv("CASESHEET_SECRET_FILE", str(desk.settings.secret_file))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")

    def explain(number: str) -> Result:
        return CliRunner().invoke(app, ["--store", desk.settings.store, "assignment", "explain", number])

    return explain


def test_a_case_is_explained_and_stays_as_it_is(
    run: Callable[[str], Result], desk: Desk, people: dict[str, Actor]
) -> None:
    case = accepted(desk, people, kind="complaint", complained_about="handler")
    seq = desk.snapshot.seq
    told = run(case.case_no)
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert any(line.startswith("- ") and "Category is “Building quality / Leak”" in line for line in lines)
    assert "    - 李经办: is the person complained about" in lines
    assert any(line.startswith("    => 吴经办: 0 of 15 open") for line in lines)
    assert lines[-1].startswith("吴经办: ")
    assert desk.committer.refresh().seq == seq
    assert desk.snapshot[Case][case.case_no] == case


def test_an_unknown_number(run: Callable[[str], Result]) -> None:
    told = run("TS-2026-999999")
    assert told.exit_code == 1
    assert "TS-2026-999999" in told.stderr
