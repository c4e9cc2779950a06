"""The cases page: filters in the address, counts, table, list, board, saved views, who sees what."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.services.data import saved_views
from lib.ui.session.state import CASES
from tests.pages.cases_support import accept, assign, links, take_in, texts
from tests.support import Clock

OpenPage = Callable[..., AppTest]


@pytest.fixture
def numbers(desk: Desk, people: dict[str, Actor]) -> list[str]:
    """Three cases: one new, one accepted, one assigned to the handler."""
    others: list[dict[str, str]] = [
        {"client_name": "王芳", "client_phone": "13912345678", "description": "中介费多收了", "kind": "complaint"},
        {"client_name": "李娜", "client_phone": "13700001111", "description": "过户材料没有交"},
    ]
    made = [take_in(desk, people["intake"])]
    made += [take_in(desk, people["intake"], community="锦绣江南", **values) for values in others]
    accept(desk, people["manager"], made[1], "fees")
    accept(desk, people["manager"], made[2], "transfer")
    assign(desk, people["manager"], made[2])
    return made


def shown(at: AppTest) -> list[str]:
    return list(at.dataframe[0].value["number"]) if at.dataframe else []


@pytest.mark.parametrize(("language", "title", "pill"), [("zh_CN", "案件", "待研判"), ("en", "Cases", "New")])
def test_both_languages(open_page: OpenPage, numbers: list[str], language: str, title: str, pill: str) -> None:
    at = open_page("cases", language=language)
    assert not at.exception
    assert at.header[0].value == title
    stage = next(group for group in at.pills if group.key == CASES + "stage")
    assert any(pill in option for option in stage.options)
    assert sorted(shown(at)) == sorted(numbers)


def test_the_earliest_deadline_comes_first(open_page: OpenPage, numbers: list[str], clock: Clock) -> None:
    clock.forward(hours=1)
    at = open_page("cases")
    assert shown(at)[0] == numbers[0]  # two hours to acknowledge; the others have four to call and days to resolve


def test_address_sets_the_filter_and_follows_it(open_page: OpenPage, numbers: list[str]) -> None:
    at = open_page("cases", stage="assigned")
    assert shown(at) == [numbers[2]]
    at.pills(key=CASES + "stage").set_value("all").run()
    assert at.query_params["stage"] == "all"
    at.selectbox(key=CASES + "community").set_value("锦绣江南").run()
    assert at.query_params["community"] == "锦绣江南"
    assert sorted(shown(at)) == sorted(numbers[1:])


def test_counts_stand_on_the_pills(open_page: OpenPage, numbers: list[str]) -> None:
    at = open_page("cases", language="en", community="锦绣江南")
    options = at.pills(key=CASES + "stage").options
    assert "Assigned **1**" in options
    assert "Accepted **1**" in options
    assert options[-1].endswith("**2**")


@pytest.mark.parametrize("typed", ["张伟", "zw", "8000", "楼下"])
def test_search(open_page: OpenPage, numbers: list[str], typed: str) -> None:
    at = open_page("cases", q=typed)
    assert numbers[0] in shown(at)
    assert numbers[1] not in shown(at)


def test_mine_and_late(open_page: OpenPage, numbers: list[str], clock: Clock) -> None:
    assert shown(open_page("cases", "handler", only="mine")) == [numbers[2]]
    assert shown(open_page("cases", only="late")) == []
    clock.forward(days=1)
    assert numbers[0] in shown(open_page("cases", only="late"))


def test_a_nonsensical_address_is_passed_over(open_page: OpenPage, numbers: list[str]) -> None:
    at = open_page("cases", stage="no-such", sort="x", page="-3", period="never", only="what", cols="evil")
    assert not at.exception
    assert sorted(shown(at)) == sorted(numbers)


@pytest.mark.parametrize("view", ["list", "board"])
def test_other_views_show_the_same_cases(open_page: OpenPage, numbers: list[str], view: str) -> None:
    at = open_page("cases", view=view)
    assert not at.exception
    assert sorted(links(at)) == sorted(numbers)
    assert "厨房漏水，楼下也被泡了" in texts(at)  # the whole title, which a link would cut on a telephone


def test_personal_data_is_masked_by_role(open_page: OpenPage, numbers: list[str]) -> None:
    at = open_page("cases", "handler", cols="client,phone,place")
    table = at.dataframe[0].value.set_index("number")
    assert table.loc[numbers[0], "client"] == "张*"
    assert "13800138000" not in table.to_string()
    assert "301" not in table.loc[numbers[0], "place"]
    assert table.loc[numbers[2], "client"] == "李娜"  # her own case


def test_fifty_a_page(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    for n in range(53):
        take_in(desk, people["intake"], description=f"漏水 {n}")
    assert len(shown(open_page("cases"))) == 50
    at = open_page("cases", page="2")
    assert len(shown(at)) == 3
    at.pills(key=CASES + "stage").set_value("all").run()  # another filter begins on its first page
    assert len(shown(at)) == 50


def test_views_are_kept_by_person(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    at = open_page("cases", "handler", language="en", stage="assigned")
    at.text_input(key="save_view.name").set_value("我的 view").run()
    next(button for button in at.button if button.label == "Save this view").click().run()
    assert saved_views.views_of(desk, actor=people["handler"]) == (
        saved_views.SavedView("我的 view", "stage=assigned"),
    )
    assert saved_views.views_of(desk, actor=people["manager"]) == ()
    next(button for button in at.button if button.key == "forget.我的 view").click().run()
    assert saved_views.views_of(desk, actor=people["handler"]) == ()


def test_empty_says_what_to_do(open_page: OpenPage, numbers: list[str]) -> None:
    at = open_page("cases", language="en", q="nothing like this")
    assert "No case fits" in texts(at)
    next(button for button in at.button if button.label == "Clear the filters").click().run()
    assert sorted(shown(at)) == sorted(numbers)


def test_only_who_may_export_sees_it(open_page: OpenPage, numbers: list[str]) -> None:
    def offers(who: str) -> bool:
        return any(button.key == "cases.export.csv" for button in open_page("cases", who).download_button)

    assert offers("manager")
    assert not offers("handler")
