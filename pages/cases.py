"""Cases 案件: every case this person may see, filtered, as table, list or board."""

from lib.analytics.case_filter import choose
from lib.ui import cases_filter, cases_view
from lib.ui.page import begin_page

here = begin_page("case.view")
wanted = cases_filter.current(here)
chosen = choose(here.desk, wanted, actor=here.actor, now=here.now)
cases_view.show_head(here, wanted)
cases_filter.show(here, wanted, chosen)
cases_view.show_cases(here, wanted, chosen)
