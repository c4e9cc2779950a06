"""What the assignment rules say, without giving anything out."""

from collections.abc import Mapping

import typer

from lib.cli.session import session_of
from lib.desk.access import require
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.services.work.assignment import explain
from lib.words.assignment import Mark, explanation, why

app = typer.Typer(help="Look at the assignment rules.", no_args_is_help=True)
_MARKS: Mapping[Mark, str] = {"unmet": "- ", "rule": "+ ", "chosen": "    => ", "fit": "    ", "skipped": "    - "}


@app.callback()
def assignment() -> None:
    """Look at the assignment rules."""


@app.command("explain")
def explain_case(ctx: typer.Context, case_no: str) -> None:
    """Say to whom the rules would give a case, and why."""
    session = session_of(ctx)
    desk = session.desk
    case = desk.snapshot[Case].require(case_no)
    require(session.actor, "case.view", case)
    proposal = explain(desk, case)
    for mark, text in explanation(proposal, desk.lists):
        typer.echo(_MARKS[mark] + text)
    name = desk.snapshot[Staff].require(proposal.assignee).name + ": " if proposal.assignee else ""
    typer.echo(name + why(proposal))
