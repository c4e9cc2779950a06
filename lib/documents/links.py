"""Links to a document, for a browser to open in a tab of its own.

A link names who may use it, so that it also works where no session cookie goes along; it is good for a few minutes,
and what the person may do is asked again when it is used.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict, get_args

from lib.auth.tokens import BadToken, TokenPurpose
from lib.desk.desk import Desk
from lib.documents.printing import Document, print_case_file, print_plan, print_work_order
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, actor_of
from lib.i18n import LANGUAGES, Language

LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One document about one case; `contact_id` addresses a work order to an outside party.

    `base` is what it is in `lib.documents.printing`.
    """

    document: Document
    case_no: str
    language: Language
    contact_id: str = ""
    base: str = ""

    @property
    def file_name(self) -> str:
        return f"{self.case_no}-{self.document.replace('_', '-')}.pdf"


class _Common(TypedDict):
    case_no: str
    language: Language
    base: str


def make(desk: Desk, wanted: Wanted, *, actor: Actor) -> bytes:
    """The PDF. Raises what `lib.documents.printing` raises."""
    common: _Common = {"case_no": wanted.case_no, "language": wanted.language, "base": wanted.base}
    if wanted.document == "case_file":
        return print_case_file(desk, actor=actor, **common)
    if wanted.document == "plan":
        return print_plan(desk, actor=actor, **common)
    return print_work_order(desk, actor=actor, contact_id=wanted.contact_id, **common)


def token(desk: Desk, wanted: Wanted, *, actor: Actor) -> str:
    """What opens the document in this person's name."""
    payload = [actor.staff_id, wanted.document, wanted.case_no, wanted.language, wanted.contact_id, wanted.base]
    return desk.signer.sign(TokenPurpose.PRINT, {"print": payload}, now=desk.now())


def read(desk: Desk, token: str) -> tuple[Actor, Wanted]:
    """Who asks for what. Raises BadToken or ExpiredToken."""
    payload = desk.signer.read(TokenPurpose.PRINT, token, LIFETIME, now=desk.now())
    match payload.get("print"):
        case [str(staff_id), str(document), str(case_no), str(language), str(contact_id), str(base)]:
            staff = desk.snapshot[Staff].get(staff_id)
            if staff and document in get_args(Document) and language in LANGUAGES:
                wanted = Wanted(document, case_no, language, contact_id, base)  # type: ignore[arg-type]  # just checked
                return actor_of(staff, desk.config.roles), wanted
    raise BadToken("not a print")
