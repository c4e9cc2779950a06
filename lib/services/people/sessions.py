"""Sessions (requirement K1): begun by a password or at an OpenID provider, judged anew at every act, ended here."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from lib.auth import openid, sessions
from lib.auth.openid import Unvouched
from lib.auth.sessions import Session
from lib.auth.tokens import TokenError
from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.people import Account, Staff
from lib.domain.rules.permissions import Actor, actor_of
from lib.domain.text import emails
from lib.errors import AlreadyExists, Conflict, SignInFailed, StoreBusy
from lib.store.commit.batch import Change, create, edit
from lib.store.snapshot.snapshot import Table

SESSION_AGE = timedelta(hours=12)
_AHEAD = timedelta(minutes=1)  # of another machine's clock
_RACES = 20


def begin(desk: Desk, staff: Staff) -> Session:
    """A session that begins now."""
    account = desk.snapshot[Account].get(staff.staff_id)
    return sessions.begin(staff.staff_id, account.epoch if account else 0, desk.now())


def cookie_of(desk: Desk, session: Session) -> str:
    """The value of the cookie."""
    return sessions.cookie_of(desk.signer, session)


def by_cookie(desk: Desk, cookie: str) -> Session | None:
    """The session that a cookie proves; None where it is forged or too old. Whether it stands: `bearer`."""
    try:
        return sessions.read(desk.signer, cookie, SESSION_AGE, now=desk.now())
    except TokenError:
        return None


def by_openid(desk: Desk, claims: Mapping[str, Any], *, issuers: frozenset[str]) -> Session:
    """The session of an account that a provider vouches for. `issuers` are accepted where the settings name none.

    Raises SignInFailed: "stranger" where nobody here has the address, else the code of `lib.auth.openid.Unvouched`.
    """
    try:
        account = openid.vouched(claims, _accepted(desk, issuers))
    except Unvouched as refused:
        raise SignInFailed(refused.code) from refused
    staff = staff_of_email(desk, account.email)
    if staff is None:
        raise SignInFailed("stranger")
    return Session(staff.staff_id, account.key, account.issued_at)


def _accepted(desk: Desk, issuers: frozenset[str]) -> openid.Accepted:
    settings = desk.settings
    return openid.Accepted(
        issuers=settings.openid_issuers or issuers,
        tenants=settings.openid_tenants,
        verifying=settings.openid_verified_by,
    )


def bearer(desk: Desk, session: Session) -> Staff | None:
    """Whose session it is now; None once it is too old or ended, or she has left. Costs a few look-ups."""
    staff = desk.snapshot[Staff].get(session.staff_id)
    return staff if staff and staff.active and _stands(desk, session) else None


def _stands(desk: Desk, session: Session) -> bool:
    if not -_AHEAD <= desk.now() - session.issued_at <= SESSION_AGE:
        return False
    account = desk.snapshot[Account].get(session.staff_id)
    if account is None:
        return not session.epoch
    if session.epoch is None:
        since = account.sessions_since
        return session.key not in _ended(account) and (since is None or session.issued_at > since)
    return session.epoch == account.epoch and session.key not in _ended(account)


def _ended(account: Account) -> Mapping[str, str]:
    """When the sessions that were ended one by one had begun, by key."""
    found: dict[str, str] = json.loads(account.ended_sessions) if account.ended_sessions else {}
    return found


def end(desk: Desk, session: Session) -> None:
    """End one session, wherever its cookie has been copied to. One that does not stand any more is left alone.

    Raises StoreError.
    """
    for _ in range(_RACES):
        staff = bearer(desk, session)
        if staff is None:
            return
        try:
            desk.save(actor_of(staff, desk.config.roles), [_one_ended(desk, session)])
        except (Conflict, AlreadyExists):  # another session of hers ended at the same time
            desk.committer.refresh()
        else:
            return
    raise StoreBusy


def _one_ended(desk: Desk, session: Session) -> Change:
    """The key is kept as long as the session could have lasted."""
    account = desk.snapshot[Account].get(session.staff_id)
    oldest = desk.now() - SESSION_AGE
    kept = {key: at for key, at in (_ended(account) if account else {}).items() if datetime.fromisoformat(at) >= oldest}
    text = json.dumps({**kept, session.key: session.issued_at.isoformat()})
    if account is None:
        return create(Account(staff_id=session.staff_id, ended_sessions=text), action="sign_out")
    return edit(account, {"ended_sessions": text}, action="sign_out")


def end_all(desk: Desk, *, actor: Actor, staff_id: str) -> None:
    """Sign a person out everywhere: her own wish, or with `people.edit` anybody's. Raises NotAllowed, NotFound."""
    if actor.staff_id != staff_id:
        require(actor, "people.edit")
    desk.snapshot[Staff].require(staff_id)
    desk.save(actor, [all_ended(desk, staff_id)])


def all_ended(desk: Desk, staff_id: str) -> Change:
    """The change that makes every session of a person worthless, whoever vouched for it."""
    account = desk.snapshot[Account].get(staff_id)
    if account is None:
        return create(Account(staff_id=staff_id, **ending(desk, 0)), action="end_sessions")
    return edit(account, ending(desk, account.epoch), action="end_sessions")


def ending(desk: Desk, epoch: int) -> dict[str, Any]:
    """The values of an account that end every session begun so far."""
    return {"epoch": epoch + 1, "sessions_since": desk.now(), "ended_sessions": ""}


def staff_of_email(desk: Desk, email: str) -> Staff | None:
    """The active person with this address."""
    found = desk.snapshot[Staff].derive(by_email).get(emails.canonical(email))
    return found if found and found.active else None


def by_email(table: Table[Staff]) -> Mapping[str, Staff]:
    """People by address; where a sheet has one twice, the active person, else the one added first."""
    found: dict[str, Staff] = {}
    for staff in sorted(table.values(), key=lambda staff: not staff.active):
        found.setdefault(emails.canonical(staff.email), staff)
    return {address: staff for address, staff in found.items() if address}
