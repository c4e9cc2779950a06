"""Who may do what (requirement K2): roles give permissions, each with a scope over records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.configured import Configured, Labelled
from lib.domain.records.case import ARCHIVED, Case
from lib.domain.records.people import Staff
from lib.domain.records.record import Choice

Scope = Literal["own", "department", "branch", "all"]
PERMISSIONS = frozenset(
    {
        "home.view", "settings.view", "lists.edit", "people.edit", "data.export", "data.import", "data.fix",
        "case.view", "case.intake", "case.edit", "case.note", "case.contact", "case.triage", "case.assign",
        "case.handle", "case.wait", "case.answer", "case.close", "case.reopen", "case.request_review", "case.review",
        "case.archive", "case.archive_incomplete", "case.wait_longer", "case.settle", "case.withdraw",
        "evidence.add", "follow_up.record", "survey.send",
        "satisfaction.view", "weekly.view", "weekly.decide", "personal.view", "personal.reveal",
    }
)  # fmt: skip
"""Everything that a role may be given, and a move may ask for."""
EDIT_PEOPLE = "people.edit"
"""What makes somebody an administrator."""
WRITING = frozenset({"case.edit", "case.note", "case.contact", "evidence.add", "survey.send"})
"""What would change a file; in the archive it stays as it is, whoever asks."""
IMPARTIAL = frozenset(
    {
        "case.edit", "case.contact", "case.triage", "case.assign", "case.handle", "case.wait", "case.answer",
        "case.close", "case.reopen", "case.review", "case.archive", "case.archive_incomplete", "case.wait_longer",
        "case.settle", "case.withdraw", "survey.send",
    }
)  # fmt: skip
"""What nobody does in a complaint about himself, whatever the role. He may read it and say his side (ISO 10002:
objectivity)."""


def _known(name: str) -> str:
    if name not in PERMISSIONS:
        raise PydanticCustomError("unknown_name", "no permission {given}", {"given": name})
    return name


Permission = Annotated[str, AfterValidator(_known)]


class Role(Labelled):
    """A role: its names, and its permissions with the scope in which each holds."""

    permissions: Mapping[Permission, Scope]


class RolesConfig(Configured):
    """config/roles.toml."""

    role: Mapping[Choice, Role]

    @model_validator(mode="after")
    def _somebody_edits_people(self) -> Self:
        if not any(EDIT_PEOPLE in role.permissions for role in self.role.values()):
            facts = {"at": "role", "given": EDIT_PEOPLE}
            raise PydanticCustomError("no_administrator", "no role has {given}", facts)
        return self

    @property
    def administrator(self) -> str:
        """The role that may edit people; of several the one with the most permissions, and of those the last."""
        able = [key for key, role in self.role.items() if EDIT_PEOPLE in role.permissions]
        return max(reversed(able), key=lambda key: len(self.role[key].permissions))


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
        if case is not None and self.is_concerned(case) and permission in IMPARTIAL:
            return False
        return case is None or scope == "all" or self._covers(scope, case)

    def may_everywhere(self, permission: str) -> bool:
        """Whether the permission holds whatever the case, so that none has to be looked at."""
        return self.permissions.get(permission) == "all" and permission not in WRITING | IMPARTIAL

    @property
    def leads(self) -> bool:
        """Whether this person gives out work: what there is to do is then shown for the whole team first."""
        return self.may("case.assign")

    def is_concerned(self, case: Case) -> bool:
        """Whether the case is a complaint about this person."""
        return case.complained_about != "" and case.complained_about == self.staff_id

    def _covers(self, scope: Scope, case: Case) -> bool:
        own = self.staff_id in (case.assignee or case.danger_taken_by, case.reviewer)
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
