"""Satisfaction survey 满意度评价: one screen behind a signed link that works once."""

from lib.ui.frame import public_page
from lib.ui.public.survey import opened_survey, show_survey
from lib.ui.session.page import begin_public_page

here = begin_public_page()
with public_page.column():
    survey = opened_survey(here)
    if survey:
        show_survey(here, survey)
