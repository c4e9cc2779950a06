"""Settings 设置: people and roles, lists, the working calendar, and the workspace."""

from lib.ui.session.page import begin_page
from lib.ui.settings.view import show

here = begin_page("settings.view")
show(here)
