"""Case 案件详情: everything about one case, and what may be done with it now."""

from lib.ui.case import header, view
from lib.ui.case.steps import actions, archive, linking, review
from lib.ui.emergencies import case_box
from lib.ui.session.page import begin_page

here = begin_page("case.view")
case = view.find(here)
header.show(here, case)
case_box.show(here, case)
review.show(here, case)
actions.show(here, case)
linking.show(here, case)
archive.show(here, case)
view.show_parts(here, case)
