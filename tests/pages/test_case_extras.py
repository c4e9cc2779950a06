"""The further columns of a case: shown where there are any, edited in place, conflicts asked about."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.custom_fields import FieldsConfig
from lib.domain.rules.permissions import Actor, system_actor
from lib.i18n import Language, in_language, t
from lib.store.commit.batch import edit
from lib.store.schema import declare
from tests.cases import assigned
from tests.pages.conftest import OpenPage

FIELDS = {
    "钥匙编号": {"en": "Key number"},
    "钥匙位置": {"en": "Key kept at", "kind": "choice", "choices": "branch", "required": True},
    "面积": {"en": "Area", "kind": "number"},
    "验房日期": {"en": "Looked over on", "kind": "date"},
    "有电梯": {"en": "Lift", "kind": "flag"},
}


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor]) -> Iterator[Case]:
    """A case with two custom fields filled in, and a number in a column that nobody declared."""
    declare(FieldsConfig.model_validate({"cases": FIELDS}).columns())
    seen = assigned(desk, people)
    values = {"+钥匙编号": "A3", "+钥匙位置": "head_office", "+楼层": 7}
    desk.save(people["manager"], [edit(seen, values)])
    yield desk.snapshot[Case][seen.case_no]
    declare({})


def text_of(at: AppTest) -> str:
    return "\n".join(element.value for element in at.markdown)


def key(case: Case, name: str) -> str:
    return f"facts.{case.case_no}.extra.+{name}"


@pytest.mark.parametrize(("language", "label"), [("zh_CN", "钥匙编号"), ("en", "Key number")])
def test_the_group_is_shown_in_both_languages(
    open_page: OpenPage, desk: Desk, case: Case, language: Language, label: str
) -> None:
    at = open_page("case", "handler", language=language, no=case.case_no)
    assert not at.exception
    told = text_of(at)
    with in_language(language):
        assert t("Further columns") in told
    assert f":gray[{label}]  A3" in told
    assert ":gray[楼层]  7" in told
    assert desk.lists.label("branch", "head_office", language) in told


def test_no_group_without_such_columns(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    plain = assigned(desk, people)
    at = open_page("case", "handler", language="en", no=plain.case_no)
    assert "Further columns" not in text_of(at)


def test_it_is_edited_in_place(open_page: OpenPage, desk: Desk, case: Case) -> None:
    at = open_page("case", "handler", language="en", no=case.case_no)
    at.button(key="edit.extra").click().run()
    at.text_input(key=key(case, "钥匙编号")).input("B1")
    at.number_input(key=key(case, "面积")).set_value(88.5)
    at.toggle(key=key(case, "有电梯")).set_value(True)
    at.text_input(key=key(case, "楼层")).input("8")
    at.button(key=f"facts.{case.case_no}.extra.save").click().run()
    assert not at.exception
    kept = desk.snapshot[Case][case.case_no].__pydantic_extra__
    assert kept == {"+钥匙编号": "B1", "+钥匙位置": "head_office", "+楼层": 8, "+面积": 88.5, "+有电梯": True}
    told = text_of(at)
    assert ":gray[Key number]  B1" in told
    assert "Key number: A3 → **B1**" in told  # in the timeline


def test_what_was_not_touched_is_not_written(open_page: OpenPage, desk: Desk, case: Case) -> None:
    before = desk.snapshot.seq
    at = open_page("case", "handler", language="en", no=case.case_no)
    at.button(key="edit.extra").click().run()
    at.button(key=f"facts.{case.case_no}.extra.save").click().run()
    assert desk.history(since_seq=before) == []
    assert desk.snapshot[Case][case.case_no] == case


def test_a_conflict_is_asked_about(open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case) -> None:
    at = open_page("case", "handler", language="en", no=case.case_no)
    at.button(key="edit.extra").click().run()
    desk.save(people["manager"], [edit(case, {"+钥匙编号": "C9"})])
    at.text_input(key=key(case, "钥匙编号")).input("B1")
    at.button(key=f"facts.{case.case_no}.extra.save").click().run()
    assert desk.snapshot[Case][case.case_no].__pydantic_extra__["+钥匙编号"] == "C9"
    at.run()
    assert [one.value for one in at.text_input if one.key == key(case, "钥匙编号")] == ["B1"]
    asked = at.radio(key=f"facts.{case.case_no}.extra.clash.+钥匙编号")
    assert asked.options == ["Mine: B1", "Theirs: C9"]
    at.button(key=f"facts.{case.case_no}.extra.save").click().run()
    assert desk.snapshot[Case][case.case_no].__pydantic_extra__["+钥匙编号"] == "B1"


def test_what_must_be_there_is_not_emptied(open_page: OpenPage, desk: Desk, case: Case) -> None:
    at = open_page("case", "handler", language="en", no=case.case_no)
    at.button(key="edit.extra").click().run()
    (choice,) = [one for one in at.get("selectbox") + at.get("button_group") if "Key kept at" in str(one.label)]
    assert choice.label.endswith(" *")
    choice.set_value(None).run()
    at.button(key=f"facts.{case.case_no}.extra.save").click().run()
    assert any("Key kept at" in one.value for one in at.error)
    assert desk.snapshot[Case][case.case_no] == case


def test_data_health_puts_a_wrong_cell_right(open_page: OpenPage, desk: Desk, case: Case) -> None:
    """What stood there before the column was declared."""
    declare({})
    desk.save(system_actor(), [edit(case, {"+面积": "约 90 平"})])
    declare(FieldsConfig.model_validate({"cases": FIELDS}).columns())
    at = open_page("health", "manager", language="en")
    told = text_of(at)
    assert "**Area** · “约 90 平” is not a number" in told
    assert "probably 90" in told
    next(button for button in at.button if button.label == "Apply").click().run()
    assert not at.exception
    assert desk.snapshot[Case][case.case_no].__pydantic_extra__["+面积"] == 90


def test_a_reader_may_not_edit(open_page: OpenPage, case: Case) -> None:
    at = open_page("case", "reviewer", language="en", no=case.case_no)
    assert "Further columns" in text_of(at)
    assert not [one for one in at.button if one.key == "edit.extra"]
