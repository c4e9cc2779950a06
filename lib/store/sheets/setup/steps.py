"""What the set-up does, step by step: facts for the words, and the requests."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from lib.store.sheets.model.updates import Request

Kind = Literal[
    "tab", "columns", "lost", "twice", "time_zone", "choices", "look", "formats", "dropdowns", "protection", "colours",
    "views", "longer_views", "readme", "memory", "first_tab",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetStep:
    """One thing that a sheet lacks. `names` are keys of columns, or what else the kind is about.

    "lost" are columns whose header is gone, "twice" those whose header stands over several: only somebody who knows the
    sheet can put that right, the set-up does not.
    """

    kind: Kind
    tab: str
    names: tuple[str, ...] = ()
    requests: Sequence[Request] = field(default=(), repr=False, compare=False)

    @property
    def by_hand(self) -> bool:
        return self.kind in ("lost", "twice")
