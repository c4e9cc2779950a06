"""The staff and the branches of the demo brokerage. All of them are made up."""

from datetime import date, timedelta

from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem

BRANCHES = (
    ("binjiang", "滨江店", "Riverside branch"),
    ("chengbei", "城北店", "North city branch"),
    ("daxuecheng", "大学城店", "University town branch"),
)

# id, name, role, branch, department, capacity
_TEAM = (
    ("admin", "何佳宁", "administrator", "head_office", "service", 0),
    ("manager", "顾长青", "manager", "head_office", "service", 5),
    ("reviewer", "沈知微", "reviewer", "head_office", "legal", 10),
    ("head-service", "林晓岚", "head", "head_office", "service", 6),
    ("head-sales", "高志远", "head", "binjiang", "sales", 6),
    ("head-transfer", "郭敏", "head", "head_office", "transfer", 6),
    ("intake-binjiang", "许晴", "intake", "binjiang", "service", 0),
    ("intake-chengbei", "罗小满", "intake", "chengbei", "service", 0),
    ("intake-daxuecheng", "田雨", "intake", "daxuecheng", "service", 0),
    ("service-1", "周海峰", "handler", "binjiang", "service", 18),
    ("service-2", "马晓东", "handler", "chengbei", "service", 18),
    ("service-3", "宋雅琴", "handler", "daxuecheng", "service", 15),
    ("sales-1", "邓凯", "handler", "chengbei", "sales", 12),
    ("rental-1", "唐莉", "handler", "daxuecheng", "rental", 15),
    ("transfer-1", "冯建华", "handler", "binjiang", "transfer", 15),
    ("finance-1", "曾文静", "handler", "head_office", "finance", 10),
    ("legal-1", "陆思成", "handler", "head_office", "legal", 8),
)
ON_LEAVE = "service-3"


def branches() -> list[ListItem]:
    """The branches, after those that every workspace has."""
    return [
        ListItem(item_id=f"branch.{code}", list_name="branch", code=code, zh=zh, en=en, position=position)
        for position, (code, zh, en) in enumerate(BRANCHES, start=1)
    ]


def staff(today: date) -> list[Staff]:
    """The team as of `today`; one of them is on leave then. Addresses are in a domain that never exists (RFC 2606)."""
    return [
        Staff(
            staff_id=staff_id,
            email=f"{staff_id}@anju.example",
            name=name,
            role=role,
            branch=branch,
            department=department,
            phone=f"1980000{number:04d}",
            capacity=capacity,
            away_from=today - timedelta(days=2) if staff_id == ON_LEAVE else None,
            away_until=today + timedelta(days=4) if staff_id == ON_LEAVE else None,
        )
        for number, (staff_id, name, role, branch, department, capacity) in enumerate(_TEAM, start=1)
    ]
