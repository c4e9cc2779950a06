"""What is wrong in the data."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from lib.cli.session import print_json, session_of
from lib.i18n import t
from lib.services.data.health import HealthProblem, problems
from lib.words.names import field_name, reason_words, tab_name


def health(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="The problems as JSON, [] when there are none.")] = False,
) -> None:
    """Look for problems in the data; exit status 1 where there are some."""
    found = problems(session_of(ctx).desk)
    if as_json:
        print_json([asdict(problem) for problem in found])
    else:
        _tell(found)
    if found:
        raise typer.Exit(1)


def _tell(found: Sequence[HealthProblem]) -> None:
    for problem in found:
        place = f"{tab_name(problem.tab)} {problem.key}, {field_name(problem.tab, problem.field)}"
        fix = t(" (perhaps “{value}”)", value=problem.suggestion) if problem.confidence else ""
        typer.echo(f"{place}: “{problem.value}” {reason_words(problem.reason)}{fix}")
    if not found:
        typer.echo(t("No problems found."))
