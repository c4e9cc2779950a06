"""The end of a case on its page: what the client says, review by another person, the checklist, the archive."""

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor, system_actor
from lib.store.commit.batch import edit
from lib.ui.session.state import CASE_GROUP, CASE_TAB
from tests.cases import answered, closed, complete, move
from tests.pages.cases_support import texts
from tests.support import Clock

OpenPage = Callable[..., AppTest]
People = dict[str, Actor]


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


@pytest.mark.parametrize(
    ("language", "words", "button"),
    [("en", "The client does not accept the answer", "Ask for review"), ("zh_CN", "补偿太低", "申请复核")],
)
def test_a_client_who_does_not_accept_is_offered_a_review(
    open_page: OpenPage, desk: Desk, people: People, language: str, words: str, button: str
) -> None:
    case = answered(desk, people)
    at = open_page("case", "handler", language=language, no=case.case_no, do="acceptance")
    key = f"move.{case.case_no}.acceptance"
    assert not [one for one in at.text_input if one.key == f"{key}.refusal_reason"]
    at.button_group(key=f"{key}.answer_accepted").set_value("no").run()
    at.button(key=f"{key}.save").click().run()
    assert desk.snapshot[Case][case.case_no].answer_accepted == ""  # why is missing
    at.text_input(key=f"{key}.refusal_reason").input("补偿太低")
    at.button(key=f"{key}.save").click().run()
    assert not at.exception
    told = desk.snapshot[Case][case.case_no]
    assert (told.answer_accepted, told.refusal_reason) == ("no", "补偿太低")
    assert any(words in f"{one.value}" or words in one.proto.title for one in at.info)
    assert labels(at).index(button) < labels(at).index("结案" if language == "zh_CN" else "Close")


def test_only_who_had_nothing_to_do_with_it_can_be_chosen(open_page: OpenPage, desk: Desk, people: People) -> None:
    case = answered(desk, people, kind="complaint", complained_about="administrator")
    at = open_page("case", "handler", language="en", no=case.case_no, do="request_review")
    key = f"move.{case.case_no}.request_review"
    assert sorted(at.selectbox(key=f"{key}.reviewer").options) == sorted(["郑复核", "王经理"])
    assert "Not eligible (handled this case or named in it)" in texts(at)
    at.selectbox(key=f"{key}.reviewer").set_value("reviewer")
    at.text_input(key=f"{key}.review_reason").input("不服")
    at.button(key=f"{key}.save").click().run()
    found = desk.snapshot[Case][case.case_no]
    assert (found.stage, found.reviewer) == ("in_review", "reviewer")


def test_who_is_complained_about_is_told_why_there_is_nothing_to_do(
    open_page: OpenPage, desk: Desk, people: People
) -> None:
    case = answered(desk, people, kind="complaint", complained_about="head")
    at = open_page("case", "head", language="en", no=case.case_no)
    assert any("This complaint is about you" in caption.value for caption in at.caption)
    assert not [one for one in at.button if one.key in ("do.close", "do.reopen", "do.acceptance")]
    other = open_page("case", "manager", language="en", no=case.case_no)
    assert [one for one in other.button if one.key == "do.close"]


def test_the_outcome_of_a_review_is_owed_and_told(
    open_page: OpenPage, desk: Desk, people: People, clock: Clock
) -> None:
    case = move(desk, people["handler"], answered(desk, people), "request_review", review_reason="不服")
    move(desk, people["reviewer"], case, "uphold", review_findings="属实", answer_text="维持")
    at = open_page("case", "handler", language="en", no=case.case_no)
    assert "Tell the client the outcome of the review (Decision confirmed) by" in texts(at)
    assert labels(at).index("Tell the outcome of the review") < labels(at).index("Close")
    clock.forward(days=3)
    at.run()
    assert "The client was to hear the outcome of the review" in texts(at)
    at.button(key="do.tell_review").click().run()
    at.button(key=f"move.{case.case_no}.tell_review.save").click().run()
    assert desk.snapshot[Case][case.case_no].review_told_at is not None
    assert "outcome of the review (Decision confirmed)" not in texts(at)


def test_closing_without_acceptance_asks_why(open_page: OpenPage, desk: Desk, people: People) -> None:
    case = answered(desk, people)
    at = open_page("case", "handler", language="en", no=case.case_no, do="close")
    key = f"move.{case.case_no}.close"
    at.selectbox(key=f"{key}.cause").set_value("material")
    at.button_group(key=f"{key}.answer_accepted").set_value("no").run()
    at.button(key=f"{key}.save").click().run()
    assert any("Reason for closing without acceptance" in error.value for error in at.error)
    at.text_input(key=f"{key}.close_reason").input("两次联系未回复")
    at.button(key=f"{key}.save").click().run()
    assert desk.snapshot[Case][case.case_no].close_reason == "两次联系未回复"


def leads_to(at: AppTest) -> list[str]:
    """What the page scrolls to in this run."""
    found = (re.search(r'data-key="([\w-]+)"', element.proto.body) for element in at.get("html"))
    return [place.group(1) for place in found if place]


def test_the_checklist_leads_to_what_is_missing(open_page: OpenPage, desk: Desk, people: People) -> None:
    case = closed(desk, people)
    desk.save(system_actor(), [edit(case, {"client_name": ""})])
    at = open_page("case", "manager", language="en", no=case.case_no)
    assert "File for the archive" in at.expander[0].label
    at.button(key="archive.client").click().run()
    assert at.session_state[CASE_GROUP] == (case.case_no, "client")
    assert [one for one in at.text_input if one.key == f"facts.{case.case_no}.client.client_name"]
    assert leads_to(at) == [f"facts-{case.case_no}-client-client_name"]
    at.button(key="archive.follow_up").click().run()
    assert at.session_state[CASE_TAB] == "Follow-up and survey"
    assert leads_to(at) == [CASE_TAB]
    assert leads_to(at.run()) == []
    assert not at.exception


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_an_incomplete_file_needs_a_reason(open_page: OpenPage, desk: Desk, people: People, language: str) -> None:
    case = closed(desk, people)
    key = f"move.{case.case_no}.archive"
    head = open_page("case", "head", language=language, no=case.case_no, do="archive")
    assert not [one for one in head.text_input if one.key == f"{key}.archive_reason"]
    at = open_page("case", "manager", language=language, no=case.case_no, do="archive")
    words = r"Still missing: Follow\-ups done · Survey sent" if language == "en" else "回访已完成 · 满意度问卷已发送"
    assert words in texts(at)
    at.button(key=f"{key}.save").click().run()
    assert at.error
    at.text_input(key=f"{key}.archive_reason").input("客户搬走了").run()
    at.button(key=f"{key}.save").click().run()
    assert desk.snapshot[Case][case.case_no].stage == "archived"


def test_an_archived_case_can_only_be_read(open_page: OpenPage, desk: Desk, people: People) -> None:
    case = move(desk, people["manager"], complete(desk, people), "archive")
    at = open_page("case", "administrator", language="en", no=case.case_no)
    assert "This file is in the archive" in texts(at)
    assert "It is kept until 2 Mar 2031." in texts(at)
    assert not {"Edit", "Reopen", "Add to the timeline"} & set(labels(at))
    assert not at.exception


def test_what_is_complete_is_archived_from_the_list(
    open_page: OpenPage, desk: Desk, people: People, clock: Clock
) -> None:
    case = complete(desk, people)
    assert "Archive what is complete" not in labels(open_page("cases", "handler", language="en", stage="closed"))
    at = open_page("cases", "manager", language="en", stage="closed")
    next(one for one in at.button if one.label == "Archive what is complete").click().run()
    assert "Nothing is ready" in texts(at)
    clock.forward(days=40)
    next(one for one in at.button if one.label == "Archive what is complete").click().run()
    assert case.case_no in texts(at)
    later = complete(desk, people, client_phone="13900000009")
    clock.forward(days=40)
    next(one for one in at.button if one.label == "Archive them").click().run()
    stages = [desk.snapshot[Case][one.case_no].stage for one in (case, later)]
    assert stages == ["archived", "closed"], "only what was shown"
    assert not at.exception


def test_only_the_cases_of_the_list_are_archived(open_page: OpenPage, desk: Desk, people: People, clock: Clock) -> None:
    here = complete(desk, people, community="翠湖湾")
    other = complete(desk, people, community="梧桐苑", client_phone="13900000009")
    clock.forward(days=40)
    at = open_page("cases", "manager", language="en", stage="closed", community="翠湖湾")
    next(one for one in at.button if one.label == "Archive what is complete").click().run()
    shown = " ".join(block.value for block in at.markdown)
    assert here.title in shown
    assert f"**{other.case_no}**" not in shown
    next(one for one in at.button if one.label == "Archive them").click().run()
    assert desk.snapshot[Case][here.case_no].stage == "archived"
    assert desk.snapshot[Case][other.case_no].stage == "closed"


def test_the_reviewer_reads_why_at_the_top(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    case = move(desk, people["handler"], answered(desk, people), "request_review", review_reason="费用算错了")
    at = open_page("case", "reviewer", language="en", no=case.case_no)
    assert "费用算错了" in "\n".join(info.value for info in at.info)
