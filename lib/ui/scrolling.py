"""Bringing a part of the page into view. Nothing native does this."""

import re
from collections.abc import Iterable

import streamlit as st

_SCRIPT = """<script>
(() => {
  const place = document.querySelector(".st-key-%s");
  if (!place) return;
  %s
})();
</script>"""
_ENTER = """place.scrollIntoView({behavior: "smooth", block: "center"});
  place.querySelector("input, textarea, button, [tabindex]")?.focus({preventScroll: true});"""
_BEGIN = """place.style.scrollMarginTop = "4rem";
  place.scrollIntoView({behavior: "smooth", block: "start"});"""


def enter(keys: Iterable[str]) -> None:
    """Bring the first of these widgets into view and put the cursor into it."""
    first = next(iter(keys), None)
    if first is not None:
        _run(first, _ENTER)


def begin(key: str) -> None:
    """Bring the beginning of what may be taller than the window below the bar on top; the focus stays where it is."""
    _run(key, _BEGIN)


def _run(key: str, act: str) -> None:
    name = re.sub(r"[^a-zA-Z0-9_-]", "-", key)
    st.html(_SCRIPT % (name, act), unsafe_allow_javascript=True)
