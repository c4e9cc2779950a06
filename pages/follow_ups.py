"""Follow-ups 回访: whom to call, and what came of it."""

from lib.services.aftercare.follow_ups import due
from lib.ui.aftercare.follow_ups import choose_part, choose_whose, show_list, show_planning
from lib.ui.session.page import begin_page

here = begin_page("follow_up.record")
whose = choose_whose(here)
agenda = due(here.desk, on=here.now.date(), assignee=whose)
part = choose_part(agenda)
show_planning(here)
show_list(here, part)
