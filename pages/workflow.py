"""Workflow 流程图: the stages of a case, the steps between them, and where the cases stand."""

from lib.ui import workflow_view
from lib.ui.page import begin_page

here = begin_page("case.view")
workflow_view.show(here)
