"""What a form that was refused still lacks: said at the field, summed up below, and the first of them is gone to."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from lib.errors import InvalidFields, Problem
from lib.ui.messages import show_error
from lib.wording import reason_words

_SCRIPT = """<script>
(() => {
  const place = document.querySelector(".st-key-%s");
  if (!place) return;
  place.scrollIntoView({behavior: "smooth", block: "center"});
  place.querySelector("input, textarea, button, [tabindex]")?.focus({preventScroll: true});
})();
</script>"""


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


def go_to(keys: Iterable[str]) -> None:
    """Bring the first of these widgets into view and put the cursor into it. Nothing native does this."""
    first = next(iter(keys), None)
    if first is not None:
        name = re.sub(r"[^a-zA-Z0-9_-]", "-", first)
        st.html(_SCRIPT % name, unsafe_allow_javascript=True)
