"""Workflow 流程图: the stages of a case, the steps between them, and where the cases stand."""

from lib.ui.session.page import begin_page
from lib.ui.settings import workflow

here = begin_page("case.view")
workflow.show(here)
