"""Looking at one case, and archiving several."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from lib.cli.session import print_json, session_of
from lib.desk.access import require
from lib.desk.desk import Desk
from lib.documents.paper.reader import CaseReader
from lib.documents.timeline import action_name
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact, Evidence, FollowUp, Survey, Task
from lib.domain.records.history import changes_of
from lib.domain.records.record import Record
from lib.domain.records.workspace import HistoryLine
from lib.services.cases import archive as archiving
from lib.services.data.exporting import exported_fields
from lib.store.schema import TAB_OF
from lib.store.snapshot.snapshot import by_case

app = typer.Typer(help="Look at a case, or archive several.", no_args_is_help=True)
_PARTS: tuple[type[Record], ...] = (Task, FollowUp, Survey, Evidence, Contact)


@app.callback()
def case() -> None:
    """Look at a case, or archive several."""


@app.command("show")
def show(
    ctx: typer.Context,
    case_no: str,
    as_json: Annotated[bool, typer.Option("--json", help="The case with its timeline and changes as JSON.")] = False,
) -> None:
    """Show a case, its timeline and its changes."""
    session = session_of(ctx)
    desk = session.desk
    found = desk.snapshot[Case].require(case_no)
    require(session.actor, "case.view", found)
    lines = desk.history(case_no=case_no)
    if as_json:
        print_json(_as_json(desk, found, lines))
        return
    reader = CaseReader(desk, session.actor, found)
    for fact in (*reader.facts(exported_fields()), *reader.extras()):
        typer.echo(f"{fact.label}: {fact.value}")
    for line in lines:
        told = (reader.time(line.at), reader.person(line.actor), action_name(desk, line), line.text)
        typer.echo("  ".join(part for part in told if part))


@app.command("archive")
def archive(
    ctx: typer.Context,
    days: Annotated[
        int | None, typer.Option(min=0, help="Closed at least so many days ago (default: archive.toml).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which cases are ready.")] = False,
) -> None:
    """Archive every case whose file is complete and that was closed some time ago."""
    session = session_of(ctx)
    find = archiving.ready if dry_run else archiving.archive_ready
    for found in find(session.desk, actor=session.actor, days=days):
        typer.echo(f"{found.case_no}  {found.title}")


def _as_json(desk: Desk, found: Case, lines: list[HistoryLine]) -> dict[str, Any]:
    parts = {
        TAB_OF[model].name: [part.model_dump(mode="json") for part in _parts(desk, model, found.case_no)]
        for model in _PARTS
    }
    return {
        "case": found.model_dump(mode="json"),
        **parts,
        "timeline": [_line(line) for line in lines if line.text],
        "changes": [{**_line(line), "changes": changes_of(line.changes)} for line in lines if line.changes],
    }


def _parts(desk: Desk, model: type[Record], case_no: str) -> tuple[Record, ...]:
    return desk.snapshot[model].derive(by_case).get(case_no, ())


def _line(line: HistoryLine) -> Mapping[str, Any]:
    return line.model_dump(
        mode="json", include={"seq", "at", "actor", "action", "audience", "tab", "record_id", "text"}
    )
