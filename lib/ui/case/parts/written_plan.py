"""The written plan of a major case in the form that offers it: the one attached, or one made of what is entered."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from lib.documents.printing import make_plan
from lib.domain.records.case import Case
from lib.domain.rules.workflow import Move
from lib.i18n import current_language, t
from lib.services.parts import plans
from lib.services.parts.evidence import File
from lib.ui.session.page import Here
from lib.ui.widgets import refusals
from lib.ui.widgets.forms import OpenForm
from lib.ui.words.markdown import plain

FIELD = "written_plan"
Make = Callable[[], File | None]
"""Makes the file when the form is saved, None where none is to be made."""


def ask(here: Here, case: Case, move: Move, values: dict[str, Any], form: OpenForm[Case], *, key: str) -> Make:
    """Says which plan goes to the client, and offers to make one where the move needs it and none is attached."""
    if not plans.needs_document(move, case):
        return _nothing
    attached = plans.document(here.desk, case)
    if attached is not None:
        words = t("Written plan: {name}", name=plain(attached.name))
        st.markdown(f":green[:material/task:] {words}")
        return _nothing
    st.caption(
        t("A case of this priority needs a written plan. Attach one under Evidence as “{kind}”, or have it made here.",
          kind=here.label("evidence_kind", "plan"))
    )  # fmt: skip
    wanted = st.toggle(t("Make the written plan of what is entered here (PDF)"), value=True, key=f"{key}.{FIELD}")
    if not wanted:
        refusals.mark(form.problems.get(FIELD), wanted)
    language = current_language()

    def make() -> File:
        content = make_plan(here.desk, actor=here.actor, case_no=case.case_no, language=language, values=values)
        return f"{case.case_no}-plan.pdf", content

    return make if wanted else _nothing


def _nothing() -> None:
    return None
