"""Earlier runs of the clocks of a case, and when it had been closed: what its row would otherwise forget.

A row keeps for each clock the due time and the end of its present run. The column `earlier_runs` holds, as JSON, what
reopening, another review, a pause or another priority has taken away (`lib.domain.rules.remembering`), so that a figure
of a past week stays what it was.
"""

from functools import lru_cache

from pydantic import AwareDatetime, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError, ValidationError

Span = tuple[AwareDatetime, AwareDatetime]
"""From the one to before the other."""


class ClockRun(BaseModel):
    """One start of a clock of `lib.domain.clocks.clocks`. `due` is the deadline that counts: the first that passed,
    else the
    last one in force; None where the case had none. `late` are the spans in which the clock ran on beyond it. `over`
    means that another run has begun: then `end` says when this one was fulfilled, None if it never was. `result` is
    that of a review."""

    model_config = ConfigDict(frozen=True)
    clock: str
    due: AwareDatetime | None = None
    end: AwareDatetime | None = None
    late: tuple[Span, ...] = ()
    over: bool = False
    result: str = ""


class EarlierRuns(BaseModel):
    """What a row no longer tells. `since`: from when on the clocks run that were past due when they began to run again,
    None where the due times alone tell it."""

    model_config = ConfigDict(frozen=True)
    since: AwareDatetime | None = None
    closed: tuple[Span, ...] = ()
    runs: tuple[ClockRun, ...] = ()

    def present(self, clock: str) -> ClockRun | None:
        """What is known of the run that still stands on the row."""
        return next((run for run in self.runs if run.clock == clock and not run.over), None)


NONE = EarlierRuns()


@lru_cache(maxsize=20_000)
def read_runs(text: str) -> EarlierRuns:
    """The content of the column. Raises pydantic's ValidationError where it is no such JSON."""
    return EarlierRuns.model_validate_json(text) if text else NONE


def check_runs(text: str) -> str:
    """The text as it is; only the app writes it. Raises PydanticCustomError, which is a bad row."""
    try:
        read_runs(text)
    except ValidationError:
        raise PydanticCustomError("wrong", "not what the app writes") from None
    return text
