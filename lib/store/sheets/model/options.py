"""What the store must know of the workspace and of waiting."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from lib.domain.records.workspace import ListItem


@dataclass(frozen=True, slots=True)
class Options:
    """What the store must know of the workspace. `fixed` are lists that are not in the sheet (stages, roles).

    Seconds: a write is based on a read no older than `fresh`; Drive's version is trusted for `trusted`; a row missing
    from the sheet counts as deleted after `grace` (people cut and paste). What people do in the archive is looked for
    every `archive_every`. `limit` is the largest request in bytes. `sleep` waits for so many seconds.
    """

    zone: tzinfo = UTC
    language: str = "zh_CN"
    fixed: Sequence[ListItem] = ()
    fresh: float = 2.0
    trusted: float = 60.0
    grace: float = 15.0
    archive_every: float = 600.0
    limit: int = 2_000_000
    clock: Callable[[], float] = field(default=time.monotonic)
    sleep: Callable[[float], None] = field(default=time.sleep)
