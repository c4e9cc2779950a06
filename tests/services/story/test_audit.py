import pytest

from lib.domain.records.case import Case
from lib.domain.records.people import Client, Staff
from lib.domain.rules.permissions import actor_of
from lib.errors import InvalidFields, NotAllowed
from lib.services.cases import intake
from lib.services.story import audit

CASE = {
    "kind": "repair", "channel": "hotline", "description": "厨房漏水", "client_name": "欧阳小明",
    "client_phone": "13800138000", "community": "阳光花园", "room": "301",
}  # fmt: skip


@pytest.fixture
def case(desk, actor):
    receipt = intake.register(desk, actor=actor("intake"), values=CASE)
    return desk.snapshot[Case][receipt.first("cases")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳小明", "欧阳**"),
        ("欧阳", "欧*"),
        ("张", "张*"),
        (" Anna Bell ", "A***"),
        ("", ""),
    ],
)
def test_a_name_keeps_its_surname(name, shown):
    assert audit.mask_name(name) == shown


def test_a_case_is_masked_field_by_field(case):
    shown = {field: audit.masked(case, field) for field in ("client_name", "client_phone", "room", "community")}
    assert shown == {"client_name": "欧阳**", "client_phone": "138****8000", "room": "***", "community": "阳光花园"}
    assert audit.masked(case.model_copy(update={"room": ""}), "room") == ""


def test_a_client_is_masked_too():
    client = Client(client_id="c1", name="张三", phone="021-61234567", property="阳光花园 301")
    assert [audit.masked(client, field) for field in ("name", "phone", "property")] == ["张*", "021-****4567", "***"]


def test_who_sees_what(desk, actor, case):
    own = case.model_copy(update={"assignee": "handler"})
    assert not audit.visible(actor("handler"), case, "client_phone")
    assert audit.visible(actor("handler"), own, "client_phone")
    assert audit.visible(actor("handler"), case, "community")
    assert audit.visible(actor("manager"), case, "client_phone")


def test_revealing_is_in_the_timeline_before_the_value_is_out(desk, actor, case):
    assert audit.reveal_personal(desk, actor=actor("handler"), case=case, field="client_phone") == "13800138000"
    (line,) = desk.history(case_no=case.case_no, actions=["reveal"])
    assert (line.actor, line.text, line.record_id, line.audience) == (
        "handler",
        "client_phone",
        case.case_no,
        "internal",
    )
    assert "13800138000" not in line.text + line.changes


def test_who_may_not_reveal_leaves_no_line(desk, actor, case):
    elsewhere = Staff(staff_id="h2", email="h2@example.cn", role="handler", branch="other")
    stranger = actor_of(elsewhere, desk.config.roles)
    branch_case = case.model_copy(update={"branch": "head_office"})
    with pytest.raises(NotAllowed):
        audit.reveal_personal(desk, actor=stranger, case=branch_case, field="client_phone")
    with pytest.raises(InvalidFields):
        audit.reveal_personal(desk, actor=actor("manager"), case=case, field="description")
    assert not desk.history(actions=["reveal"])


def test_an_export_is_recorded(desk, actor):
    audit.record(desk, actor=actor("manager"), action="export", text="cases.xlsx")
    (line,) = desk.history(actions=["export"])
    assert (line.actor, line.text, line.changes) == ("manager", "cases.xlsx", "")
