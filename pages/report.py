"""Report a problem 我要反映: what clients send by themselves, at any hour."""

from lib.ui.frame import public_page
from lib.ui.public.report import reported_case, show_form, show_receipt
from lib.ui.session.page import begin_public_page

here = begin_public_page()
with public_page.column():
    case_no = reported_case(here)
    if case_no:
        show_receipt(here, case_no)
    else:
        show_form(here)
