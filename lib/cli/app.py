"""The commands and what they share: the store, the language, the way errors are told.

Exit status: 0 done and nothing wrong, 1 refused with the reasons on standard error or something wrong found, 2 wrong
usage. Which store a command works on is said on standard error.
"""

from typing import Annotated

import typer

from lib import __version__
from lib.cli import alerts, assignment, cases, exports, imports, people, setting_up, sheet
from lib.cli.health import health
from lib.cli.moving import move
from lib.cli.session import CommandSession, PlainErrors, any_console

app = typer.Typer(
    name="casesheet",
    help="Casesheet 案件台账: a case desk for small real-estate brokerages.",
    cls=PlainErrors,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("init")(setting_up.init)
app.add_typer(imports.app, name="import")
app.add_typer(exports.app, name="export")
app.add_typer(cases.app, name="case")
app.add_typer(assignment.app, name="assignment")
app.add_typer(alerts.app, name="alerts")
app.command("health")(health)
app.add_typer(people.app, name="user")
app.command("move")(move)
app.add_typer(sheet.app, name="sheet")


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def casesheet(
    ctx: typer.Context,
    store: Annotated[
        str | None,
        typer.Option(metavar="URL", help="sqlite:///PATH, postgresql+psycopg://... or gsheets://ID (default: config)"),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Casesheet 案件台账: a case desk for small real-estate brokerages."""
    ctx.obj = CommandSession(store)


def main() -> None:
    """The command `casesheet`."""
    any_console()
    app(prog_name="casesheet")
