"""Cases 案件: every case this person may see, filtered, as table, list or board."""

from lib.services.data.case_filter import choose
from lib.ui.cases import filters, view
from lib.ui.session.page import begin_page

here = begin_page("case.view")
wanted = filters.current(here)
chosen = choose(here.desk, wanted, actor=here.actor, now=here.now)
view.show_head(here, wanted)
filters.show(here, wanted, chosen)
view.show_cases(here, wanted, chosen)
