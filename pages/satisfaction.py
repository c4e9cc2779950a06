"""Satisfaction 满意度: whom to ask, who has not answered yet, and what the answers say."""

from lib.ui.aftercare.satisfaction import choose_part, show_results
from lib.ui.aftercare.survey_sending import show_to_send, show_waiting
from lib.ui.session.page import begin_page

here = begin_page("satisfaction.view")
part = choose_part(here)
if part == "send":
    show_to_send(here)
elif part == "waiting":
    show_waiting(here)
else:
    show_results(here)
