"""The reviews on the home page whose outcome the client is still to hear: what it was, and by when she hears it."""

from collections.abc import Sequence
from functools import partial

from lib.domain.case import Case
from lib.i18n import t
from lib.services.reviewing import TELL
from lib.ui import case_review, home_box
from lib.ui.app_pages import link
from lib.ui.page import Here


def show(here: Here, cases: Sequence[Case]) -> None:
    """The earliest due, each with the button that opens its form."""
    title, text = t("Outcomes of reviews to be told"), partial(case_review.owed, here)
    home_box.show(title, "record_voice_over", cases, text=text, act=_lead)


def _lead(case: Case) -> None:
    link("case", t("Tell the client"), icon="arrow_forward", no=case.case_no, do=TELL)
