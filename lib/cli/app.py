"""The commands and what they share: the store, the language, the way errors are told.

Exit status: 0 done, 1 refused with the reasons on standard error, 2 wrong usage.
"""

from typing import Annotated

import typer

from lib.cli import alerts, assignment, cases, exports, imports, people, setting_up, sheet
from lib.cli.health import health
from lib.cli.moving import move
from lib.cli.session import PlainErrors, Session

app = typer.Typer(
    name="casesheet",
    help="Casesheet 案件台账: a case desk for small real-estate brokerages.",
    cls=PlainErrors,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
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


@app.callback()
def casesheet(
    ctx: typer.Context,
    store: Annotated[
        str | None,
        typer.Option(metavar="URL", help="sqlite:///PATH, postgresql+psycopg://... or gsheets://ID (default: config)"),
    ] = None,
) -> None:
    """Casesheet 案件台账: a case desk for small real-estate brokerages."""
    ctx.obj = Session(store)
