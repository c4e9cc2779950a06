"""Who may do what (requirement K2): roles give permissions, each with a scope over records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lib.domain.case import ARCHIVED, Case
from lib.domain.configured import Configured, Labelled
from lib.domain.people import Staff

Scope = Literal["own", "department", "branch", "all"]
WRITING = frozenset({"case.edit", "case.note", "case.contact", "evidence.add", "survey.send"})
"""What would change a file; in the archive it stays as it is, whoever asks."""


class Role(Labelled):
    """A role: its names, and its permissions with the scope in which each holds."""

    permissions: Mapping[str, Scope]


class RolesConfig(Configured):
    """config/roles.toml."""

    role: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: a member of staff in her role, the client on a public page, or the app itself."""

    staff_id: str
    name: str
    permissions: Mapping[str, Scope]
    role: str = ""
    branch: str = ""
    department: str = ""

    def may(self, permission: str, case: Case | None = None) -> bool:
        """Whether the permission is held at all, or for this case when one is given."""
        scope = self.permissions.get(permission)
        if scope is None or (case is not None and case.stage == ARCHIVED and permission in WRITING):
            return False
        return case is None or scope == "all" or self._covers(scope, case)

    def _covers(self, scope: Scope, case: Case) -> bool:
        own = self.staff_id in (case.assignee, case.reviewer)
        if scope == "own":
            return own
        if scope == "department":
            return own or (self.department != "" and case.department == self.department)
        return own or (self.branch != "" and case.branch in ("", self.branch))


def actor_of(staff: Staff, roles: RolesConfig) -> Actor:
    """The actor a member of staff is; an unknown role or an inactive person holds no permission."""
    role = roles.role.get(staff.role) if staff.active else None
    return Actor(
        staff_id=staff.staff_id,
        name=staff.name or staff.email,
        permissions=role.permissions if role else {},
        role=staff.role,
        branch=staff.branch,
        department=staff.department,
    )


CLIENT = Actor("client", "客户", {"case.report": "all", "survey.answer": "all", "case.track": "all"}, role="client")
"""The client on a public page, known by nothing but what the page asked for."""


def system_actor(*permissions: str) -> Actor:
    """The app itself (jobs, the command line), with just the permissions named."""
    return Actor("system", "系统", dict.fromkeys(permissions, "all"), role="system")
