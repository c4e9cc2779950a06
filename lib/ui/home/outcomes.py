"""The reviews on the home page whose outcome the client is still to hear: what it was, and by when she hears it."""

from collections.abc import Sequence
from functools import partial

from lib.domain.records.case import Case
from lib.i18n import t
from lib.services.cases.review import TELL
from lib.ui.case.steps import review
from lib.ui.frame.app_pages import link
from lib.ui.home import box
from lib.ui.session.page import Here


def show(here: Here, cases: Sequence[Case]) -> None:
    """The earliest due, each with the button that opens its form."""
    title, text = t("Outcomes of reviews to be told"), partial(review.owed, here)
    box.show(title, "record_voice_over", cases, text=text, act=_lead)


def _lead(case: Case) -> None:
    link("case", t("Tell the client"), icon="arrow_forward", no=case.case_no, do=TELL)
