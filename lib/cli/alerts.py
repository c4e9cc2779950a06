"""Alerts from the command line: raised by a timer where no server runs, and listed."""

from typing import Annotated

import typer

from lib.cli.session import language, print_json, session_of
from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.clocks.escalation import DANGER
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Alert
from lib.domain.records.fields import people_in
from lib.domain.records.people import Staff
from lib.i18n import format_datetime, t, tn
from lib.services.alerts.alerts import unended
from lib.services.alerts.escalation import raise_alerts
from lib.words.clocks import clock_name

app = typer.Typer(help="Alerts that are due now.", no_args_is_help=True)


@app.command()
def run(ctx: typer.Context) -> None:
    """Raise the alerts that are due now; outside working hours only what cannot wait."""
    desk = session_of(ctx).desk
    written = 0
    while some := raise_alerts(desk):
        written += some
    typer.echo(tn("{n} change written", "{n} changes written", written))


@app.command("list")
def list_open(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="The alerts as JSON, [] when there are none.")] = False,
) -> None:
    """List the alerts that somebody whom they tell has not seen yet."""
    session = session_of(ctx)
    require(session.actor, "case.view")
    desk = session.desk
    found = desk.snapshot[Alert].derive(unended)
    if as_json:
        print_json([alert.model_dump(mode="json") for alert in found])
        return
    for alert in found:
        typer.echo(_line(desk, alert))


def _line(desk: Desk, alert: Alert) -> str:
    ladder = desk.config.dangers.ladder if alert.clock == DANGER else desk.config.sla.ladder
    steps = {step.key: step.label(language()) for step in ladder}
    staff = desk.snapshot[Staff]
    told = " / ".join(staff[one].name if one in staff else one for one in people_in(alert.told))
    at = format_datetime(alert.due_at, desk.settings.zone) if alert.due_at else ""
    case = desk.snapshot[Case].get(alert.case_no)
    danger = desk.lists.label("danger", case.danger, language()) if case else alert.clock
    name = danger if alert.clock == DANGER else clock_name(alert.clock)
    what = name if alert.clock else t("No client update")
    return "  ".join(part for part in (alert.case_no, steps.get(alert.step, ""), what, at, told) if part)
