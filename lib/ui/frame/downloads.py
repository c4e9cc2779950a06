"""Files to be downloaded. Each is made when it is asked for: by whom the person is then, and for the page that drew it.

A download is asked for behind the back of the page, which may have been left open for hours; and whoever knows the
number of a prepared download could ask for it from a page of her own.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from lib.api.connections import HEADER, asking
from lib.app import process
from lib.domain.rules.permissions import Actor
from lib.errors import SessionEnded
from lib.ui.session.page import Here

Make = Callable[[Actor], bytes]
"""The content, given the actor as of now; its service checks what she may."""


def offer(here: Here, label: str, make: Make, *, name: str, media: str, key: str, **look: Any) -> None:
    """The button of one file. `look` is what else `st.download_button` takes."""
    drawn_for = st.context.headers.get(HEADER) or ""
    st.download_button(
        label,
        partial(_made, here, make, drawn_for),
        file_name=name,
        mime=media,
        key=key,
        on_click="ignore",
        **{"icon": ":material/download:", **look},
    )


def _made(here: Here, make: Make, drawn_for: str) -> bytes:
    """Raises SessionEnded where another page asks, or the person is not here any more."""
    if asking() != drawn_for:
        raise SessionEnded
    process.wake(here.desk)  # no page has run for it: the session may have ended while this server slept
    return make(here.actor)
