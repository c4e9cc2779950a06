"""Setting up, checking and trying out the spreadsheet of a workspace."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lib.app.bootstrap import open_spreadsheet
from lib.cli.session import CommandSession, print_json, session_of
from lib.config.settings import Settings, load_config
from lib.desk.desk import fixed_lists
from lib.errors import DriveFull, NoAccess
from lib.i18n import t
from lib.services.workspace.workspace import seeds_of
from lib.store.schema import declare

if TYPE_CHECKING:  # who works on a database does not load Google's libraries
    from lib.store.sheets.api.client import SheetsClient
    from lib.store.sheets.setup.setup import SetUp, Workspace

app = typer.Typer(help="Set up and check the spreadsheet of a workspace.", no_args_is_help=True)
NEW = ("gsheets:", "gsheets://", "gsheets://new")
_LINK = "https://docs.google.com/spreadsheets/d/{id}/edit"
AsJson = Annotated[bool, typer.Option("--json", help="The result as JSON.")]


@app.callback()
def sheet() -> None:
    """Set up and check the spreadsheet of a workspace."""


@app.command("setup")
def set_up(
    ctx: typer.Context,
    share: Annotated[list[str] | None, typer.Option(metavar="EMAIL", help="Who may edit it; may be repeated.")] = None,
    title: Annotated[str, typer.Option(help="The name of a new spreadsheet (default: the workspace's).")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, change nothing.")] = False,
    restore_columns: Annotated[
        bool, typer.Option("--restore-columns", help="Add columns again, empty, that somebody deleted.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the spreadsheet (--store gsheets://new) or bring an older or hand-edited one up to date; may be repeated."""
    from lib.store.sheets.setup import setup

    session = session_of(ctx)
    new = session.settings.store in NEW
    client = open_spreadsheet("gsheets://new" if new else session.settings.store, session.settings)
    if new and not dry_run:
        client.spreadsheet_id = _created(client, title or session.settings.workspace_name, session.settings)
    plan = setup.plan(client, _workspace(session, client), new=new, lost_too=restore_columns)
    if not dry_run:
        setup.carry_out(client, plan)
    shared = _shared(client, share or [], new=new, dry_run=dry_run)
    if as_json:
        made = {"spreadsheet_id": "" if new and dry_run else client.spreadsheet_id, "created": new and not dry_run}
        print_json({**made, "dry_run": dry_run, "steps": _plain(plan), "shared": shared})
    else:
        _tell(client, plan, shared, new=new, dry_run=dry_run)


@app.command("check")
def check(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Compare the spreadsheet with what it should be; exit status 1 where it differs."""
    from lib.cli.sheet_words import step_words
    from lib.store.sheets.setup import setup

    session = session_of(ctx)
    client = open_spreadsheet(session.settings.store, session.settings)
    plan = setup.plan(client, _workspace(session, client))
    if as_json:
        print_json(_plain(plan))
    else:
        for step in plan.steps:
            typer.echo(step_words(step))
        if not plan.steps:
            typer.echo(t("The spreadsheet is as it should be."))
    if plan.steps:
        raise typer.Exit(1)


@app.command("selfcheck")
def selfcheck(
    ctx: typer.Context,
    other_key: Annotated[
        Path | None,
        typer.Option(
            "--other-key", metavar="FILE", help="The key of a second account, to try how the two see each other."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try out on a tab of its own what the app takes for granted of Google Sheets, and note the result.

    Exit status 1 where something that several app processes need does not hold.
    """
    from lib.cli.sheet_words import UNTRIED, UNTRIED_ALONE, finding_words
    from lib.store.sheets.selfcheck import selfcheck as trial

    session = session_of(ctx)
    client = open_spreadsheet(session.settings.store, session.settings)
    other = open_spreadsheet(session.settings.store, session.settings, key=other_key) if other_key else None
    findings = trial.run(client, other=other)
    result = trial.result(findings, datetime.now(UTC))
    trial.keep(client, result)
    if as_json:
        print_json(result)
    else:
        for line in finding_words(findings):
            typer.echo(line)
        for untried in (UNTRIED,) if other else (UNTRIED, UNTRIED_ALONE):
            typer.echo(t(untried))
        allowed = t("Several app processes may work on this spreadsheet.")
        typer.echo(allowed if result["writers_allowed"] else t("Only one app process may work on this spreadsheet."))
    if not result["writers_allowed"]:
        raise typer.Exit(1)


def _workspace(session: CommandSession, client: "SheetsClient") -> "Workspace":
    from lib.store.sheets.setup.setup import Workspace

    config = load_config(session.settings)
    declare(config.fields.columns())
    return Workspace(
        language=session.settings.default_language,
        time_zone=session.settings.time_zone,
        editor=client.email,
        workflow=config.workflow,
        seeds=seeds_of(config.lists),
        fixed=fixed_lists(config),
        low={question.key: question.low for question in config.survey.question if question.low is not None},
    )


def _created(client: "SheetsClient", title: str, settings: Settings) -> str:
    from lib.store.sheets.api import drive

    try:
        return drive.create(client, title, time_zone=settings.time_zone, language=settings.default_language)
    except (DriveFull, NoAccess) as refused:
        typer.echo(
            t(
                "The account {email} may not make spreadsheets. Make an empty one yourself, share it with this "
                "address as an editor, and run the command again with --store gsheets://ID.",
                email=refused.email,
            ),
            err=True,
        )
        raise typer.Exit(1) from None


def _shared(client: "SheetsClient", emails: list[str], *, new: bool, dry_run: bool) -> list[str]:
    """Who may edit it from now on, and could not before."""
    from lib.store.sheets.api import drive

    wanted = list(dict.fromkeys(emails))
    missing = wanted if new or not wanted else drive.not_shared(client, wanted)
    for email in missing if not dry_run else ():
        drive.share(client, email)
    return missing


def _plain(plan: "SetUp") -> list[dict[str, Any]]:
    from lib.cli.sheet_words import step_words

    return [{"kind": step.kind, "tab": step.tab, "names": step.names, "words": step_words(step)} for step in plan.steps]


def _tell(client: "SheetsClient", plan: "SetUp", shared: list[str], *, new: bool, dry_run: bool) -> None:
    from lib.cli.sheet_words import step_words

    if new and dry_run:
        typer.echo(t("Make a new spreadsheet"))
    for step in plan.steps:
        typer.echo(step_words(step))
    for email in shared:
        typer.echo(t("Share with {email}", email=email))
    if not plan.steps and not shared:
        typer.echo(t("The spreadsheet is as it should be."))
    if dry_run:
        typer.echo(t("Nothing was changed."))
    else:
        typer.echo(_LINK.format(id=client.spreadsheet_id))
        typer.echo(f"--store gsheets://{client.spreadsheet_id}")
