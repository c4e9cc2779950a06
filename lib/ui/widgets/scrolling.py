"""Bringing a part of the page into view. Nothing native does this."""

import re
from collections.abc import Iterable

from lib.ui.session import browser_scripts


def enter(keys: Iterable[str]) -> None:
    """Bring the first of these widgets into view and put the cursor into it."""
    first = next(iter(keys), None)
    if first is not None:
        browser_scripts.enter(_class(first))


def begin(key: str) -> None:
    """Bring the beginning of what may be taller than the window below the bar on top; the focus stays where it is."""
    browser_scripts.begin(_class(key))


def _class(key: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_-]", "-", key)
