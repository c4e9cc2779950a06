"""Signing in with a password (requirement K1): lock-out, one-time passwords, and passwords of one's own."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from lib.auth.lockout import Locked, Lockout
from lib.auth.passwords import hash_password, one_time_password, verify, weaknesses
from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.people import Account, Staff
from lib.domain.rules.permissions import Actor, actor_of, system_actor
from lib.domain.text import emails
from lib.errors import Conflict, InvalidFields, Problem, SignInFailed, StoreBusy
from lib.services.people.sessions import by_email, ending
from lib.store.commit.batch import Change, Edit, create, edit, new_id

ONE_TIME_AGE = timedelta(hours=72)
_LOCKOUT = Lockout()
_RACES = 20
_KEPT_FAILURES = 200  # a locked account counts none, so these reach back many locks


def sign_in(desk: Desk, *, email: str, password: str, network: str = "") -> Staff:
    """The person whose password it is; `network` is the address that the try comes from.

    Raises SignInFailed. An address that nobody has, one that is locked and one whose person has left get the same
    answer as a wrong password, after the same work. Nothing is written for a failure but the beginning of a lock.
    """
    if not desk.attempts.let_through(network):
        raise SignInFailed("busy")
    desk.committer.keep_up()  # a password that the command has just set, or somebody who has just left
    address = emails.canonical(email)
    account = _account_of(desk, _staff_of(desk, address))
    admitted = desk.attempts.begin(address, desk.clock(), since=account.sessions_since if account else None)
    for _ in range(_RACES):
        try:
            return _attempt(desk, address, password, admitted=admitted)
        except Conflict:  # another attempt at the same account came first: judge again
            desk.committer.refresh()
    raise StoreBusy


def _attempt(desk: Desk, address: str, password: str, *, admitted: bool) -> Staff:
    staff = _staff_of(desk, address)
    account = _account_of(desk, staff)
    right, renewed = verify(password, account.password_hash if account else None)
    if not admitted or _locked(desk, account):
        raise SignInFailed("wrong")
    if not right or staff is None or account is None or not staff.active:
        _note_lock(desk, account, address)
        raise SignInFailed("wrong")
    if account.must_change and (account.one_time_until is None or account.one_time_until <= desk.now()):
        raise SignInFailed("expired")
    values = {"password_hash": renewed or account.password_hash, "failures": "", "locked_until": None}
    change = edit(account, values, action="sign_in", text="password")
    desk.save(actor_of(staff, desk.config.roles), [_unless_attempted(account, change)])
    desk.attempts.succeed(address)
    return staff


def _staff_of(desk: Desk, address: str) -> Staff | None:
    return desk.snapshot[Staff].derive(by_email).get(address)


def _account_of(desk: Desk, staff: Staff | None) -> Account | None:
    return desk.snapshot[Account].get(staff.staff_id) if staff else None


def locked_until(desk: Desk, account: Account) -> datetime | None:
    """Until when nobody is let in with this account's password; None where somebody is."""
    state = _locked(desk, account)
    return state.until.astimezone(desk.settings.zone) if state else None


def _locked(desk: Desk, account: Account | None) -> Locked | None:
    """The lock that any process has noted."""
    state = _LOCKOUT.state(_failures(account), desk.clock())
    return state if isinstance(state, Locked) else None


def _note_lock(desk: Desk, account: Account | None, address: str) -> None:
    """Where the last failure began a lock: keep it, for other processes, after a restart, and in History."""
    failures = tuple(sorted({*_failures(account), *desk.attempts.failures(address)}))[-_KEPT_FAILURES:]
    state = _LOCKOUT.state(failures, desk.clock())
    if not isinstance(state, Locked):
        return
    text = address if emails.is_valid(address) else ""  # people type their password into the wrong box
    if account is None:
        desk.save(system_actor(), [Change("sign_in_locked", "accounts", text=text)])
        return
    zone = desk.settings.zone
    values = {
        "failures": json.dumps([at.astimezone(zone).isoformat() for at in failures]),
        "locked_until": state.until.astimezone(zone),
    }
    desk.save(system_actor(), [edit(account, values, action="sign_in_locked", text=text)])


def _failures(account: Account | None) -> tuple[datetime, ...]:
    return tuple(map(datetime.fromisoformat, json.loads(account.failures or "[]"))) if account else ()


def _unless_attempted(account: Account, change: Change) -> Change:
    """The change, refused if the account was locked or changed since it was judged."""
    seen = {name: Edit(getattr(account, name), getattr(account, name)) for name in ("failures", "epoch")}
    return replace(change, edits={**seen, **(change.edits or {})})


def change_password(desk: Desk, *, staff: Staff, old: str, new: str) -> None:
    """Set a password of one's own; every other session of the person ends.

    Raises InvalidFields for `old` ("wrong") and `new` (the weaknesses, or "unchanged"); SignInFailed when locked.
    """
    account, address = desk.snapshot[Account].require(staff.staff_id), emails.canonical(staff.email)
    if _locked(desk, account) or not desk.attempts.begin(address, desk.clock(), since=account.sessions_since):
        raise SignInFailed("locked")
    if not verify(old, account.password_hash)[0]:
        _note_lock(desk, account, address)
        raise InvalidFields("accounts", [Problem("old", "wrong")])
    desk.attempts.succeed(address)
    codes = [weakness.value for weakness in weaknesses(new, staff.email)]
    if new == old:
        codes.append("unchanged")
    if codes:
        raise InvalidFields("accounts", [Problem("new", code) for code in codes])
    change = edit(account, _fresh(desk, account, new), action="change_password")
    desk.save(actor_of(staff, desk.config.roles), [_unless_attempted(account, change)])


def issue_one_time_password(desk: Desk, *, actor: Actor, staff_id: str) -> str:
    """A password to be read out and changed at the first sign-in, within ONE_TIME_AGE; ends the person's sessions and
    any lock.

    Raises NotAllowed, NotFound.
    """
    require(actor, "people.edit")
    desk.snapshot[Staff].require(staff_id)
    password = one_time_password()
    desk.save(actor, [_one_time(desk, staff_id, password)])
    return password


def _one_time(desk: Desk, staff_id: str, password: str) -> Change:
    account, until = desk.snapshot[Account].get(staff_id), desk.now() + ONE_TIME_AGE
    if account is None:
        fresh = Account(staff_id=staff_id)
        return create(fresh.model_copy(update=_fresh(desk, fresh, password, until=until)), action="issue_password")
    return edit(account, _fresh(desk, account, password, until=until), action="issue_password")


def _fresh(desk: Desk, account: Account, password: str, *, until: datetime | None = None) -> dict[str, object]:
    """The values with another password, for one that is good until then a one-time password; all sessions end."""
    return {
        "password_hash": hash_password(password),
        "must_change": until is not None,
        "one_time_until": until,
        "failures": "",
        "locked_until": None,
        **ending(desk, account.epoch),
    }


def first_administrator(desk: Desk, email: str) -> str:
    """Make the address an active administrator's and give a one-time password; for whoever has the machine.

    Also the way back in when every administrator has lost hers. Raises InvalidFields.
    """
    address = emails.canonical(email)
    if not emails.is_valid(address):
        raise InvalidFields("staff", [Problem("email", "not_an_email", email)])
    password, role = one_time_password(), desk.config.roles.administrator
    staff = desk.snapshot[Staff].derive(by_email).get(address)
    if staff is None:
        staff_id = new_id("staff")
        person = Staff(staff_id=staff_id, email=address, name=address.partition("@")[0], role=role)
        change = create(person, action="first_administrator")
    else:
        staff_id = staff.staff_id
        change = edit(staff, {"role": role, "active": True}, action="first_administrator")
    desk.save(system_actor(), [change, _one_time(desk, staff_id, password)])
    return password
