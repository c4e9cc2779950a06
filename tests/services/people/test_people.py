from datetime import date

import pytest

from lib.domain.records.people import Staff
from lib.errors import Conflict, InvalidFields, NotAllowed
from lib.services.people import people

PERSON = {"name": "王芳", "email": " Wang.Fang@Example.cn", "role": "handler", "phone": "138 0013 8000"}


def codes(caught):
    return {(problem.field, problem.code) for problem in caught.value.problems}


def test_a_person_is_added_with_a_canonical_address_and_phone(desk, actor):
    receipt = people.add_staff(desk, actor=actor("administrator"), values=PERSON)
    added = desk.snapshot[Staff][receipt.first("staff")]
    assert (added.name, added.email, added.phone, added.active) == ("王芳", "wang.fang@example.cn", "13800138000", True)


@pytest.mark.parametrize("role", ["intake", "handler", "head", "reviewer", "manager"])
def test_only_administrators_edit_people(desk, actor, role):
    with pytest.raises(NotAllowed):
        people.add_staff(desk, actor=actor(role), values=PERSON)
    with pytest.raises(NotAllowed):
        people.edit_staff(desk, actor=actor(role), staff=desk.snapshot[Staff][role], values={"role": "administrator"})


def test_every_wrong_field_is_told_at_once(desk, actor):
    values = {
        "name": " ",
        "email": "HANDLER@example.cn",
        "phone": "12",
        "away_until": date(2026, 7, 1),
        "staff_id": "x",
    }
    with pytest.raises(InvalidFields) as caught:
        people.add_staff(desk, actor=actor("administrator"), values=values)
    assert codes(caught) >= {
        ("name", "missing"),
        ("role", "missing"),
        ("email", "taken"),
        ("staff_id", "not_in_form"),
        ("away_from", "missing"),
    }
    assert any(field == "phone" for field, _ in codes(caught))


@pytest.mark.parametrize("email", ["nobody", "a@b", "a b@example.cn", "a@example.cn, b@example.cn", "a@@example.cn"])
def test_what_is_no_address_is_refused(desk, actor, email):
    with pytest.raises(InvalidFields) as caught:
        people.add_staff(desk, actor=actor("administrator"), values={**PERSON, "email": email})
    assert codes(caught) == {("email", "not_an_email")}


def test_an_unknown_role_is_refused(desk, actor):
    with pytest.raises(InvalidFields) as caught:
        people.add_staff(desk, actor=actor("administrator"), values={**PERSON, "role": "wizard"})
    assert codes(caught) == {("role", "unknown_choice")}


def test_the_same_address_added_in_two_processes_is_refused_once(desk, actor, open_another):
    stale = open_another()
    people.add_staff(desk, actor=actor("administrator"), values=PERSON)
    with pytest.raises(InvalidFields) as caught:
        people.add_staff(stale, actor=actor("administrator"), values=PERSON)
    assert codes(caught) == {("email", "taken")}


@pytest.mark.parametrize(("values", "field"), [({"active": False}, "active"), ({"role": "manager"}, "role")])
def test_the_last_administrator_stays(desk, actor, values, field):
    last = desk.snapshot[Staff]["administrator"]
    with pytest.raises(InvalidFields) as caught:
        people.edit_staff(desk, actor=actor("administrator"), staff=last, values=values)
    assert codes(caught) == {(field, "last_administrator")}
    people.edit_staff(desk, actor=actor("administrator"), staff=last, values={"name": "老板"})
    assert desk.snapshot[Staff]["administrator"].name == "老板"


def test_two_administrators_cannot_remove_each_other_at_once(desk, actor, open_another):
    admin = actor("administrator")
    receipt = people.add_staff(desk, actor=admin, values={**PERSON, "role": "administrator"})
    second = receipt.first("staff")
    stale = open_another()
    people.deactivate(desk, actor=admin, staff=desk.snapshot[Staff][second])
    with pytest.raises(Conflict):
        people.deactivate(stale, actor=admin, staff=stale.snapshot[Staff]["administrator"])
    assert [staff.staff_id for staff in people.administrators(desk)] == ["administrator"]


def test_leave_is_set_and_taken_back(desk, actor):
    admin = actor("administrator")
    person = lambda: desk.snapshot[Staff]["handler"]  # noqa: E731
    people.set_leave(desk, actor=admin, staff=person(), away_from=date(2026, 7, 20), away_until=date(2026, 7, 24))
    assert person().is_away(date(2026, 7, 24))
    with pytest.raises(InvalidFields) as caught:
        people.edit_staff(desk, actor=admin, staff=person(), values={"away_until": date(2026, 7, 19)})
    assert codes(caught) == {("away_until", "before_start")}
    people.set_leave(desk, actor=admin, staff=person(), away_from=None)
    assert not person().is_away(date(2026, 7, 21))
