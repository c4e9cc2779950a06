"""Track a case 进度查询: what clients may see of their own case."""

from lib.ui.frame import public_page
from lib.ui.public.track import show_case, show_search, tracked_case
from lib.ui.session.page import begin_public_page

here = begin_public_page()
with public_page.column():
    found = tracked_case(here)
    if found:
        show_case(here, found)
    else:
        show_search(here)
