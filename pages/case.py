"""Case 案件详情: everything about one case, and what may be done with it now."""

from lib.ui import case_actions, case_archive, case_header, case_linking, case_review, case_view
from lib.ui.emergencies import case_box
from lib.ui.page import begin_page

here = begin_page("case.view")
case = case_view.find(here)
case_header.show(here, case)
case_box.show(here, case)
case_review.show(here, case)
case_actions.show(here, case)
case_linking.show(here, case)
case_archive.show(here, case)
case_view.show_parts(here, case)
