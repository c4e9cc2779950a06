from datetime import date

import pytest

from lib.domain.records.workspace import CalendarDay, ListItem
from lib.errors import AlreadyExists, Conflict, InvalidFields, NotAllowed, NotFound
from lib.services.workspace import lists


def codes(caught):
    return {(problem.field, problem.code) for problem in caught.value.problems}


def item(desk, list_name, code):
    return desk.snapshot[ListItem][f"{list_name}.{code}"]


def test_a_choice_is_added_at_the_end_and_offered_at_once(desk, actor):
    lists.add_item(desk, actor=actor("manager"), list_name="channel", code="douyin", zh=" 抖音 ")
    assert desk.lists.codes("channel")[-1] == "douyin"
    assert desk.lists.label("channel", "douyin", "en") == "抖音"


def test_a_second_level_carries_its_parent_in_the_code(desk, actor):
    lists.add_item(desk, actor=actor("manager"), list_name="category", code="noise", en="Noise", parent="quality")
    assert desk.lists.label("category", "quality.noise", "en") == "Building quality / Noise"


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"code": "Two Words", "zh": "x"}, ("code", "not_a_code")),
        ({"code": "", "zh": "x"}, ("code", "not_a_code")),
        ({"code": "a.b", "zh": "x"}, ("code", "not_a_code")),
        ({"code": "fine", "zh": " "}, ("zh", "missing")),
        ({"code": "fine", "zh": "x", "parent": "nowhere"}, ("parent", "unknown_choice")),
        ({"code": "fine", "zh": "x", "parent": "quality.leak"}, ("parent", "not_first_level")),
    ],
)
def test_what_cannot_be_a_choice_is_refused(desk, actor, values, problem):
    with pytest.raises(InvalidFields) as caught:
        lists.add_item(desk, actor=actor("manager"), list_name="category", **values)
    assert codes(caught) == {problem}


def test_a_code_is_there_once_also_when_two_add_it(desk, actor, open_another):
    stale = open_another()
    for one in (desk, desk, stale):
        if one is desk and not desk.lists.has("channel", "douyin"):
            lists.add_item(one, actor=actor("manager"), list_name="channel", code="douyin", zh="抖音")
            continue
        with pytest.raises(AlreadyExists):
            lists.add_item(one, actor=actor("manager"), list_name="channel", code="douyin", zh="抖音")


@pytest.mark.parametrize("name", ["stage", "role", "priority", "no_such_list"])
def test_built_in_and_unknown_lists_are_refused(desk, actor, name):
    assert name not in lists.editable_lists(desk)
    with pytest.raises(NotFound):
        lists.add_item(desk, actor=actor("manager"), list_name=name, code="x", zh="x")


def test_only_who_may_edit_lists_does(desk, actor):
    with pytest.raises(NotAllowed):
        lists.add_item(desk, actor=actor("head"), list_name="channel", code="x", zh="x")
    with pytest.raises(NotAllowed):
        lists.set_day(desk, actor=actor("head"), day=date(2026, 7, 20))
    assert "channel" in lists.editable_lists(desk)


def test_labels_change_and_codes_do_not(desk, actor):
    lists.edit_item(desk, actor=actor("manager"), item=item(desk, "channel", "email"), values={"zh": "电子邮件"})
    assert desk.lists.label("channel", "email", "zh") == "电子邮件"
    for field in ("code", "list_name", "parent", "item_id"):
        with pytest.raises(InvalidFields) as caught:
            lists.edit_item(desk, actor=actor("manager"), item=item(desk, "channel", "email"), values={field: "x"})
        assert codes(caught) == {(field, "locked")}
    with pytest.raises(InvalidFields):
        lists.edit_item(desk, actor=actor("manager"), item=item(desk, "channel", "email"), values={"zh": "", "en": " "})


def test_a_parent_taken_off_takes_its_children_along_and_keeps_their_labels(desk, actor):
    lists.deactivate_item(desk, actor=actor("manager"), item=item(desk, "category", "quality"))
    assert not [code for code in desk.lists.codes("category") if code.startswith("quality")]
    assert desk.lists.label("category", "quality.leak", "en") == "Building quality / Leak"


def test_a_list_is_reordered_as_a_whole(desk, actor, open_another):
    codes_before = desk.lists.codes("channel")
    stale = open_another()
    lists.reorder(desk, actor=actor("manager"), list_name="channel", codes=codes_before[::-1])
    assert desk.lists.codes("channel") == codes_before[::-1]
    with pytest.raises(InvalidFields):
        lists.reorder(desk, actor=actor("manager"), list_name="channel", codes=codes_before[1:])
    with pytest.raises(InvalidFields):
        lists.reorder(desk, actor=actor("manager"), list_name="channel", codes=[*codes_before[1:], codes_before[1]])
    shifted = (*codes_before[1:], codes_before[0])
    with pytest.raises(Conflict):
        lists.reorder(stale, actor=actor("manager"), list_name="channel", codes=shifted)


def test_a_day_is_closed_opened_and_given_back(desk, actor):
    day, manager = date(2026, 7, 20), actor("manager")
    assert desk.calendar.is_working_day(day)
    lists.set_day(desk, actor=manager, day=day, name="团建")
    assert not desk.calendar.is_working_day(day)
    lists.set_day(desk, actor=manager, day=day, spans="9:00 - 12:00， 13：30–24:00".replace("9:00 -", "09:00 -"))
    assert desk.snapshot[CalendarDay]["2026-07-20"].spans == "09:00-12:00 13:30-24:00"
    assert [str(span) for span in desk.calendar.spans(day)] == ["09:00-12:00", "13:30-24:00"]
    lists.clear_day(desk, actor=manager, day=day)
    assert desk.calendar.is_working_day(day)
    with pytest.raises(NotFound):
        lists.clear_day(desk, actor=manager, day=day)


@pytest.mark.parametrize("spans", ["morning", "12:00-09:00", "09:00-12:00 11:00-13:00", "09:00-25:00", "09:00"])
def test_spans_that_are_none_are_refused(desk, actor, spans):
    with pytest.raises(InvalidFields) as caught:
        lists.set_day(desk, actor=actor("manager"), day=date(2026, 7, 20), spans=spans)
    assert codes(caught) == {("spans", "not_spans")}
    assert not desk.snapshot[CalendarDay]


def test_a_mistyped_year_is_refused(desk, actor):
    with pytest.raises(InvalidFields) as caught:
        lists.set_day(desk, actor=actor("manager"), day=date(202, 7, 20))
    assert codes(caught) == {("day", "outside_calendar")}
