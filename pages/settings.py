"""Settings 设置: people and roles, lists, the working calendar, the workspace, and the health of the data."""

from lib.ui.page import begin_page
from lib.ui.settings_view import show

show(begin_page("settings.view"))
