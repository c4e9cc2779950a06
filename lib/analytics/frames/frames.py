"""Cases, surveys and follow-ups as typed frames, updated with every save; the source of lists and charts.

A frame belongs to a version of its table: row i is the i-th record. It is shared by all sessions: never change one in
place (see `lib.analytics.frames.columns` for its types, and for what is cheap). Whether something is late depends on
the moment, so `late` computes it on request.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from lib.analytics.frames.columns import Shape, frame_of, mended
from lib.desk.desk import Desk
from lib.domain.records.case import ARCHIVED, Case
from lib.domain.records.case_parts import FollowUp, Survey
from lib.domain.records.record import Record
from lib.domain.rules.permissions import IMPARTIAL, WRITING, Actor
from lib.domain.time.earlier_runs import EarlierRuns, read_runs
from lib.store.commit.loop import Committer
from lib.store.snapshot.incremental import Kept

_UNCHARTED = frozenset(
    {
        "stated_cause", "location", "wait_reason", "plan_effect", "prevention", "review_reason", "reopen_reason",
        "import_key", "read_back_at", "plan_deadline", "visit_at", "consent_at", "retain_until",
        "visit_minutes", "visit_by", "visit_place", "visit_done_at", "plan_days", "consent_how", "consent_by",
        "severity_scope", "severity_safety", "severity_loss", "severity_legal", "severity_reputation",
    }
)  # fmt: skip
"""Fields that no table and no chart shows."""

Mask = np.ndarray[Any, np.dtype[np.bool_]]


def case_frame(desk: Desk) -> pd.DataFrame:
    """All cases, with `phase` (of the stage), `next_due` (earliest due time of the clocks that run, or NaT) and
    `earlier` (see `lib.analytics.frames.earlier`; None for most).

    `answered_at` is `Case.answer_known_at`.
    """
    return _frame(desk, Case)


def told_earlier(case: Case) -> EarlierRuns | None:
    return read_runs(case.earlier_runs) if case.earlier_runs else None


def survey_frame(desk: Desk) -> pd.DataFrame:
    """All surveys, without the comments; a score not given is NaN."""
    return _frame(desk, Survey)


def seen_cases(desk: Desk, actor: Actor) -> pd.DataFrame:
    """The cases that the actor may see."""
    cases = case_frame(desk)
    return cases if actor.may_everywhere("case.view") else cases[covered(cases, actor, "case.view")]


def seen_surveys(desk: Desk, actor: Actor) -> pd.DataFrame:
    """The surveys about cases that the actor may see."""
    surveys = survey_frame(desk)
    if actor.may_everywhere("case.view"):
        return surveys
    return surveys[surveys["case_no"].isin(set(seen_cases(desk, actor)["case_no"]))]


def follow_up_frame(desk: Desk) -> pd.DataFrame:
    """All follow-ups, without the notes."""
    return _frame(desk, FollowUp)


def late(cases: pd.DataFrame, now: datetime) -> pd.Series:
    """Cases of which a running clock is past its due time."""
    return cases["next_due"] < now


def due_on(cases: pd.DataFrame, day: date, now: datetime) -> pd.Series:
    """Cases whose next deadline is still to come, on this day of the workspace."""
    midnight = pd.Timestamp(day).tz_localize(cases["next_due"].dt.tz)
    return (cases["next_due"] >= now) & (cases["next_due"] >= midnight) & (cases["next_due"] < midnight + _DAY)


def covered(cases: pd.DataFrame, actor: Actor, permission: str) -> Mask:
    """Which cases the actor holds the permission for: `Actor.may(permission, case)` for every row at once."""
    held = _held(cases, actor, permission)
    if permission in WRITING:
        held = held & (cases["stage"] != ARCHIVED).to_numpy()
    if permission in IMPARTIAL:
        held = held & (cases["complained_about"] != actor.staff_id).to_numpy()
    return held


def _held(cases: pd.DataFrame, actor: Actor, permission: str) -> Mask:
    scope = actor.permissions.get(permission)
    if scope in (None, "all"):
        return np.full(len(cases), scope == "all")
    in_danger = (cases["assignee"] == "") & (cases["danger_taken_by"] == actor.staff_id)
    own: Mask = (in_danger | (cases["assignee"] == actor.staff_id) | (cases["reviewer"] == actor.staff_id)).to_numpy()
    if scope == "department" and actor.department:
        own = own | (cases["department"] == actor.department).to_numpy()
    if scope == "branch" and actor.branch:
        own = own | cases["branch"].isin(["", actor.branch]).to_numpy()
    return own


_DAY = pd.Timedelta(days=1)
_KEPT: WeakKeyDictionary[Committer, Mapping[type[Record], Kept[Any, pd.DataFrame]]] = WeakKeyDictionary()


def _frame(desk: Desk, model: type[Record]) -> pd.DataFrame:
    kept = _KEPT.get(desk.committer)
    if kept is None:
        kept = _KEPT.setdefault(desk.committer, {shape.model: _kept(shape) for shape in _shapes(desk)})
    return kept[model].of(desk.snapshot[model])


def _kept(shape: Shape) -> Kept[Any, pd.DataFrame]:
    return Kept(lambda records: frame_of(records, shape), lambda frame, step: mended(frame, step, shape))


def _shapes(desk: Desk) -> tuple[Shape, ...]:
    zone, workflow = desk.settings.zone, desk.config.workflow
    phases = {stage.key: stage.phase for stage in workflow.stage}
    computed = {
        "phase": ("choice", lambda case: phases.get(case.stage, "open")),
        "next_due": ("time", workflow.next_due),
        "answered_at": ("time", lambda case: case.answer_known_at),
        "earlier": ("object", told_earlier),
    }
    return (
        Shape(Case, zone, repeating=frozenset({"community"}), left_out=_UNCHARTED, computed=computed),
        Shape(Survey, zone),
        Shape(FollowUp, zone),
    )
