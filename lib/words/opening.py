"""Why a workspace cannot be opened, moved or made a demo, in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lib.domain.records.lists import Lists
from lib.errors import (
    CannotMove,
    ConfigError,
    DemoHere,
    Difference,
    NoDemoHere,
    NoWorkspace,
    OpeningFailed,
    StoreTooNew,
    TableMissing,
    UnfinishedCopy,
)
from lib.i18n import N_, t
from lib.words.names import field_name, joined, reason_words, tab_name
from lib.words.reasons import REASONS

_MOVES: Mapping[str, str] = {
    "other_data": N_("The target holds data that is no copy of the source; nothing was moved. Use an empty target."),
    "unfit": N_("The source holds cells that cannot be moved. Correct them (see data health), then move again."),
    "by_hand": N_(
        "People changed rows of the source that the app has not adopted: they would be lost. Start Casesheet on the "
        "source, fix what Data health shows, stop it, and run the command again."
    ),
    "unfinished": N_("The source is itself a copy that was never finished. Finish that move first."),
    "newer": N_("A later version of Casesheet works on the source. Update this one, and move then."),
    "source_changed": N_("Somebody saved to the source during the move. Run the same command again: it goes on here."),
    "in_use": N_("Somebody saves to the target during the move. Stop that first; the target is not a whole copy."),
}

_DIFFERENCES: Mapping[str, str] = {
    "missing": N_("{tab} {key}: is missing in the target"),
    "extra": N_("{tab} {key}: is only in the target"),
    "changed": N_("{tab} {key}: differs in {fields}"),
    "by_hand": N_("{tab} {key}: changed in the spreadsheet"),
    "unfit": N_("{tab} {key}: cannot be kept elsewhere as it is: {fields}"),
    "twice": N_("{tab} {key}: several rows have this key"),
}

_DIFFERENCES_SHOWN = 20


def _no_demo(error: NoDemoHere, _: Lists) -> list[str]:
    first = t(
        "No demo is made here: this workspace is in use ({count} rows in “{tab}”), and everybody can enter a demo.",
        count=error.count,
        tab=tab_name(error.tab),
    )
    return [first, t("Give the demo a store of its own, for example: --store sqlite:///data/demo.db")]


def _demo_here(_: DemoHere, __: Lists) -> list[str]:
    first = t("This is the workspace of a demo, which everybody enters without signing in.")
    return [first, t("Give your own workspace another store in config/app.toml, for example: sqlite:///data/office.db")]


def _cannot_move(error: CannotMove, _: Lists) -> list[str]:
    return [t(_MOVES[error.why]), *difference_words(error.differences)]


def difference_words(differences: Sequence[Difference]) -> list[str]:
    """A line for each of the first differences between two stores, and how many more there are."""
    lines = [
        t(
            _DIFFERENCES[found.kind],
            tab=tab_name(found.tab),
            key=found.key,
            fields=joined(field_name(found.tab, name) for name in found.fields),
        )
        for found in differences[:_DIFFERENCES_SHOWN]
    ]
    more = len(differences) - len(lines)
    return [*lines, t("… and {n} more", n=more)] if more else lines


def _config(error: ConfigError, _: Lists) -> list[str]:
    known = error.code in REASONS and error.code != "value_error"  # a rule in words of its own says more
    why = reason_words(error.code, error.facts) if known else error.why
    place = {"file": error.file, "key": error.key}
    return [t("{file}, {key}: {why}", **place, why=why) if error.key else t("{file}: {why}", **place, why=why)]


def _too_new(error: StoreTooNew, _: Lists) -> list[str]:
    first = t("The data was changed by a later version of Casesheet, which this one does not understand.")
    facts = {"theirs": error.theirs, "ours": error.ours}
    return [first, t("Update Casesheet here (schema {theirs} of the data, {ours} of this version).", **facts)]


def _no_workspace(_: NoWorkspace, __: Lists) -> list[str]:
    first = t("There is no workspace at the address of the store. Perhaps the address is mistyped.")
    return [first, t("A new workspace is made by: casesheet init")]


def _unfinished(_: UnfinishedCopy, __: Lists) -> list[str]:
    first = t("The store is a copy that was never finished, or is damaged: its History goes further than its count.")
    return [first, t("Run the same move again, or restore the backup; nothing was opened or changed.")]


def _table_missing(error: TableMissing, _: Lists) -> list[str]:
    first = t("In the database the table “{tab}” is missing.", tab=tab_name(error.tab))
    return [first, t("Restore the backup; nothing was opened or changed.")]


def _opening_failed(error: OpeningFailed, _: Lists) -> list[str]:
    facts = {"kind": error.kind, "number": error.number}
    first = t("Something unforeseen went wrong in opening the workspace: {kind}.", **facts)
    return [first, t("Your administrator finds it in the log under the number {number}.", **facts)]


OPENING_ERRORS: Mapping[type[Exception], Callable[[Any, Lists], list[str]]] = {
    CannotMove: _cannot_move,
    NoDemoHere: _no_demo,
    DemoHere: _demo_here,
    ConfigError: _config,
    OpeningFailed: _opening_failed,
    StoreTooNew: _too_new,
    NoWorkspace: _no_workspace,
    UnfinishedCopy: _unfinished,
    TableMissing: _table_missing,
}
