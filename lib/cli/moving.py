"""Moving a workspace to another store."""

from contextlib import ExitStack, closing
from dataclasses import asdict
from typing import Annotated

import typer

from lib.app.bootstrap import open_store
from lib.cli.session import print_json, progress
from lib.errors import NoWorkspace, StoreTooNew, StoreUnavailable
from lib.i18n import t
from lib.store.migrate import Comparison, Progress, Step, compare, copy
from lib.store.port import Store
from lib.store.schema import HISTORY, SCHEMA
from lib.words.opening import difference_words


def move(
    from_: Annotated[str, typer.Option("--from", metavar="URL", help="The store that holds the workspace.")],
    to: Annotated[str, typer.Option("--to", metavar="URL", help="A new store, or the copy that a move began.")],
    verify_only: Annotated[bool, typer.Option("--verify-only", help="Compare the two stores, write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What was compared, and every difference, as JSON.")] = False,
) -> None:
    """Copy all data and the whole History to another store, and compare the two row by row.

    Stop Casesheet before; if the move is broken off, run it again. The files of cases (files_dir) and the secret file
    are not in the store: copy them yourself where the app moves to another machine.
    """
    if from_ == to:
        raise typer.BadParameter(t("The two stores must be different."), param_hint="--to")
    told = copy_progress()
    with ExitStack() as stack:
        source = stack.enter_context(closing(_open(from_, "--from", set_up=not verify_only)))
        target = stack.enter_context(closing(_open(to, "--to", set_up=not verify_only, create=True)))
        if not verify_only:
            copy(source, target, told)
        result = compare(source, target, told)
    if as_json:
        print_json({"equal": result.equal, **asdict(result)})
    else:
        _tell(result)
    if not result.equal:
        raise typer.Exit(1)


def _open(url: str, option: str, *, set_up: bool, create: bool = False) -> Store:
    """A store brought up to date with `set_up`, and made with `create`; else it must be there as it should be. Raises
    StoreUnavailable that says which one it was."""
    try:
        store = open_store(url, create=set_up and create)
        if set_up:
            store.provision(SCHEMA, create=create)
        store.has_write("")
    except NoWorkspace as none:
        raise NoWorkspace(f"{option}: {none.why}") from none
    except StoreTooNew:
        raise
    except StoreUnavailable as failed:
        raise StoreUnavailable(f"{option}: {failed.why}") from failed
    return store


def copy_progress() -> Progress:
    """Tells how far each step of a copy is."""
    show = {
        "history": progress(t("History, by save")),
        "rows": progress(t("Rows")),
        "compared": progress(t("Compared, by save")),
    }

    def told(step: Step, done: int, total: int) -> None:
        show[step](done, total)

    return told


def _tell(result: Comparison) -> None:
    for line in difference_words(result.differences):
        typer.echo(line)
    if result.seqs[0] != result.seqs[1]:
        typer.echo(
            t(
                "Saves so far: {source} in the source, {target} in the target",
                source=result.seqs[0],
                target=result.seqs[1],
            )
        )
    if result.equal:
        rows = sum(count for tab, count in result.counts.items() if tab != HISTORY)
        typer.echo(
            t("The stores are equal: {rows} rows, {lines} lines of History", rows=rows, lines=result.counts[HISTORY])
        )
