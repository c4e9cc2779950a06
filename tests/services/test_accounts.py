import threading
from datetime import timedelta

import pytest

from lib.auth import passwords
from lib.domain.people import Account, Staff
from lib.errors import Conflict, InvalidFields, NotAllowed, NotFound, SignInFailed
from lib.services import accounts, people
from lib.store.batch import edit

PASSWORD = "a quiet harbour 7"


@pytest.fixture
def handler(desk, actor):
    """The handler, who has a password of her own."""
    staff = desk.snapshot[Staff]["handler"]
    once = accounts.issue_one_time_password(desk, actor=actor("administrator"), staff_id="handler")
    accounts.change_password(desk, staff=staff, old=once, new=PASSWORD)
    return staff


def failed(desk, email="handler@example.cn", password="not this one"):
    with pytest.raises(SignInFailed) as caught:
        accounts.sign_in(desk, email=email, password=password)
    return caught.value


def lines(desk, action):
    return desk.history(actions=[action])


def test_the_right_password_signs_in_whatever_the_case_of_the_address(desk, handler):
    assert accounts.sign_in(desk, email=" Handler@Example.CN ", password=PASSWORD) == handler
    (line,) = lines(desk, "sign_in")
    assert (line.tab, line.record_id, line.actor) == ("accounts", "handler", "handler")


def test_wrong_password_and_unknown_address_look_the_same(desk, handler):
    wrong, unknown = failed(desk), failed(desk, email="nobody@example.cn")
    assert (
        (wrong.reason, wrong.facts, str(wrong))
        == (unknown.reason, unknown.facts, str(unknown))
        == ("wrong", {}, "wrong")
    )


def test_an_unknown_address_costs_a_verification_and_a_write_too(desk, handler, monkeypatch):
    verified = []
    real = passwords.verify
    monkeypatch.setattr(accounts, "verify", lambda password, known: verified.append(known) or real(password, known))
    before = desk.snapshot.seq
    failed(desk, email="nobody@example.cn")
    assert verified == [None]
    assert desk.snapshot.seq == before + 1


def test_somebody_without_an_account_cannot_sign_in(desk):
    assert failed(desk, email="manager@example.cn", password="").reason == "wrong"


def test_failures_are_kept_and_lock_also_the_right_password(desk, handler, clock, open_another):
    for _ in range(5):
        clock.forward(seconds=1)
        assert failed(desk).reason == "wrong"
    other = open_another()
    locked = failed(other, password=PASSWORD)
    assert locked.reason == "locked"
    assert locked.facts["until"] == clock.now + timedelta(minutes=15)
    assert other.snapshot[Account]["handler"].locked_until == locked.facts["until"]
    clock.forward(minutes=15)
    assert accounts.sign_in(other, email="handler@example.cn", password=PASSWORD).staff_id == "handler"
    assert other.snapshot[Account]["handler"].failures == ""
    assert other.snapshot[Account]["handler"].locked_until is None
    assert len(lines(desk, "sign_in_failed")) == 5


def test_a_success_forgets_the_failures_before(desk, handler, clock):
    for _ in range(2):
        for _ in range(4):
            clock.forward(seconds=1)
            failed(desk)
        assert accounts.sign_in(desk, email="handler@example.cn", password=PASSWORD)


def test_guesses_from_two_processes_at_once_all_count(desk, handler, clock, open_another):
    """Five guesses lock, also when they are made by two desks that know nothing of each other yet."""
    other = open_another(lambda: clock.now + timedelta(microseconds=1))
    for one in (desk, other, desk, other, desk):
        clock.forward(milliseconds=5)
        failed(one)
    assert failed(other, password=PASSWORD).reason == "locked"


def test_guesses_of_many_threads_at_once_get_no_more_tries(desk, handler, clock):
    moments = iter(range(1000))
    tick = threading.Lock()

    def now():
        with tick:
            return clock() + timedelta(microseconds=next(moments))

    object.__setattr__(desk, "clock", now)
    reasons = []
    threads = [threading.Thread(target=lambda: reasons.append(failed(desk).reason)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reasons) == ["locked"] * 3 + ["wrong"] * 5


def test_a_right_guess_that_lost_the_race_to_a_lock_is_refused(desk, handler, clock, open_another):
    stale = open_another(lambda: clock.now + timedelta(microseconds=1))
    for _ in range(5):
        clock.forward(milliseconds=5)
        failed(desk)
    assert stale.snapshot[Account]["handler"].failures == ""
    assert failed(stale, password=PASSWORD).reason == "locked"


def test_somebody_inactive_is_told_so_only_with_the_right_password(desk, handler, actor):
    people.deactivate(desk, actor=actor("administrator"), staff=handler)
    assert failed(desk).reason == "wrong"
    assert failed(desk, password=PASSWORD).reason == "inactive"


def test_no_hash_and_no_mistyped_password_gets_into_history(desk, handler):
    failed(desk, email=PASSWORD)
    accounts.sign_in(desk, email="handler@example.cn", password=PASSWORD)
    written = desk.snapshot[Account]["handler"].password_hash
    everything = desk.history()
    assert written.startswith("$argon2")
    assert not [line for line in everything if "argon2" in line.changes or PASSWORD in line.text + line.changes]
    (changed,) = lines(desk, "change_password")
    assert '"password_hash":["***","***"]' in changed.changes


def test_an_old_hash_is_renewed_at_sign_in(desk, handler):
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    weak = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8192),)).hash(PASSWORD)
    account = desk.snapshot[Account]["handler"]
    from lib.domain.permissions import system_actor

    desk.save(system_actor(), [edit(account, {"password_hash": weak})])
    accounts.sign_in(desk, email="handler@example.cn", password=PASSWORD)
    assert desk.snapshot[Account]["handler"].password_hash != weak
    assert accounts.sign_in(desk, email="handler@example.cn", password=PASSWORD)


@pytest.mark.parametrize(
    ("new", "codes"),
    [
        ("short", {"too_short"}),
        ("handler@example.cn", {"is_email"}),
        ("password1234", {"common"}),
        (PASSWORD, {"unchanged"}),
    ],
)
def test_a_new_password_must_meet_the_policy(desk, handler, new, codes):
    with pytest.raises(InvalidFields) as caught:
        accounts.change_password(desk, staff=handler, old=PASSWORD, new=new)
    assert {(problem.field, problem.code) for problem in caught.value.problems} == {("new", code) for code in codes}


def test_a_wrong_old_password_counts_towards_the_lock(desk, handler, clock):
    for _ in range(5):
        clock.forward(seconds=1)
        with pytest.raises(InvalidFields, match=r"old: wrong"):
            accounts.change_password(desk, staff=handler, old="guess", new="another harbour 8")
    with pytest.raises(SignInFailed, match="locked"):
        accounts.change_password(desk, staff=handler, old=PASSWORD, new="another harbour 8")


def test_a_one_time_password_must_be_changed_unlocks_and_ends_sessions(desk, handler, actor, clock):
    cookie = accounts.session_cookie(desk, handler)
    for _ in range(5):
        clock.forward(seconds=1)
        failed(desk)
    once = accounts.issue_one_time_password(desk, actor=actor("administrator"), staff_id="handler")
    assert accounts.sign_in(desk, email="handler@example.cn", password=once) == handler
    assert desk.snapshot[Account]["handler"].must_change
    assert accounts.staff_of_cookie(desk, cookie) is None
    accounts.change_password(desk, staff=handler, old=once, new="another harbour 8")
    assert not desk.snapshot[Account]["handler"].must_change


def test_only_who_edits_people_gives_out_passwords(desk, actor):
    with pytest.raises(NotAllowed):
        accounts.issue_one_time_password(desk, actor=actor("manager"), staff_id="handler")
    with pytest.raises(NotFound):
        accounts.issue_one_time_password(desk, actor=actor("administrator"), staff_id="nobody")


def test_a_cookie_lasts_twelve_hours_and_ends_with_the_sessions(desk, actor, clock):
    staff = desk.snapshot[Staff]["handler"]  # has no account: signs in elsewhere
    cookie = accounts.session_cookie(desk, staff)
    assert accounts.staff_of_cookie(desk, cookie) == staff
    clock.forward(hours=12)
    assert accounts.staff_of_cookie(desk, cookie) == staff
    clock.forward(seconds=1)
    assert accounts.staff_of_cookie(desk, cookie) is None
    fresh = accounts.session_cookie(desk, staff)
    accounts.end_sessions(desk, actor=actor("handler"), staff_id="handler")
    assert accounts.staff_of_cookie(desk, fresh) is None
    assert accounts.staff_of_cookie(desk, fresh[:-1]) is None
    with pytest.raises(NotAllowed):
        accounts.end_sessions(desk, actor=actor("handler"), staff_id="manager")


def test_a_cookie_of_somebody_who_left_is_worthless_also_after_coming_back(desk, actor):
    staff = desk.snapshot[Staff]["handler"]
    cookie = accounts.session_cookie(desk, staff)
    people.deactivate(desk, actor=actor("administrator"), staff=staff)
    assert accounts.staff_of_cookie(desk, cookie) is None
    assert accounts.staff_of_email(desk, "handler@example.cn") is None
    gone = desk.snapshot[Staff]["handler"]
    people.edit_staff(desk, actor=actor("administrator"), staff=gone, values={"active": True})
    assert accounts.staff_of_cookie(desk, cookie) is None
    assert accounts.staff_of_email(desk, "HANDLER@example.cn").staff_id == "handler"


def test_the_first_administrator_is_made_or_made_again(desk, actor):
    once = accounts.first_administrator(desk, "Owner@Example.cn")
    owner = accounts.sign_in(desk, email="owner@example.cn", password=once)
    assert (owner.email, owner.role) == ("owner@example.cn", "administrator")
    people.deactivate(desk, actor=actor("administrator"), staff=owner)
    again = accounts.first_administrator(desk, "owner@example.cn")
    assert accounts.sign_in(desk, email="owner@example.cn", password=again).staff_id == owner.staff_id
    with pytest.raises(InvalidFields):
        accounts.first_administrator(desk, "not an address")


def test_two_administrators_issuing_at_once_do_not_overwrite_each_other(desk, handler, actor, open_another):
    stale = open_another()
    accounts.issue_one_time_password(desk, actor=actor("administrator"), staff_id="handler")
    with pytest.raises(Conflict):
        accounts.issue_one_time_password(stale, actor=actor("administrator"), staff_id="handler")
