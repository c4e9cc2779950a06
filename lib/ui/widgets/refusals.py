"""What a form that was refused still lacks: said at the field, and summed up below."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.errors import InvalidFields, Problem
from lib.ui.widgets.messages import show_error
from lib.words.names import reason_words


def is_mended(problem: Problem, value: Any) -> bool:
    """Whether what was missing has been filled in since; of anything else only the next try to save can tell."""
    filled = value is not None and (not isinstance(value, str) or value.strip() != "")
    return problem.code == "missing" and filled


def mark(problem: Problem | None, value: Any) -> None:
    """The reason below its field."""
    if problem is not None and not is_mended(problem, value):
        st.markdown(f":red[:material/error: {reason_words(problem.code, problem.facts)}]")


def show(refused: InvalidFields | None, values: Mapping[str, Any]) -> None:
    """What is still to be put right, in one place."""
    if refused is None:
        return
    still = [problem for problem in refused.problems if not is_mended(problem, values.get(problem.field))]
    if still:
        show_error(InvalidFields(refused.tab, still))
