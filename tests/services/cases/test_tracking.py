from datetime import timedelta

import pytest

from lib.domain.records.case import Case
from lib.services.cases import handling, intake, tracking

CASE = {
    "kind": "repair", "channel": "hotline", "description": "厨房漏水", "client_name": "张三",
    "client_phone": "13800138000",
}  # fmt: skip


@pytest.fixture
def case(desk, actor):
    number = intake.register(desk, actor=actor("intake"), values=CASE).first("cases")
    return desk.snapshot[Case][number]


def test_the_client_sees_stage_deadline_and_what_is_meant_for_her(desk, actor, case):
    handling.add_note(desk, actor=actor("intake"), case=case, text="客户情绪激动")
    handling.add_note(desk, actor=actor("intake"), case=case, text="师傅明天上门", audience="client")
    seen = tracking.track(desk, case_no=case.case_no, last4="8000")
    assert (seen.case_no, seen.stage, seen.next_due) == (
        case.case_no,
        "new",
        desk.now() + timedelta(hours=5, minutes=30),
    )
    assert [(update.action, update.text) for update in seen.updates] == [
        ("intake", "厨房漏水"),
        ("note", "师傅明天上门"),
    ]
    assert seen.updates[0].at == desk.now()
    for secret in ("客户情绪激动", "13800138000", "张三", "intake@example.cn"):
        assert secret not in repr(seen)


def test_a_paused_case_shows_what_is_missing_and_the_day_promised(desk, actor, case, clock):
    promised = (clock.now + timedelta(days=3)).date()
    handling.make_move(
        desk, actor=actor("manager"), case=case, move="ask_more",
        values={"wait_reason": "缺少照片", "promised_on": promised},
    )  # fmt: skip
    seen = tracking.track(desk, case_no=case.case_no, last4="8000")
    assert (seen.stage, seen.next_due, seen.promised_on) == ("need_info", None, promised)
    assert "缺少照片" in [update.text for update in seen.updates]


@pytest.mark.parametrize(
    "typed",
    [" ts-2026-000001 ", "ＴＳ－２０２６－０００００１", "TS–2026–000001", "TS - 2026 - 000001", "Ts-2026-000001"],
)
def test_the_number_is_found_as_people_type_it(desk, case, typed):
    assert tracking.track(desk, case_no=typed, last4=" ８０００").case_no == case.case_no


@pytest.mark.trial(32)
@pytest.mark.parametrize(
    "typed", ["TS2026000001", "编号：TS-2026-000001", "您的服务单号是 TS-2026-000001。", "No. ts 2026 000001"]
)
@pytest.mark.parametrize("digits", ["8000", "13800138000", "+86 138-0013-8000", "０１３８００１３８０００"])
def test_number_and_telephone_as_they_stand_in_a_message(desk, case, typed, digits):
    assert tracking.track(desk, case_no=typed, last4=digits).case_no == case.case_no


@pytest.mark.trial(32)
@pytest.mark.parametrize("digits", ["13800138001", "3800138000", "00138000", "138000", "80", ""])
def test_another_number_is_not_hers(desk, case, digits):
    assert tracking.track(desk, case_no=case.case_no, last4=digits) is None


@pytest.mark.trial(32)
@pytest.mark.parametrize("glued", ["。", ")", "）。", ".", "，谢谢", " "])
def test_a_link_with_something_glued_to_it(desk, case, glued):
    token = tracking.tracking_token(desk, case.case_no)
    assert tracking.track_by_token(desk, token + glued).case_no == case.case_no
    assert tracking.track_by_token(desk, token[:-2] + glued) is None


@pytest.mark.parametrize(
    ("number", "last4"),
    [
        ("TS-2026-000001", "8001"),
        ("TS-2026-000001", ""),
        ("TS-2026-000001", "000"),
        ("TS-2026-000002", "8000"),
        ("TS-2026-000002", "0000"),
        ("", "8000"),
        ("\x00" * 5000, "8000"),
    ],
)
def test_a_wrong_pair_reveals_nothing(desk, case, number, last4):
    assert tracking.track(desk, case_no=number, last4=last4) is None


def test_wrong_number_and_wrong_digits_cost_the_same_work(desk, case, monkeypatch):
    compared, read = [], []
    real = tracking.hmac.compare_digest
    monkeypatch.setattr(tracking.hmac, "compare_digest", lambda a, b: compared.append((len(a), len(b))) or real(a, b))
    monkeypatch.setattr(type(desk), "history", lambda *_, **__: read.append(1) or [])
    tracking.track(desk, case_no=case.case_no, last4="1234")
    tracking.track(desk, case_no="TS-2026-999999", last4="1234")
    assert compared == [(32, 32), (32, 32)]
    assert read == []


def test_without_a_phone_only_the_link_leads_to_the_case(desk, actor):
    number = intake.register(desk, actor=actor("intake"), values={**CASE, "client_phone": ""}).first("cases")
    for guess in ("", "0000", tracking._NOBODY[-4:]):
        assert tracking.track(desk, case_no=number, last4=guess) is None
    token = tracking.tracking_token(desk, number)
    assert token in tracking.tracking_path(token)
    assert tracking.track_by_token(desk, token).case_no == number


def test_a_link_that_is_no_good_shows_nothing(desk, case, clock):
    token = tracking.tracking_token(desk, case.case_no)
    assert tracking.track_by_token(desk, token[:-2]) is None
    assert tracking.track_by_token(desk, tracking.tracking_token(desk, "TS-2026-000002")) is None
    clock.forward(days=366 * desk.settings.retention_years, seconds=1)
    assert tracking.track_by_token(desk, token) is None
