"""Settings 设置: people and roles, lists, the working calendar, and the workspace."""

from lib.ui.page import begin_page
from lib.ui.settings_view import show

here = begin_page("settings.view")
show(here)
