"""Setting up a workspace."""

from typing import Annotated

import typer

from lib.cli.session import progress, session_of
from lib.domain.case import Case
from lib.i18n import t
from lib.services import accounts, workspace


def init(
    ctx: typer.Context,
    demo: Annotated[bool, typer.Option("--demo", help="Fill the workspace with an invented brokerage.")] = False,
    admin: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Make this address an administrator's; shows a password once.")
    ] = None,
) -> None:
    """Set up the store; may be repeated."""
    desk = session_of(ctx).desk
    if demo and not desk.snapshot[Case]:
        from lib.demo.generate import fill

        fill(desk, progress=progress(t("Demo cases")))  # sets the workspace up as of half a year ago
    workspace.initialise(desk, demo=demo)
    typer.echo(t("The workspace is ready: {name}", name=desk.settings.workspace_name))
    if admin is not None:
        typer.echo(t("Administrator: {email}", email=admin))
        tell_password(accounts.first_administrator(desk, admin))


def tell_password(password: str) -> None:
    """Shown this once, and kept nowhere."""
    typer.echo(t("One-time password, to be changed at the first sign-in: {password}", password=password))
