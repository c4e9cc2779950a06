"""Cases brought to a stage through the services, and the texts of a page."""

from datetime import date
from typing import Any

from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.services.cases import handling, intake
from lib.services.work import assignment

JUDGED = {
    "severity_scope": 2, "severity_safety": 3, "severity_loss": 2, "severity_legal": 1, "severity_reputation": 1,
}  # fmt: skip


def take_in(desk: Desk, actor: Actor, **values: Any) -> str:
    """A new case; returns its number."""
    given = {
        "client_name": "张伟",
        "client_phone": "13800138000",
        "description": "厨房漏水，楼下也被泡了",
        "kind": "repair",
        "channel": "hotline",
        "community": "阳光花园",
        "building": "3幢",
        "room": "301",
    }
    return intake.register(desk, actor=actor, values={**given, **values}).first("cases")


def accept(desk: Desk, actor: Actor, number: str, category: str = "quality.leak") -> None:
    values = {**JUDGED, "category": category, "handover_on": date(2024, 5, 1)}
    handling.make_move(desk, actor=actor, case=desk.snapshot[Case][number], move="accept", values=values)


def assign(desk: Desk, actor: Actor, number: str, to: str = "handler") -> None:
    assignment.assign(desk, actor=actor, cases=[desk.snapshot[Case][number]], assignee=to)


def links(at: AppTest) -> list[str]:
    """The numbers of the cases that the page links to."""
    labels = (str(element.proto.label).strip("*") for element in at.main.get("page_link"))
    return [label for label in labels if label.startswith("TS-")]


def texts(at: AppTest) -> str:
    """Everything that the page says outside its widgets."""
    kinds = (at.markdown, at.caption, at.header, at.subheader, at.warning, at.error, at.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind)
