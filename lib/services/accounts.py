"""Signing in (requirement K1): passwords with a lock-out, one-time passwords, session cookies, OpenID Connect."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from lib.auth import sessions
from lib.auth.lockout import Locked, Lockout
from lib.auth.passwords import hash_password, one_time_password, verify, weaknesses
from lib.auth.tokens import TokenError
from lib.domain import emails
from lib.domain.people import Account, Staff
from lib.domain.permissions import Actor, actor_of, system_actor
from lib.errors import Conflict, InvalidFields, Problem, SignInFailed, StoreBusy
from lib.services.access import require
from lib.services.desk import Desk
from lib.store.batch import Change, Edit, create, edit, new_id
from lib.store.snapshot import Table

SESSION_AGE = timedelta(hours=12)
ADMINISTRATOR = "administrator"
_LOCKOUT = Lockout()
_RACES = 20
_KEPT_FAILURES = 200  # a locked account counts none, so these reach back many locks


def sign_in(desk: Desk, *, email: str, password: str) -> Staff:
    """The person whose password it is. Raises SignInFailed; the failure is kept and counts towards a lock.

    An address that nobody has takes as long, writes as much and gives the same answer as a wrong password.
    """
    for _ in range(_RACES):
        try:
            return _attempt(desk, email, password)
        except Conflict:  # another attempt at the same account came first: judge again
            desk.committer.refresh()
    raise StoreBusy


def _attempt(desk: Desk, email: str, password: str) -> Staff:
    staff = desk.snapshot[Staff].derive(_by_email).get(emails.canonical(email))
    account = desk.snapshot[Account].get(staff.staff_id) if staff else None
    _refuse_locked(desk, account)
    right, renewed = verify(password, account.password_hash if account else None)
    if not right or staff is None or account is None:
        _count_failure(desk, account, email)
        raise SignInFailed("wrong")
    if not staff.active:
        desk.save(system_actor(), [_line("sign_in_failed", staff.staff_id, "inactive")])
        raise SignInFailed("inactive")
    values = {"password_hash": renewed or account.password_hash, "failures": "", "locked_until": None}
    change = edit(account, values, action="sign_in", text="password")
    desk.save(actor_of(staff, desk.config.roles), [_unless_attempted(account, change)])
    return staff


def _refuse_locked(desk: Desk, account: Account | None) -> None:
    state = _LOCKOUT.state(_failures(account), desk.clock()) if account else None
    if isinstance(state, Locked):
        raise SignInFailed("locked", until=state.until.astimezone(desk.settings.zone))


def _count_failure(desk: Desk, account: Account | None, email: str) -> None:
    address = emails.canonical(email)
    text = address if emails.is_valid(address) else ""  # people type their password into the wrong box
    if account is None:
        desk.save(system_actor(), [_line("sign_in_failed", "", text)])
        return
    # Not cut to the second: two failures at once must not look like one to the merge.
    now = desk.clock().astimezone(desk.settings.zone)
    earlier = _failures(account)
    if earlier and now - earlier[-1] >= _LOCKOUT.forget:
        earlier = ()
    failures = (*earlier, now)[-_KEPT_FAILURES:]
    state = _LOCKOUT.state(failures, now)
    values = {
        "failures": json.dumps([at.isoformat() for at in failures]),
        "locked_until": state.until if isinstance(state, Locked) else None,
    }
    desk.save(system_actor(), [edit(account, values, action="sign_in_failed", text=text)])


def _failures(account: Account | None) -> tuple[datetime, ...]:
    return tuple(map(datetime.fromisoformat, json.loads(account.failures or "[]"))) if account else ()


def _unless_attempted(account: Account, change: Change) -> Change:
    """The change, refused if the account was tried or changed since: many guesses at once get no more tries."""
    seen = {name: Edit(getattr(account, name), getattr(account, name)) for name in ("failures", "epoch")}
    return replace(change, edits={**seen, **(change.edits or {})})


def _line(action: str, staff_id: str, text: str) -> Change:
    return Change(action, "accounts", staff_id, text=text)


def staff_of_email(desk: Desk, email: str) -> Staff | None:
    """The active person with this address, whom an OpenID Connect provider has vouched for."""
    found = desk.snapshot[Staff].derive(_by_email).get(emails.canonical(email))
    return found if found and found.active else None


def _by_email(table: Table[Staff]) -> Mapping[str, Staff]:
    """People by address; where a sheet has one twice, the active person, else the one added first."""
    found: dict[str, Staff] = {}
    for staff in sorted(table.values(), key=lambda staff: not staff.active):
        found.setdefault(emails.canonical(staff.email), staff)
    return {address: staff for address, staff in found.items() if address}


def change_password(desk: Desk, *, staff: Staff, old: str, new: str) -> None:
    """Set a password of one's own; every other session of the person ends.

    Raises InvalidFields for `old` ("wrong") and `new` (the weaknesses, or "unchanged"); SignInFailed when locked.
    """
    account = desk.snapshot[Account].require(staff.staff_id)
    _refuse_locked(desk, account)
    if not verify(old, account.password_hash)[0]:
        _count_failure(desk, account, staff.email)
        raise InvalidFields("accounts", [Problem("old", "wrong")])
    codes = [weakness.value for weakness in weaknesses(new, staff.email)]
    if new == old:
        codes.append("unchanged")
    if codes:
        raise InvalidFields("accounts", [Problem("new", code) for code in codes])
    change = edit(account, _fresh(account, new, must_change=False), action="change_password")
    desk.save(actor_of(staff, desk.config.roles), [_unless_attempted(account, change)])


def issue_one_time_password(desk: Desk, *, actor: Actor, staff_id: str) -> str:
    """A password to be read out and changed at the first sign-in; ends the person's sessions and any lock.

    Raises NotAllowed, NotFound.
    """
    require(actor, "people.edit")
    desk.snapshot[Staff].require(staff_id)
    password = one_time_password()
    desk.save(actor, [_one_time(desk, staff_id, password)])
    return password


def _one_time(desk: Desk, staff_id: str, password: str) -> Change:
    account = desk.snapshot[Account].get(staff_id)
    if account is not None:
        return edit(account, _fresh(account, password, must_change=True), action="issue_password")
    fresh = Account(staff_id=staff_id, password_hash=hash_password(password), must_change=True)
    return create(fresh, action="issue_password")


def _fresh(account: Account, password: str, *, must_change: bool) -> dict[str, object]:
    return {
        "password_hash": hash_password(password),
        "must_change": must_change,
        "epoch": account.epoch + 1,
        "failures": "",
        "locked_until": None,
    }


def end_sessions(desk: Desk, *, actor: Actor, staff_id: str) -> None:
    """Sign a person out everywhere: her own wish, or with `people.edit` anybody's. Raises NotAllowed, NotFound."""
    if actor.staff_id != staff_id:
        require(actor, "people.edit")
    desk.snapshot[Staff].require(staff_id)
    desk.save(actor, [sessions_ended(desk, staff_id)])


def sessions_ended(desk: Desk, staff_id: str) -> Change:
    """The change that makes every cookie of a person worthless."""
    account = desk.snapshot[Account].get(staff_id)
    if account is None:
        return create(Account(staff_id=staff_id, epoch=1), action="end_sessions")
    return edit(account, {"epoch": account.epoch + 1}, action="end_sessions")


def session_cookie(desk: Desk, staff: Staff) -> str:
    """The value of the cookie of a session that begins now; good for SESSION_AGE."""
    return sessions.issue(desk.signer, staff.staff_id, _epoch(desk, staff.staff_id), desk.now())


def staff_of_cookie(desk: Desk, cookie: str) -> Staff | None:
    """Whose session it is; None when it is forged, too old, ended, or of somebody inactive."""
    try:
        session = sessions.read(desk.signer, cookie, SESSION_AGE, now=desk.now())
    except TokenError:
        return None
    staff = desk.snapshot[Staff].get(session.staff_id)
    return staff if staff and staff.active and session.epoch == _epoch(desk, staff.staff_id) else None


def _epoch(desk: Desk, staff_id: str) -> int:
    account = desk.snapshot[Account].get(staff_id)
    return account.epoch if account else 0


def first_administrator(desk: Desk, email: str) -> str:
    """Make the address an active administrator's and give a one-time password; for whoever has the machine.

    Also the way back in when every administrator has lost hers. Raises InvalidFields.
    """
    address = emails.canonical(email)
    if not emails.is_valid(address):
        raise InvalidFields("staff", [Problem("email", "not_an_email", email)])
    password = one_time_password()
    staff = desk.snapshot[Staff].derive(_by_email).get(address)
    if staff is None:
        staff_id = new_id("staff")
        person = Staff(staff_id=staff_id, email=address, name=address.partition("@")[0], role=ADMINISTRATOR)
        change = create(person, action="first_administrator")
    else:
        staff_id = staff.staff_id
        change = edit(staff, {"role": ADMINISTRATOR, "active": True}, action="first_administrator")
    desk.save(system_actor(), [change, _one_time(desk, staff_id, password)])
    return password
