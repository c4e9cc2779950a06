"""Data health 数据体检: every problem in the data, putting it right, and bringing deleted rows back."""

from lib.ui.data.health import show
from lib.ui.session.page import begin_page

here = begin_page("settings.view")
show(here)
