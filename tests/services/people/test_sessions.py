"""Sessions: how long they stand, and what ends them, wherever their cookie has been copied to."""

from datetime import timedelta

import pytest

from lib.domain.records.people import Account, Staff
from lib.domain.rules.permissions import actor_of
from lib.errors import NotAllowed, SessionEnded, SignInFailed
from lib.services.cases import intake
from lib.services.people import accounts, people, sessions
from tests.cases import take_in

GOOGLE = "https://accounts.google.com"


@pytest.fixture
def handler(desk):
    return desk.snapshot[Staff]["handler"]


def by_openid(desk, clock, email="handler@example.cn", **claims):
    """The session of an account that has just come back from its provider."""
    given = {"iss": GOOGLE, "sub": email, "iat": clock.now.timestamp(), "email": email, "email_verified": True}
    return sessions.by_openid(desk, {**given, **claims}, issuers=frozenset({GOOGLE}))


@pytest.fixture(params=["password", "openid"])
def session(request, desk, handler, clock):
    """A session that stands, after either way of signing in."""
    begun = sessions.begin(desk, handler) if request.param == "password" else by_openid(desk, clock)
    assert sessions.bearer(desk, begun) == handler
    return begun


def test_a_session_lasts_twelve_hours(desk, session, handler, clock):
    clock.forward(hours=12)
    assert sessions.bearer(desk, session) == handler
    clock.forward(seconds=1)
    assert sessions.bearer(desk, session) is None


def test_a_clock_that_was_ahead_leaves_no_session_that_lasts_longer(desk, session, clock):
    clock.forward(days=-1)
    assert sessions.bearer(desk, session) is None


@pytest.mark.trial(19)
def test_signing_out_ends_this_session_for_every_holder_and_no_other(desk, session, handler, clock, open_another):
    """A copied cookie and another tab prove the same session; the telephone of the same person has its own."""
    clock.forward(seconds=1)
    telephone = sessions.begin(desk, handler)
    sessions.end(desk, session)
    assert sessions.bearer(desk, session) is None
    assert sessions.bearer(desk, telephone) == handler
    assert sessions.bearer(open_another(), session) is None


@pytest.mark.trial(19)
def test_signing_out_twice_writes_once_and_old_keys_are_dropped(desk, session, handler, clock):
    sessions.end(desk, session)
    before = desk.snapshot.seq
    sessions.end(desk, session)
    assert desk.snapshot.seq == before
    clock.forward(hours=13)
    second = sessions.begin(desk, handler)
    sessions.end(desk, second)
    kept = desk.snapshot[Account]["handler"].ended_sessions
    assert second.key in kept
    assert session.key not in kept


def test_two_sessions_that_end_in_two_processes_both_end(desk, handler, open_another):
    other = open_another()
    first, second = sessions.begin(desk, handler), sessions.begin(desk, handler)
    sessions.end(desk, first)
    sessions.end(other, second)
    assert sessions.bearer(other, first) is None
    assert sessions.bearer(other, second) is None


@pytest.mark.trial(19)
def test_deactivation_ends_every_session_also_after_coming_back(desk, session, handler, actor, clock):
    people.deactivate(desk, actor=actor("administrator"), staff=handler)
    assert sessions.bearer(desk, session) is None
    gone = desk.snapshot[Staff]["handler"]
    people.edit_staff(desk, actor=actor("administrator"), staff=gone, values={"active": True})
    assert sessions.bearer(desk, session) is None
    clock.forward(seconds=1)
    assert sessions.bearer(desk, sessions.begin(desk, handler))
    assert sessions.bearer(desk, by_openid(desk, clock))


@pytest.mark.trial(19)
def test_another_password_ends_every_session(desk, session, handler, actor, clock):
    once = accounts.issue_one_time_password(desk, actor=actor("administrator"), staff_id="handler")
    assert sessions.bearer(desk, session) is None
    clock.forward(seconds=1)
    again = sessions.begin(desk, handler)
    accounts.change_password(desk, staff=handler, old=once, new="a quiet harbour 7")
    assert sessions.bearer(desk, again) is None


def test_a_person_or_who_edits_people_ends_all_of_hers(desk, session, actor):
    with pytest.raises(NotAllowed):
        sessions.end_all(desk, actor=actor("manager"), staff_id="handler")
    sessions.end_all(desk, actor=actor("handler"), staff_id="handler")
    assert sessions.bearer(desk, session) is None


def test_a_cookie_that_was_tampered_with_proves_nothing(desk, handler, clock):
    cookie = sessions.cookie_of(desk, sessions.begin(desk, handler))
    assert sessions.bearer(desk, sessions.by_cookie(desk, cookie)) == handler
    assert sessions.by_cookie(desk, cookie[:-1]) is None
    clock.forward(hours=13)
    assert sessions.by_cookie(desk, cookie) is None


@pytest.mark.trial(19)
def test_an_openid_cookie_older_than_a_session_lasts_opens_nothing(desk, clock):
    """Streamlit's own cookie would go on for thirty days."""
    old = by_openid(desk, clock, iat=(clock.now - timedelta(hours=13)).timestamp())
    assert sessions.bearer(desk, old) is None


@pytest.mark.trial(19)
@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"email": "stranger@example.cn"}, "stranger"),
        ({"email_verified": None}, "unverified"),
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iat": None}, "undated"),
    ],
)
def test_an_openid_account_is_refused_with_the_reason(desk, clock, claims, reason):
    with pytest.raises(SignInFailed) as caught:
        by_openid(desk, clock, **claims)
    assert caught.value.reason == reason


@pytest.mark.trial(19)
def test_issuers_and_tenants_are_a_setting(desk, clock):
    only = {"openid_issuers": frozenset({"https://id.example.cn"}), "openid_tenants": frozenset({"t1"})}
    object.__setattr__(desk, "settings", desk.settings.model_copy(update=only))
    for claims, reason in (({}, "issuer"), ({"iss": "https://id.example.cn"}, "tenant")):
        with pytest.raises(SignInFailed) as caught:
            by_openid(desk, clock, **claims)
        assert caught.value.reason == reason
    assert by_openid(desk, clock, iss="https://id.example.cn", tid="t1").staff_id == "handler"


@pytest.mark.trial(19)
def test_whoever_has_left_saves_nothing_through_a_process_that_has_not_heard_of_it(desk, actor, open_another):
    """Judged against the store as it is when the save lands there."""
    stale = open_another()
    case_no = take_in(desk, actor("intake")).case_no
    stale.committer.refresh()
    people.deactivate(desk, actor=actor("administrator"), staff=desk.snapshot[Staff]["manager"])
    manager = actor_of(stale.snapshot[Staff]["manager"], stale.config.roles)
    assert manager.may("case.note")
    with pytest.raises(SessionEnded):
        intake.add_to_case(stale, actor=manager, case_no=case_no, text="还在漏")
    assert not [line for line in desk.history(case_no=case_no) if line.actor == "manager"]
