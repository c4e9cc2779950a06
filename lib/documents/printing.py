"""Printing a case: who may, what is recorded, the PDF.

`base` is where the app is reached, for the QR code, while no public address is configured.
"""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.documents import case_file, plan, work_order
from lib.documents.paper.letterhead import Letterhead
from lib.documents.paper.paint import Imprint, pdf
from lib.documents.paper.reader import CaseReader
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact
from lib.domain.rules.permissions import Actor
from lib.errors import NotFound
from lib.i18n import Language, in_language, t
from lib.services.story.audit import record
from lib.services.story.timeline import timeline

Document = Literal["work_order", "case_file", "plan"]


def print_work_order(
    desk: Desk, *, actor: Actor, case_no: str, language: Language, contact_id: str = "", base: str = ""
) -> bytes:
    """The work order as a PDF, addressed to an outside party of the case where `contact_id` names one.

    It is in History before it is handed out. Raises NotAllowed, NotFound, ConfigError (logo).
    """
    reader = _reader(desk, actor, case_no)
    contractor = _contact(desk, case_no, contact_id) if contact_id else None
    with in_language(language):
        head = _letterhead(reader, t("Work order"), base)
        content = pdf(work_order.lay_out(reader, head, contractor), _imprint(reader, head, language))
    _tell(reader, "work_order")
    return content


def print_case_file(desk: Desk, *, actor: Actor, case_no: str, language: Language, base: str = "") -> bytes:
    """Everything kept about a case as one PDF (requirement E4).

    It is in History before it is handed out; the file itself tells what was there before. Raises NotAllowed,
    NotFound, ConfigError (logo).
    """
    reader = _reader(desk, actor, case_no)
    lines = tuple(reversed(timeline(desk, reader.case.case_no)))
    with in_language(language):
        head = _letterhead(reader, t("Case file"), base)
        content = pdf(case_file.lay_out(reader, head, lines), _imprint(reader, head, language))
    _tell(reader, "case_file")
    return content


def print_plan(desk: Desk, *, actor: Actor, case_no: str, language: Language, base: str = "") -> bytes:
    """The plan of a case as a PDF for the client to sign.

    It is in History before it is handed out. Raises NotAllowed, NotFound, ConfigError (logo).
    """
    content = make_plan(desk, actor=actor, case_no=case_no, language=language, values={}, base=base)
    _tell(_reader(desk, actor, case_no), "plan")
    return content


def make_plan(
    desk: Desk, *, actor: Actor, case_no: str, language: Language, values: Mapping[str, Any], base: str = ""
) -> bytes:
    """The plan as it will be once `values` are saved, to be kept with the evidence: History tells of that file."""
    seen = _reader(desk, actor, case_no)
    reader = CaseReader(desk, actor, seen.case.model_copy(update=dict(values)))
    with in_language(language):
        head = _letterhead(reader, t("Handling plan"), base)
        return pdf(plan.lay_out(reader, head), _imprint(reader, head, language))


def _reader(desk: Desk, actor: Actor, case_no: str) -> CaseReader:
    require(actor, "case.view")
    case = desk.snapshot[Case].require(case_no)
    require(actor, "case.view", case)
    return CaseReader(desk, actor, case)


def _contact(desk: Desk, case_no: str, contact_id: str) -> Contact:
    found = desk.snapshot[Contact].require(contact_id)
    if found.case_no != case_no:
        raise NotFound("contacts", contact_id)
    return found


def _letterhead(reader: CaseReader, title: str, base: str) -> Letterhead:
    settings, case_no = reader.desk.settings, reader.case.case_no
    address = settings.public_url.rstrip("/") or base.rstrip("/")
    return Letterhead(
        agency=settings.workspace_name,
        phone=t("Service telephone {number}", number=settings.service_phone) if settings.service_phone else "",
        logo=settings.logo,
        title=title,
        case_no=case_no,
        address=f"{address}/case?{urlencode({'no': case_no})}" if address else "",
        printed=t("printed {time} by {person}", time=reader.time(reader.desk.now()), person=reader.actor.name),
    )


def _imprint(reader: CaseReader, head: Letterhead, language: Language) -> Imprint:
    return Imprint(f"{head.title} {head.case_no}", head.agency, language, reader.desk.now())


def _tell(reader: CaseReader, document: Document) -> None:
    case_no = reader.case.case_no
    record(
        reader.desk, actor=reader.actor, action="export", text=document, case_no=case_no, tab="cases", record_id=case_no
    )
