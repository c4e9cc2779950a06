"""Home 工作台: what I must do today."""

from lib.services.work.agenda import agenda, urgent_cases
from lib.ui.emergencies import home_box
from lib.ui.home import alerts, outcomes, visits, waits
from lib.ui.home.view import choose_scope, show_counts, show_next, show_urgent
from lib.ui.session.page import begin_page

here = begin_page("home.view")
everybody = choose_scope(here)
home_box.show(here)
show_urgent(here, urgent_cases(here.desk, actor=here.actor))
today = agenda(here.desk, actor=here.actor, everybody=everybody)
chosen = show_counts(here, today)
if not chosen:  # what was asked for stands right below the counts
    alerts.show(here)
    visits.show(here, today.visits)
    outcomes.show(here, today.outcomes)
    waits.show(here, today.to_approve)
show_next(here, today, chosen)
