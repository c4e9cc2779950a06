"""How many cases are in each stage, and how long they have been there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from lib.analytics.frames.columns import NO_TIME, ticks
from lib.analytics.frames.frames import case_frame, covered
from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class StageLoad:
    """`age` is the mean time in the stage until now, in calendar time; None if there is no case."""

    count: int
    age: timedelta | None


def stage_loads(desk: Desk, *, actor: Actor, now: datetime) -> Mapping[str, StageLoad]:
    """Every stage of the workflow with the cases that the actor may see."""
    frame = case_frame(desk)
    stages, entered = frame["stage"].array, ticks(frame["stage_since"])
    seen = covered(frame, actor, "case.view")
    known = seen & (entered != NO_TIME)
    present = now.timestamp() * 1_000_000
    size = len(stages.categories)
    counts = np.bincount(stages.codes[seen], minlength=size)
    dated = np.bincount(stages.codes[known], minlength=size)
    sums = np.bincount(stages.codes[known], weights=present - entered[known], minlength=size)
    found = {
        stage: StageLoad(int(count), float(total / n) * _MICROSECOND if n else None)
        for stage, count, n, total in zip(stages.categories, counts, dated, sums, strict=True)
    }
    return {stage: found.get(stage, StageLoad(0, None)) for stage in desk.config.workflow.stages}
