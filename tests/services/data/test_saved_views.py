"""Saved views: each person her own, replaced by name, forgotten on request."""

import pytest

from lib.desk.desk import Desk
from lib.domain.rules.permissions import CLIENT, Actor
from lib.errors import InvalidFields, NotAllowed, NotFound
from lib.services.data.saved_views import NAME_LIMIT, SavedView, forget_view, save_view, views_of


def test_each_person_has_her_own(desk: Desk, people: dict[str, Actor]) -> None:
    save_view(desk, actor=people["handler"], name=" 我的  逾期 ", query="only=mine,late")
    save_view(desk, actor=people["manager"], name="a:b", query="stage=all")
    assert views_of(desk, actor=people["handler"]) == (SavedView("我的 逾期", "only=mine,late"),)
    assert views_of(desk, actor=people["manager"]) == (SavedView("a:b", "stage=all"),)
    assert views_of(desk, actor=people["handler2"]) == ()  # "handler" is the beginning of her id


def test_the_same_name_replaces(desk: Desk, people: dict[str, Actor]) -> None:
    for query in ("stage=new", "stage=all"):
        save_view(desk, actor=people["head"], name="x", query=query)
    assert views_of(desk, actor=people["head"]) == (SavedView("x", "stage=all"),)


def test_forgetting(desk: Desk, people: dict[str, Actor]) -> None:
    save_view(desk, actor=people["head"], name="x", query="")
    forget_view(desk, actor=people["head"], name="x")
    assert views_of(desk, actor=people["head"]) == ()
    with pytest.raises(NotFound):
        forget_view(desk, actor=people["head"], name="x")


@pytest.mark.parametrize("name", ["", "  ", "长" * (NAME_LIMIT + 1)])
def test_a_view_has_a_short_name(desk: Desk, people: dict[str, Actor], name: str) -> None:
    with pytest.raises(InvalidFields):
        save_view(desk, actor=people["head"], name=name, query="")


def test_clients_keep_none(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        save_view(desk, actor=CLIENT, name="x", query="")
