"""People who may sign in."""

from typing import Annotated

import typer

from lib.cli.session import session_of
from lib.cli.setting_up import tell_password
from lib.i18n import t
from lib.services.people import accounts
from lib.services.people.people import add_staff
from lib.services.workspace.workspace import require_no_demo

app = typer.Typer(help="People who may sign in.", no_args_is_help=True)


@app.callback()
def user() -> None:
    """People who may sign in."""


@app.command("add")
def add(
    ctx: typer.Context,
    email: str,
    role: Annotated[str, typer.Option(help="intake, handler, head, reviewer, manager or administrator")],
    name: Annotated[str, typer.Option(help="The person's name (default: what stands before the @).")] = "",
) -> None:
    """Add a person and show their one-time password."""
    session = session_of(ctx)
    require_no_demo(session.desk)
    values = {"email": email, "role": role, "name": name or email.partition("@")[0]}
    staff_id = add_staff(session.desk, actor=session.actor, values=values).first("staff")
    typer.echo(t("Added: {email}", email=email))
    tell_password(accounts.issue_one_time_password(session.desk, actor=session.actor, staff_id=staff_id))
