"""The assignment rules: which rule, whom, why, and fair over many cases."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.assignment import (
    AssignmentConfig,
    AssignmentRule,
    Candidate,
    Method,
    Proposal,
    propose,
    propose_all,
)
from tests.support import MONDAY

TODAY = MONDAY.date()


def person(staff_id: str, *, open: int = 0, given: tuple[int, ...] = (), usual: bool = True, **facts: Any) -> Candidate:
    """`given`: how many hours ago she was given each of her cases, the latest first."""
    staff = Staff(staff_id=staff_id, name=staff_id, **{"role": "handler", "department": "service", **facts})
    return Candidate(staff, open, tuple(MONDAY - timedelta(hours=hours) for hours in given), usual)


def case(number: int = 1, **values: Any) -> Case:
    return Case(case_no=f"TS-{number}", taken_at=MONDAY, **values)


def rule(key: str = "all", method: Method = "round_robin", **conditions: Any) -> AssignmentRule:
    return AssignmentRule(key=key, zh=key, en=key, method=method, **conditions)


def rules(*given: AssignmentRule) -> AssignmentConfig:
    return AssignmentConfig(rule=given)


def skips(proposal: Proposal) -> dict[str, str]:
    return {skip.candidate.staff.staff_id: skip.why for step in proposal.steps for skip in step.skipped}


@pytest.mark.parametrize(
    ("conditions", "values", "unmet"),
    [
        ({}, {}, ()),
        ({"category": ["quality"]}, {"category": "quality.leak"}, ()),
        ({"category": ["quality.leak"]}, {"category": "quality"}, ("category",)),
        ({"category": ["quality"]}, {"category": "qualitative"}, ("category",)),
        ({"category": ["fees"]}, {}, ("category",)),
        ({"community": ["翠湖"]}, {"community": "翠湖湾一期"}, ()),
        ({"channel": ["hotline", "wechat"]}, {"channel": "wechat"}, ()),
        ({"kind": ["repair"], "priority": ["P1"]}, {"kind": "complaint", "priority": "P2"}, ("kind", "priority")),
        ({"branch": ["east"]}, {"branch": "east", "kind": "repair"}, ()),
    ],
)
def test_every_condition_of_a_rule_must_hold(
    conditions: dict[str, Any], values: dict[str, Any], unmet: tuple[str, ...]
) -> None:
    assert rule(**conditions).unmet(case(**values)) == unmet


def test_the_first_rule_that_holds_decides_and_those_before_say_why_not() -> None:
    config = rules(
        rule("legal", category=["legal"], department="legal"),
        rule("leak", category=["quality"], department="sales"),
        rule("rest"),
    )
    people = [person("a"), person("b", department="sales"), person("c", department="legal")]
    proposal = propose(case(category="quality.leak"), people, config, day=TODAY)
    assert (proposal.assignee, proposal.department, proposal.why) == ("b", "sales", "round_robin")
    assert [(step.rule.key, step.unmet) for step in proposal.steps] == [("legal", ("category",)), ("leak", ())]


def test_a_pool_where_nobody_is_left_passes_the_case_on() -> None:
    config = rules(rule("legal", department="legal"), rule("rest"))
    gone = person("c", department="legal", away_from=TODAY, away_until=TODAY + timedelta(days=3))
    proposal = propose(case(), [person("a"), gone], config, day=TODAY)
    assert proposal.assignee == "a"
    assert [skip.until for skip in proposal.steps[0].skipped] == [date(2026, 3, 5)]


def test_who_is_passed_over_and_why() -> None:
    people = [
        person("away", away_from=TODAY),
        person("full", open=12, capacity=12),
        person("none", capacity=0),
        person("blamed"),
        person("has"),
        person("judge"),
        person("free"),
    ]
    one = case(complained_about="blamed", assignee="has", reviewer="judge")
    proposal = propose(one, people, rules(rule()), day=TODAY)
    assert proposal.assignee == "free"
    assert skips(proposal) == {
        "away": "away",
        "full": "full",
        "none": "no_cases",
        "blamed": "complained_about",
        "has": "has_it",
        "judge": "reviewed",
    }


def test_when_all_are_full_the_least_loaded_gets_it() -> None:
    people = [person("a", open=20, capacity=10), person("b", open=15, capacity=10), person("c", capacity=0)]
    proposal = propose(case(), people, rules(rule()), day=TODAY)
    assert (proposal.assignee, proposal.why) == ("b", "all_full")


def test_nobody() -> None:
    proposal = propose(case(complained_about="a"), [person("a")], rules(rule()), day=TODAY)
    assert (proposal.assignee, proposal.why, proposal.rule) == ("", "nobody", None)


def test_least_open_counts_against_capacity() -> None:
    people = [person("a", open=5, capacity=10), person("b", open=6, capacity=20), person("c", open=1, capacity=3)]
    assert propose(case(), people, rules(rule(method="least_open")), day=TODAY).assignee == "b"


def test_in_turn_means_whose_last_case_is_the_oldest() -> None:
    people = [person("a", given=(1, 9)), person("b", given=(5,)), person("c", given=(2, 3))]
    assert propose(case(), people, rules(rule()), day=TODAY).assignee == "b"
    assert propose(case(), [*people, person("new")], rules(rule()), day=TODAY).assignee == "new"


def test_a_manager_is_given_cases_by_name_only() -> None:
    people = [person("boss", usual=False, role="manager"), person("a", given=(1,))]
    assert propose(case(), people, rules(rule()), day=TODAY).assignee == "a"
    assert propose(case(), people, rules(rule(people=["boss"])), day=TODAY).assignee == "boss"
    assert propose(case(), people, rules(rule(role="manager")), day=TODAY).assignee == "boss"


def test_cases_given_out_together_take_each_other_into_account() -> None:
    people = [person("a", open=1, capacity=2), person("b", open=0, capacity=2)]
    found = propose_all([case(n) for n in range(5)], people, rules(rule(method="least_open")), now=MONDAY)
    assert [(one.assignee, one.why) for one in found] == [
        ("b", "least_open"),
        ("a", "least_open"),
        ("b", "least_open"),
        ("a", "all_full"),
        ("b", "all_full"),
    ]


def test_what_a_person_decided_counts_for_the_cases_after() -> None:
    people = [person("a"), person("b")]
    found = propose_all([case(1), case(2)], people, rules(rule()), now=MONDAY, decided={"TS-1": "b"})
    assert [one.assignee for one in found] == ["a", "a"]


def _give(people: dict[str, Candidate], cases: list[Case], config: AssignmentConfig, minute: int) -> list[str]:
    """Give out cases in one moment, as the table would show it afterwards."""
    now = MONDAY + timedelta(minutes=minute)
    takers = [one.assignee for one in propose_all(cases, people.values(), config, now=now)]
    for taker in takers:
        one = people[taker]
        people[taker] = replace(one, given=tuple(sorted((now, *one.given), reverse=True)))
    return takers


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), st.integers(1, 6))
def test_in_turn_never_differs_by_more_than_one(batches: list[int], staff: int) -> None:
    people = {f"p{n}": person(f"p{n}", capacity=1000) for n in range(staff)}
    counts: Counter[str] = Counter(dict.fromkeys(people, 0))
    for minute, size in enumerate(batches):
        counts.update(_give(people, [case(n) for n in range(size)], rules(rule()), minute))
        assert max(counts.values()) - min(counts.values()) <= 1


def test_ten_thousand_cases_are_shared_fairly() -> None:
    """Seven people, cases in batches of any size, two of the people away now and then."""
    rng = random.Random(4)
    people = {f"p{n}": person(f"p{n}", capacity=100_000) for n in range(7)}
    counts: Counter[str] = Counter()
    given, minute = 0, 0
    while given < 10_000:
        size = min(rng.choice((1, 1, 1, 2, 5, 30)), 10_000 - given)
        counts.update(_give(people, [case(n) for n in range(size)], rules(rule()), minute))
        given, minute = given + size, minute + 1
    assert sum(counts.values()) == 10_000
    assert max(counts.values()) - min(counts.values()) <= 1


def test_ten_thousand_cases_by_least_open_follow_capacity() -> None:
    sizes = {"a": 5, "b": 10, "c": 20}
    people = {key: person(key, capacity=size) for key, size in sizes.items()}
    counts: Counter[str] = Counter()
    config = rules(rule(method="least_open"))
    for number in range(10_000):
        taker = propose(case(number), people.values(), config, day=TODAY).assignee
        counts[taker] += 1
        people[taker] = replace(people[taker], open=people[taker].open + 1)
    shares = [counts[key] / size for key, size in sizes.items()]
    assert max(shares) - min(shares) <= 1 / 5


def test_back_from_leave_takes_her_turn_and_is_not_flooded() -> None:
    people = {f"p{n}": person(f"p{n}", capacity=1000) for n in range(3)}
    away = replace(people["p2"], staff=people["p2"].staff.model_copy(update={"away_from": TODAY}))
    for minute in range(30):
        _give({**people, "p2": away}, [case()], rules(rule()), minute)
        taker = propose(case(), [people["p0"], people["p1"], away], rules(rule()), day=TODAY).assignee
        people[taker] = replace(people[taker], given=(MONDAY + timedelta(minutes=minute), *people[taker].given))
    takers = [_give(people, [case()], rules(rule()), 100 + minute)[0] for minute in range(6)]
    assert takers[0] == "p2"
    assert Counter(takers) == {"p0": 2, "p1": 2, "p2": 2}


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"rule": []}, ("rule",)),
        ({"rule": [{"key": "a", "zh": "甲", "en": "A", "method": "dice"}]}, ("rule", 0, "method")),
        ({"rule": [{"key": "a", "zh": "甲", "en": "A", "method": "least_open", "priority": ["P9"]}]},
         ("rule", 0, "priority", 0)),
        ({"rule": [{"key": "a", "zh": "甲", "en": "A", "method": "least_open", "colour": "red"}]},
         ("rule", 0, "colour")),
        ({"rule": [{"key": "a", "zh": "甲", "en": "A", "method": "least_open", "people": ["x"], "role": "head"}]},
         ("rule", 0)),
        ({"rule": [{"key": "a", "zh": "甲", "en": "A", "method": "least_open"}] * 2}, ()),
    ],
)  # fmt: skip
def test_impossible_rules_are_refused(wrong: dict[str, Any], where: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        AssignmentConfig.model_validate(wrong)
    assert caught.value.errors()[0]["loc"] == where
