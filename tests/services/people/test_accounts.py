import threading
from datetime import timedelta

import pytest

from lib.domain.records.people import Account, Staff
from lib.domain.rules.permissions import system_actor
from lib.errors import Conflict, InvalidFields, NotAllowed, NotFound, SignInFailed
from lib.services.people import accounts, people, sessions
from lib.store.commit.batch import edit

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


def test_somebody_without_an_account_cannot_sign_in(desk):
    assert failed(desk, email="manager@example.cn", password="").reason == "wrong"


@pytest.fixture
def every_password_wrong(monkeypatch):
    """Without the work that a verification costs on purpose."""
    monkeypatch.setattr(accounts, "verify", lambda password, known: (False, None))


def answers(desk, clock, *tries):
    """What each try is answered."""
    given = []
    for email, password in tries:
        clock.forward(seconds=1)
        refused = failed(desk, email=email, password=password)
        given.append((refused.reason, str(refused)))
    return given


@pytest.mark.trial(20)
def test_known_unknown_locked_and_former_addresses_get_one_answer(desk, handler, actor, clock):
    """Nobody learns who works here, nor whether a guess during a lock was right."""
    known = [("handler@example.cn", "wrong")] * 6 + [("handler@example.cn", PASSWORD)]
    unknown = [("nobody@example.cn", "wrong")] * 6 + [("nobody@example.cn", PASSWORD)]
    assert set(answers(desk, clock, *known)) == set(answers(desk, clock, *unknown)) == {("wrong", "wrong")}
    clock.forward(hours=1)
    people.deactivate(desk, actor=actor("administrator"), staff=handler)
    assert failed(desk, password=PASSWORD).reason == "wrong"


@pytest.mark.trial(20)
@pytest.mark.parametrize("tries", [1, 5, 8], ids=["open", "locking", "locked"])
def test_known_and_unknown_addresses_cost_the_same_work(desk, handler, clock, monkeypatch, tries):
    verified, written = [], []
    monkeypatch.setattr(accounts, "verify", lambda password, known: (verified.append(1) is not None, None))
    for email in ("handler@example.cn", "nobody@example.cn"):
        verified.clear()
        before = desk.snapshot.seq
        answers(desk, clock, *[(email, "wrong")] * tries)
        assert len(verified) == tries
        written.append(desk.snapshot.seq - before)
    assert written[0] == written[1] == (tries >= 5)


@pytest.mark.trial(20)
@pytest.mark.parametrize("email", ["handler@example.cn", "nobody@example.cn"])
def test_forty_tries_make_one_commit(desk, handler, clock, email, every_password_wrong):
    before = desk.snapshot.seq
    answers(desk, clock, *[(email, "wrong")] * 40)
    assert desk.snapshot.seq == before + 1
    (line,) = lines(desk, "sign_in_locked")
    assert line.text == email


@pytest.mark.trial(20)
def test_one_network_gets_no_endless_tries(desk, handler, clock, every_password_wrong):
    """Also with an address of its own for each try."""
    reasons = []
    for number in range(40):
        with pytest.raises(SignInFailed) as caught:
            accounts.sign_in(desk, email=f"{number}@example.cn", password="wrong", network="203.0.113.7")
        reasons.append(caught.value.reason)
    assert reasons == ["wrong"] * 30 + ["busy"] * 10
    with pytest.raises(SignInFailed, match="busy"):
        accounts.sign_in(desk, email="handler@example.cn", password=PASSWORD, network="203.0.113.7")
    with pytest.raises(SignInFailed, match="wrong"):
        accounts.sign_in(desk, email="handler@example.cn", password=PASSWORD, network="203.0.113.8")


def test_a_lock_is_kept_for_other_processes_and_ends(desk, handler, clock, open_another):
    answers(desk, clock, *[("handler@example.cn", "wrong")] * 5)
    other = open_another()
    assert failed(other, password=PASSWORD).reason == "wrong"
    assert other.snapshot[Account]["handler"].locked_until == clock.now + timedelta(minutes=15)
    clock.forward(minutes=15)
    assert accounts.sign_in(other, email="handler@example.cn", password=PASSWORD).staff_id == "handler"
    assert other.snapshot[Account]["handler"].failures == ""
    assert other.snapshot[Account]["handler"].locked_until is None


def test_a_second_lock_is_longer(desk, handler, clock, every_password_wrong):
    answers(desk, clock, *[("handler@example.cn", "wrong")] * 5)
    clock.forward(minutes=15)
    answers(desk, clock, *[("handler@example.cn", "wrong")] * 5)
    assert desk.snapshot[Account]["handler"].locked_until == clock.now + timedelta(minutes=30)


def test_a_success_forgets_the_failures_before(desk, handler, clock):
    for _ in range(2):
        answers(desk, clock, *[("handler@example.cn", "wrong")] * 4)
        assert accounts.sign_in(desk, email="handler@example.cn", password=PASSWORD)


def test_guesses_of_many_threads_at_once_get_no_more_tries(desk, handler, monkeypatch, every_password_wrong):
    """Only five of them are judged by the password at all."""
    judged = []
    monkeypatch.setattr(accounts, "_note_lock", lambda *_: judged.append(1))
    threads = [threading.Thread(target=lambda: failed(desk)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(judged) == 5


def test_a_right_guess_that_lost_the_race_to_a_lock_is_refused(desk, handler, clock, open_another, monkeypatch):
    """The other process locks the account after this one has looked and before it has written."""
    other, real = open_another(), accounts.verify

    def slow(password, known):
        monkeypatch.setattr(accounts, "verify", real)
        answers(desk, clock, *[("handler@example.cn", "wrong")] * 5)
        return real(password, known)

    monkeypatch.setattr(accounts, "verify", slow)
    assert failed(other, password=PASSWORD).reason == "wrong"


@pytest.mark.trial(20)
def test_a_password_set_by_the_command_is_known_at_once(desk, handler, open_another, actor):
    """Another process sets it; nobody was on, so nothing has been refreshed since."""
    other = open_another()
    once = accounts.issue_one_time_password(other, actor=actor("administrator"), staff_id="handler")
    added = accounts.first_administrator(other, "owner@example.cn")
    assert accounts.sign_in(desk, email="handler@example.cn", password=once).staff_id == "handler"
    assert accounts.sign_in(desk, email="owner@example.cn", password=added).role == "administrator"


@pytest.mark.trial(20)
def test_a_one_time_password_lasts_72_hours(desk, handler, actor, clock):
    once = accounts.issue_one_time_password(desk, actor=actor("administrator"), staff_id="handler")
    clock.forward(hours=72, seconds=-1)
    assert accounts.sign_in(desk, email="handler@example.cn", password=once)
    clock.forward(seconds=1)
    assert failed(desk, password=once).reason == "expired"
    assert failed(desk, password="not this one").reason == "wrong"
    fresh = accounts.first_administrator(desk, "owner@example.cn")
    clock.forward(hours=72)
    assert failed(desk, email="owner@example.cn", password=fresh).reason == "expired"


@pytest.mark.trial(20)
def test_a_one_time_password_of_unknown_age_has_expired(desk, handler, actor):
    """One from before the time was kept."""
    once = accounts.issue_one_time_password(desk, actor=actor("administrator"), staff_id="handler")
    desk.save(system_actor(), [edit(desk.snapshot[Account]["handler"], {"one_time_until": None})])
    assert failed(desk, password=once).reason == "expired"


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
    session = sessions.begin(desk, handler)
    for _ in range(5):
        clock.forward(seconds=1)
        failed(desk)
    once = accounts.issue_one_time_password(desk, actor=actor("administrator"), staff_id="handler")
    clock.forward(seconds=1)
    assert accounts.sign_in(desk, email="handler@example.cn", password=once) == handler
    assert desk.snapshot[Account]["handler"].must_change
    assert sessions.bearer(desk, session) is None
    accounts.change_password(desk, staff=handler, old=once, new="another harbour 8")
    assert not desk.snapshot[Account]["handler"].must_change


def test_only_who_edits_people_gives_out_passwords(desk, actor):
    with pytest.raises(NotAllowed):
        accounts.issue_one_time_password(desk, actor=actor("manager"), staff_id="handler")
    with pytest.raises(NotFound):
        accounts.issue_one_time_password(desk, actor=actor("administrator"), staff_id="nobody")


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
