"""The check that every service makes first."""

from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.errors import NotAllowed


def require(actor: Actor, permission: str, case: Case | None = None) -> None:
    """Raise NotAllowed unless the actor holds the permission (for this case, when one is given)."""
    if not actor.may(permission, case):
        raise NotAllowed(permission, record=case.case_no if case else "")
