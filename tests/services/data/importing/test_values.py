"""The values of choices and people: what is known, what the person decides, and that it is kept with the mapping."""

import pytest

from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields
from lib.services.data.importing import plan_import, save_mapping, saved_mapping
from lib.services.data.importing.check import check_rows
from lib.services.data.importing.mapping import ColumnRule, mapping_of
from lib.services.data.importing.values import Meaning, counted, meanings, value_meanings, with_values
from tests.services.data.importing.files import dry_run

TEXT = (
    "编号,问题描述,受理时间,状态,紧急程度,处理人\n"
    "1,厨房漏水,2026-01-05,已结,很急,李经办\n2,墙面开裂,2026-01-05,完结,1级,李师傅\n3,电梯停运,2026-01-05,办妥,很急,\n"
)


@pytest.fixture
def manager(people: dict[str, Actor]) -> Actor:
    return people["manager"]


@pytest.mark.trial(8)
@pytest.mark.parametrize("text", ["已结", "完结", "已完结", "办毕", "处理完毕"])
def test_usual_words_for_an_end_are_known(desk: Desk, text: str) -> None:
    [meaning] = meanings(desk, ColumnRule(field="stage"), {text: 3})
    assert meaning == Meaning(text, 3, "closed", "known")


@pytest.mark.trial(8)
def test_the_unknown_values_come_first_and_are_counted(desk: Desk, manager: Actor) -> None:
    plan = plan_import(desk, actor=manager, content=TEXT.encode(), filename="a.csv")
    rule = plan.mapping.columns["紧急程度"]
    assert meanings(desk, rule, counted(plan, "紧急程度", "priority")) == (
        Meaning("很急", 2, "", "unknown"),
        Meaning("1级", 1, "", "unknown"),
    )
    by_header = {header: [one.text for one in found] for header, _, found in value_meanings(desk, plan)}
    assert by_header["状态"] == ["办妥", "已结", "完结"]
    assert by_header["处理人"] == ["李师傅", "李经办"]


@pytest.mark.trial(8)
def test_what_the_person_decides_is_what_the_cells_become(desk: Desk, manager: Actor) -> None:
    plan = plan_import(desk, actor=manager, content=TEXT.encode(), filename="a.csv")
    chosen = {
        "状态": {"办妥": "已结案"},
        "紧急程度": {"很急": "P1", "1级": "Major"},
        "处理人": {"李师傅": "handler"},
    }
    mapping = with_values(desk, plan.mapping, chosen)
    found = dry_run(desk, manager, TEXT, mapping.model_dump())
    assert found.refusals == ()
    assert [item.case.stage for item in found.ready] == ["closed", "closed", "closed"]
    assert [item.case.priority for item in found.ready] == ["P1", "P2", "P1"]
    assert [item.case.assignee for item in found.ready] == ["handler", "handler", ""]
    save_mapping(desk, actor=manager, name="旧系统", mapping=mapping)
    assert saved_mapping(desk, "旧系统") == mapping
    [meaning, *_] = meanings(desk, mapping.columns["状态"], {"办妥": 1})
    assert meaning == Meaning("办妥", 1, "closed", "chosen")


@pytest.mark.trial(8)
@pytest.mark.parametrize(("header", "text", "to", "code"), [
    ("紧急程度", "很急", "P9", "unknown_choice"), ("处理人", "李师傅", "nobody", "unknown_person"),
])  # fmt: skip
def test_a_value_that_means_nothing_here_is_refused(
    desk: Desk, manager: Actor, header: str, text: str, to: str, code: str
) -> None:
    plan = plan_import(desk, actor=manager, content=TEXT.encode(), filename="a.csv")
    mapping = with_values(desk, plan.mapping, {header: {text: to}})
    with pytest.raises(InvalidFields) as refused:
        check_rows(desk, plan_import(desk, actor=manager, content=TEXT.encode(), filename="a.csv", mapping=mapping))
    assert [(one.field, one.code) for one in refused.value.problems] == [(f"columns.{header}.values", code)]


@pytest.mark.trial(8)
def test_values_of_a_column_that_is_not_mapped_are_refused(desk: Desk) -> None:
    mapping = mapping_of({"columns": {"内容": "description"}})
    with pytest.raises(InvalidFields):
        with_values(desk, mapping, {"状态": {"办妥": "closed"}})
