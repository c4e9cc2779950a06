"""Track a case 进度查询: what a client may see of her own case."""

from lib.ui import public_page
from lib.ui.page import begin_public_page
from lib.ui.track_view import show_case, show_search, tracked_case

here = begin_public_page()
with public_page.column():
    found = tracked_case(here)
    if found:
        show_case(here, found)
    else:
        show_search(here)
