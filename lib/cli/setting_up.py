"""Setting up a workspace."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from lib.bootstrap import open_desk
from lib.cli.moving import copy_progress
from lib.cli.session import progress, session_of
from lib.domain.case import Case
from lib.i18n import t
from lib.services import accounts, workspace
from lib.services.desk import Desk
from lib.store.moving import copy


def init(
    ctx: typer.Context,
    demo: Annotated[bool, typer.Option("--demo", help="Fill the workspace with an invented brokerage.")] = False,
    admin: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Make this address an administrator's; shows a password once.")
    ] = None,
) -> None:
    """Set up the store; may be repeated."""
    desk = session_of(ctx).new_desk()
    if demo and not desk.snapshot[Case]:
        _fill(desk)
    workspace.initialise(desk, demo=demo)
    typer.echo(t("The workspace is ready: {name}", name=desk.settings.workspace_name))
    if admin is not None:
        typer.echo(t("Administrator: {email}", email=admin))
        tell_password(accounts.first_administrator(desk, admin))


def _fill(desk: Desk) -> None:
    """Sets the workspace up as of half a year ago.

    A spreadsheet takes a save a second, and half a year has thousands: it gets a copy of a demo made beside it.
    """
    from lib.demo.generate import fill

    told = progress(t("Demo cases"))
    if not desk.settings.store.startswith("gsheets:"):
        fill(desk, progress=told)
        return
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = desk.settings.model_copy(update={"store": f"sqlite:///{Path(folder) / 'demo.db'}"})
        beside = open_desk(settings, create=True)
        with closing(beside.store):
            fill(beside, progress=told)
            copy(beside.store, desk.store, copy_progress())
    desk.committer.keep_up()


def tell_password(password: str) -> None:
    """Shown this once, and kept nowhere."""
    typer.echo(t("One-time password, to be changed at the first sign-in: {password}", password=password))
