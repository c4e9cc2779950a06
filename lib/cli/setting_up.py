"""Setting up a workspace."""

from contextlib import closing
from hashlib import sha256
from typing import Annotated

import typer

from lib.app.bootstrap import open_desk, open_store
from lib.cli.moving import copy_progress
from lib.cli.session import progress, session_of
from lib.config.settings import ROOT, Settings
from lib.demo.generate import fill
from lib.i18n import t
from lib.services.people import accounts
from lib.services.workspace import workspace
from lib.store.migrate import copy
from lib.store.schema import SCHEMA

_BESIDE = ROOT / "data"


def init(
    ctx: typer.Context,
    demo: Annotated[bool, typer.Option("--demo", help="Fill the workspace with an invented brokerage.")] = False,
    admin: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Make this address an administrator's; shows a password once.")
    ] = None,
) -> None:
    """Set up the store; may be repeated."""
    session = session_of(ctx)
    if demo and session.settings.store.startswith("gsheets:"):
        _copy_demo(session.settings)
    desk = session.new_desk()
    if admin is not None and not demo:
        workspace.require_no_demo(desk)
    if demo and not workspace.is_demo(desk):
        fill(desk, progress=progress(t("Demo cases")))
    workspace.initialise(desk)
    typer.echo(t("The workspace is ready: {name}", name=desk.settings.workspace_name))
    if not desk.settings.public_url:
        typer.echo(
            t(
                "Links and QR codes for clients carry the address that staff have in the browser. Where clients reach "
                "the desk by another, set public_url in config/app.toml."
            ),
            err=True,
        )
    if admin is not None:
        typer.echo(t("Administrator: {email}", email=admin))
        tell_password(accounts.first_administrator(desk, admin))


def _copy_demo(settings: Settings) -> None:
    """Fill an empty spreadsheet with a copy of a demo made beside it: it takes a save a second, and half a year has
    thousands. What is beside it stays until the copy is whole, so that the next call goes on where one broke off."""
    with closing(open_store(settings.store, create=True)) as target:
        target.provision(SCHEMA)
        if target.pull(None).seq:
            return
        file = _BESIDE / f"demo-{sha256(settings.store.encode()).hexdigest()[:12]}.db"
        beside = open_desk(settings.model_copy(update={"store": f"sqlite:///{file}"}), create=True)
        with closing(beside.store):
            if not workspace.is_demo(beside):
                fill(beside, progress=progress(t("Demo cases")))
            copy(beside.store, target, copy_progress())
    for part in file.parent.glob(f"{file.name}*"):
        part.unlink()


def tell_password(password: str) -> None:
    """Shown this once, and kept nowhere."""
    typer.echo(t("One-time password, to be changed at the first sign-in: {password}", password=password))
