"""Reply templates filled for a case. What a case does not know yet stays as a blank that nobody can miss."""

from collections.abc import Callable, Mapping
from datetime import datetime

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor
from lib.domain.rules.replies import BLANK, Reply
from lib.i18n import Language, format_date, format_datetime, in_language, t
from lib.services.story.audit import visible

_COLUMNS = {"client": "client_name", "title": "title", "promised": "promised_on", "visit": "visit_at"}


def filled(desk: Desk, *, actor: Actor, case: Case, reply: Reply, language: Language) -> str:
    """The text in a language, to be gone over before it is sent. A name that the person may not see is left out."""
    with in_language(language):
        known = {name: value for name, value in _facts(desk, actor, case, language).items() if value}
        return reply.text(language).format_map(_Blanks(known, language))


class _Blanks(dict[str, str]):
    """Values by placeholder; one without a value shows what belongs there."""

    def __init__(self, values: Mapping[str, str], language: str) -> None:
        super().__init__(values)
        self._language = language

    def __missing__(self, name: str) -> str:
        column = columns(Case).get(_COLUMNS.get(name, ""))
        label = column.label(self._language) if column else t("Deadline") if name == "due" else name
        return BLANK.format(label)


def _facts(desk: Desk, actor: Actor, case: Case, language: Language) -> Mapping[str, str]:
    who = desk.snapshot[Staff].get(case.assignee)
    zone = desk.settings.zone
    return {
        "client": case.client_name if visible(actor, case, "client_name") else "",
        "case_no": case.case_no,
        "title": case.title,
        "stage": desk.lists.label("stage", case.stage, language),
        "due": _told(desk.config.workflow.next_due(case), lambda due: format_datetime(due, zone)),
        "promised": format_date(case.promised_on) if case.promised_on else "",
        "visit": _told(case.visit_at, lambda at: format_datetime(at, zone)),
        "agency": desk.settings.workspace_name,
        "phone": desk.settings.service_phone,
        "handler": who.name if who else actor.name,
        "today": format_date(desk.today()),
    }


def _told(moment: datetime | None, words: Callable[[datetime], str]) -> str:
    return words(moment) if moment else ""
