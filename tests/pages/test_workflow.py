"""The page that draws the state machine."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.analytics.frames.stages import StageLoad
from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.domain.rules.workflow import Move, Stage, Workflow
from lib.ui.settings.workflow import diagram
from tests.pages.cases_support import take_in, texts

OpenPage = Callable[..., AppTest]


@pytest.mark.parametrize(
    ("language", "title", "stage", "step"),
    [("zh_CN", "流程图", "待研判", "受理 → 已受理"), ("en", "Workflow", "New", "Accept → Accepted")],
)
def test_both_languages(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], language: str, title: str, stage: str, step: str
) -> None:
    take_in(desk, people["intake"])
    at = open_page("workflow", language=language)
    assert not at.exception
    assert at.header[0].value in (title, "Workflow")
    assert stage in texts(at)
    assert step in texts(at)


def test_a_number_leads_to_the_cases(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    take_in(desk, people["intake"])
    at = open_page("workflow", language="en")
    links = [link.proto for link in at.get("page_link")]
    stages = [link for link in links if "stage=" in link.query_string]
    assert [(link.label, link.query_string) for link in stages] == [("**1 case**", "stage=new")]


def test_everybody_who_sees_cases_may_open_it(open_page: OpenPage) -> None:
    for who in ("intake", "handler", "reviewer", "administrator"):
        at = open_page("workflow", who, language="en")
        assert not at.error
        assert at.header[0].value == "Workflow"


def _drawn(desk: Desk) -> str:
    workflow = desk.config.workflow
    return diagram(workflow, {key: StageLoad(3, None) for key in workflow.stages}, "en")


def test_every_stage_and_every_step_is_drawn(desk: Desk) -> None:
    drawn = _drawn(desk).splitlines()
    for stage in desk.config.workflow.stage:
        assert f's_{stage.key}("{stage.en}<br/>3"):::{stage.phase}' in drawn
    for move in desk.config.workflow.move:
        for source in move.sources if move.to else ():
            assert drawn.count(f"s_{source} --> s_{move.to}") == 1


def test_a_step_back_leads_to_the_stage_before(open_page: OpenPage) -> None:
    at = open_page("workflow", language="en")
    assert "Undo the merging → the stage before" in texts(at)


def test_signs_in_a_name_are_no_commands() -> None:
    stages = (
        Stage(key="end", zh="“结束”", en='End"];click x', phase="closed"),
        Stage(key="b", zh="乙", en="B", phase="open"),
    )
    move = Move(key="m", zh="走", en="go | there", icon="x", permission="case.view", to="b", **{"from": ("end",)})
    drawn = diagram(Workflow(stage=stages, move=(move,)), {key: StageLoad(0, None) for key in ("end", "b")}, "en")
    assert 's_end("End#34;#93;#59;click x<br/>0"):::closed' in drawn
    assert "s_end --> s_b" in drawn
