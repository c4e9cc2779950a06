"""The waits on the home page that somebody asks to prolong: until when, why, and how long the case waits already."""

from collections.abc import Sequence
from functools import partial

from lib.domain.records.case import Case
from lib.i18n import format_date, t
from lib.ui.frame.app_pages import link
from lib.ui.home import box
from lib.ui.session.page import Here
from lib.ui.words.markdown import plain

APPROVE = "approve_longer"
"""The move that says yes; the one that says no stands beside it on the case."""


def show(here: Here, cases: Sequence[Case]) -> None:
    """Each with the button that opens the form."""
    box.show(t("Asked to wait longer"), "more_time", cases, text=partial(_text, here), act=_lead)


def _text(here: Here, case: Case) -> str:
    asked = format_date(case.longer_until) if case.longer_until else ""
    until = format_date(case.promised_on) if case.promised_on else "—"
    words = t("until {asked} instead of {until}: {why}", asked=asked, until=until, why=plain(case.longer_reason))
    return f":blue[:material/more_time: {words}] · {plain(here.person(case.assignee))}"


def _lead(case: Case) -> None:
    link("case", t("Decide"), icon="arrow_forward", no=case.case_no, do=APPROVE)
