"""Satisfaction survey 满意度评价: one screen behind a signed link that works once."""

from lib.ui import public_page
from lib.ui.page import begin_public_page
from lib.ui.survey_view import opened_survey, show_survey

here = begin_public_page()
with public_page.column():
    survey = opened_survey(here)
    if survey:
        show_survey(here, survey)
