"""The number of the schema, which every store keeps, so that versions of the app can tell whether they understand it.

Versions that differ in the additive part work on one store side by side: the older one leaves alone what it does not
know, tabs, columns, stages and actions, and carries it along. A breaking change is one with which the older version
would read or write wrongly: it refuses the store, in words, before it touches anything.
"""

from dataclasses import dataclass

from lib.errors import StoreTooNew
from lib.store.schema import SCHEMA

BREAKING = 1
"""Goes up by one with a change that an earlier version could not live with; then `provision` has to bring older stores
up to it. A new tab or an optional column is none."""


@dataclass(frozen=True, slots=True, order=True)
class SchemaNumber:
    """`additive` counts tabs and columns, so that it grows by itself with each that is added."""

    breaking: int
    additive: int

    def __str__(self) -> str:
        return f"{self.breaking}.{self.additive}"


OURS = SchemaNumber(BREAKING, sum(1 + len(tab.own) for tab in SCHEMA.values()))
UNNUMBERED = SchemaNumber(0, 0)
"""Of a store that was last set up before there were numbers."""


def require_known(theirs: SchemaNumber) -> None:
    """Raises StoreTooNew for a store that only a later version understands."""
    if theirs.breaking > OURS.breaking:
        raise StoreTooNew(str(theirs), str(OURS))


def read_number(text: str) -> SchemaNumber:
    """A number as it is written; a text that is none stands for a store without one."""
    breaking, _, additive = text.partition(".")
    if not (breaking.isascii() and breaking.isdigit() and additive.isascii() and additive.isdigit()):
        return UNNUMBERED
    return SchemaNumber(int(breaking), int(additive))
