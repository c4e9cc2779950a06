"""What many tests share: a clock that is set by hand, and a workspace with a person of every role."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from lib.app.bootstrap import open_desk
from lib.desk.desk import Desk
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, actor_of, system_actor
from lib.services.workspace import workspace
from lib.store.commit.batch import create

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=ZONE)
"""A working day at ten in the morning."""

PEOPLE = (
    Staff(staff_id="intake", email="intake@example.cn", name="周接待", role="intake", department="service"),
    Staff(staff_id="handler", email="handler@example.cn", name="李经办", role="handler", department="service"),
    Staff(staff_id="handler2", email="handler2@example.cn", name="吴经办", role="handler", department="sales"),
    Staff(staff_id="head", email="head@example.cn", name="陈主管", role="head", department="service"),
    Staff(staff_id="reviewer", email="reviewer@example.cn", name="郑复核", role="reviewer", department="legal"),
    Staff(staff_id="manager", email="manager@example.cn", name="王经理", role="manager"),
    Staff(staff_id="administrator", email="administrator@example.cn", name="孙管理员", role="administrator"),
)


class Clock:
    """The present, as the test says."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> datetime:
        """Let time pass: `clock.forward(hours=2)`."""
        self.now += timedelta(**delta)
        return self.now


def open_workspace(folder: Path, clock: Clock, *, store: str = "") -> Desk:
    """A workspace in a folder (made where it is missing) with its lists and one person of every role."""
    desk = open_desk(
        create=True,
        store=store or f"sqlite:///{folder}/casesheet.db",
        files_dir=folder / "files",
        secret_file=folder / "secret.key",
        clock=clock,
    )
    workspace.initialise(desk)
    missing = [person for person in PEOPLE if person.staff_id not in desk.snapshot[Staff]]
    if missing:
        desk.save(system_actor(), [create(person.model_copy(update={"branch": "head_office"})) for person in missing])
    return desk


def actors_of(desk: Desk) -> dict[str, Actor]:
    """Everybody on the staff who may act, by staff id."""
    return {key: actor_of(person, desk.config.roles) for key, person in desk.snapshot[Staff].items()}
