"""Exporting cases."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from lib.cli.session import language, session_of
from lib.i18n import t
from lib.services.data.conditions import cases_where
from lib.services.data.exporting import export_cases

app = typer.Typer(help="Export cases.", no_args_is_help=True)


def on_terminal() -> bool:
    return sys.stdout.isatty()


@app.callback()
def export() -> None:
    """Export cases."""


@app.command("cases")
def cases(
    ctx: typer.Context,
    format: Annotated[Literal["csv", "xlsx", "jsonl"], typer.Option(help="csv, xlsx or jsonl")],
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="The file to write (default: standard output)")
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="A condition such as stage=closed; all that are given must hold.")
    ] = None,
) -> None:
    """Export cases with labels and local times; the keys of JSON lines are those of the fields, in any language."""
    if out is None and format == "xlsx" and on_terminal():
        raise typer.BadParameter(t("a workbook cannot be read from standard input; name a file"), param_hint="--out")
    session = session_of(ctx)
    chosen = cases_where(session.desk, where or ())
    content = export_cases(session.desk, actor=session.actor, cases=chosen, format=format, language=language())
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        out.write_bytes(content)
