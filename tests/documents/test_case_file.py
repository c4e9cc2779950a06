"""The case file: complete, masked by role, the same bytes for the same case, and whole for any length of text."""

import hashlib
import time
from datetime import date
from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.documents import case_file
from lib.documents.printing import print_case_file
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Evidence
from lib.domain.records.fields import columns
from lib.domain.rules.permissions import Actor
from lib.i18n import Language
from lib.services.aftercare import satisfaction
from lib.services.cases import handling, intake
from lib.store.commit.batch import edit, note
from tests.cases import assigned, closed, move, take_in
from tests.documents.reading import Read, read
from tests.support import Clock

SEVERITY = {
    "severity_scope": 2, "severity_safety": 3, "severity_loss": 3, "severity_legal": 2, "severity_reputation": 2,
}  # fmt: skip


def _printed(desk: Desk, actor: Actor, case_no: str, language: Language = "zh_CN") -> Read:
    return read(print_case_file(desk, actor=actor, case_no=case_no, language=language))


def test_every_group_of_fields_has_its_place() -> None:
    assert {column.group for column in columns(Case).values()} == set(case_file.GROUPS)


def test_judgement_with_its_reasons(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])
    values: dict[str, Any] = {**SEVERITY, "category": "quality.leak", "handover_on": date(2024, 5, 1)}
    move(desk, people["manager"], case, "accept", **values)
    told = _printed(desk, people["manager"], case.case_no, "en")
    assert "Severity 37.5 of 100 → P3 Normal" in told.text
    assert "15 / 30" in told.text
    assert "Within the warranty" in told.text


def test_clocks_and_pauses(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = assigned(desk, people)
    clock.forward(hours=1)
    move(desk, people["handler"], case, "investigate", contacted_at=desk.now())
    move(desk, people["handler"], case, "wait", wait_reason="等待开发商确认", promised_on=date(2026, 3, 9))
    clock.forward(days=2)
    move(desk, people["handler"], case, "resume")
    told = _printed(desk, people["manager"], case.case_no, "en")
    assert "in time" in told.text
    paused = next(line for line in told.text.splitlines() if "等待开发商确认" in line and "2 days" in line)
    assert "2 Mar 2026, 11:00" in paused
    assert "4 Mar 2026, 11:00" in paused
    assert "9 Mar 2026" in paused


def test_a_clock_that_was_late(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = assigned(desk, people)
    clock.forward(days=3)
    move(desk, people["handler"], case, "investigate", contacted_at=desk.now())
    told = _printed(desk, people["manager"], case.case_no, "en")
    line = next(line for line in told.text.splitlines() if line.startswith("First contact"))
    assert "late by" in line


def test_evidence_with_its_whole_checksum(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])
    content = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    files = [("报价单.pdf", content)]
    intake.add_to_case(desk, actor=people["manager"], case_no=case.case_no, text="报价", files=files)
    told = _printed(desk, people["manager"], case.case_no)
    kept = next(iter(desk.snapshot[Evidence].values()))
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert kept.sha256 in told.marks
    assert "报价单.pdf" in told.marks


def test_the_end_of_a_case(desk: Desk, people: dict[str, Actor]) -> None:
    case = closed(desk, people)
    satisfaction.send(desk, actor=people["manager"], case=case)
    move(desk, people["manager"], case, "archive", archive_reason="客户已搬走")
    told = _printed(desk, people["manager"], case.case_no, "en")
    for words in ("Material", "已更换水管接头", "Keep until", "After closing", "Not answered.", "Archived"):
        assert words in told.text
    assert "2031年3月2日" in _printed(desk, people["manager"], case.case_no).marks


def test_lines_that_the_client_saw_are_marked(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])
    for text, audience in (("明天上午上门", "client"), ("业主情绪激动", "internal")):
        handling.add_note(desk, actor=people["manager"], case=case, text=text, audience=audience)  # type: ignore[arg-type]
    told = _printed(desk, people["manager"], case.case_no, "en").text.splitlines()
    seen = next(place for place, line in enumerate(told) if "明天上午上门" in line)
    hidden = next(place for place, line in enumerate(told) if "业主情绪激动" in line)
    assert "client" in told[seen - 1]
    assert "internal" in told[hidden - 1]


def test_personal_data_is_masked_everywhere(desk: Desk, people: dict[str, Actor]) -> None:
    case = closed(desk, people, client_name="欧阳致远", client_phone="13912345678")
    values = {"client_phone": "13987654321"}
    handling.edit_facts(desk, actor=people["manager"], case=desk.snapshot[Case][case.case_no], values=values)
    told = _printed(desk, people["handler2"], case.case_no)
    for secret in ("13912345678", "13987654321", "欧阳致远"):
        assert secret not in told.marks
    assert "欧阳**" in told.marks
    full = _printed(desk, people["reviewer"], case.case_no)
    assert "13987654321" in full.marks
    assert "13912345678" in full.marks  # what it was before, in the timeline


def test_printing_is_in_history(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])
    first = _printed(desk, people["manager"], case.case_no, "en")
    line = desk.history(case_no=case.case_no)[-1]
    assert (line.action, line.text, line.actor) == ("export", "case_file", "manager")
    assert "Exported" not in first.text
    assert "Exported" in _printed(desk, people["manager"], case.case_no, "en").text


def test_pages_are_numbered_and_named(desk: Desk, people: dict[str, Actor]) -> None:
    case = closed(desk, people)
    told = _printed(desk, people["manager"], case.case_no, "en")
    assert len(told.pages) > 1
    for place, page in enumerate(told.pages, start=1):
        assert f"Page {place} of {len(told.pages)}" in page
        assert case.case_no in page
        assert "printed 2 Mar 2026, 10:00 by 王经理" in page


def test_two_hundred_lines_over_many_pages(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])
    desk.save(people["manager"], [note(case.case_no, f"第{n}次联系：业主仍未接听电话。") for n in range(200)])
    print_case_file(desk, actor=people["manager"], case_no=case.case_no, language="zh_CN")  # warms the fonts
    begin = time.perf_counter()
    content = print_case_file(desk, actor=people["manager"], case_no=case.case_no, language="zh_CN")
    took = time.perf_counter() - begin
    told = read(content)
    assert all(f"第{n}次联系" in told.marks for n in range(200))
    heads = [page for page in told.pages[-4:] if "内容" in page or "经过" in page or "What was done" in page]
    assert len(heads) == 4  # the head of the table is on each page
    assert took < 1


@pytest.mark.parametrize(
    "text",
    [
        "x" * 4000,
        "漏" * 20_000,
        "一行\n" * 400,
        "😀👨‍👩‍👧🫠" * 50,
        "\u200b\u202e\ufeff\ud7ff",
        "，" * 3000,
        "<b>&amp;</b> % \\ ()",
    ],
    ids=["word", "long", "lines", "emoji", "control", "stops", "marks"],
)
def test_any_text_fits(desk: Desk, people: dict[str, Actor], text: str) -> None:
    case = take_in(desk, people["intake"], description=f"始{text}终", client_name="䶮㛃")
    told = _printed(desk, people["manager"], case.case_no)
    assert "䶮㛃" in told.marks
    assert told.marks.count("漏") >= text.count("漏")
    if "\n" not in text:
        assert told.marks.count("x") >= text.count("x")
    assert "终" in told.marks


def test_columns_that_the_workspace_added(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])
    desk.save(people["manager"], [edit(case, {"+钥匙编号": "K-17", "+停车位": 3})])
    told = _printed(desk, people["manager"], case.case_no, "en")
    assert "Further facts" in told.text
    assert "钥匙编号K-17" in told.marks
    assert "停车位3" in told.marks
