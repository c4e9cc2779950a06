"""Home 工作台: what I must do today."""

from lib.services.agenda import agenda
from lib.ui.home_view import choose_scope, show_counts, show_next
from lib.ui.page import begin_page

here = begin_page("home.view")
today = agenda(here.desk, actor=here.actor, everybody=choose_scope(here))
show_next(here, today, show_counts(here, today))
