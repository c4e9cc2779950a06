"""What the pages for clients share: one column, the telephone, links to keep, and limits against too many attempts."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from lib.auth.rate_limit import RateLimiter
from lib.desk.desk import Desk
from lib.domain.text import phones
from lib.i18n import t
from lib.ui.frame import links
from lib.ui.session.device import client_address
from lib.ui.widgets import qr
from lib.ui.words.markdown import plain

WIDTH = 640  # pixels: a comfortable line on the desktop, the full width on a telephone

# Generous for an address, because a whole mobile network may come from one; strict for one case, whose four digits
# could be tried out.
LIMITS = {
    "report": RateLimiter(10, 10 / 600),
    "track": RateLimiter(20, 20 / 600),
    "track.case": RateLimiter(8, 8 / 3600),
    "survey": RateLimiter(20, 20 / 600),
}


@contextmanager
def column() -> Iterator[None]:
    """The one column of a public page: in the middle of a wide screen, all of a narrow one."""
    with st.container(horizontal_alignment="center"), st.container(width=WIDTH):
        yield


def allowed(action: str, key: str = "") -> bool:
    """Whether one more attempt is let through, counted by `key` or else by the address it comes from.

    Says why not, when not.
    """
    if LIMITS[action].allow(key or client_address()):
        return True
    st.warning(
        t("Wait a few minutes and try again, or call us. What you typed is still here."),
        title=t("Too many attempts"),
        icon=":material/hourglass_top:",
    )
    return False


def service_phone(desk: Desk) -> str:
    """The agency's telephone as a link that dials; for Markdown."""
    number = desk.settings.service_phone
    dialled = ("+" if number.startswith("+") else "") + phones.digits(number)
    return f"[:material/call: {plain(number)}](tel:{dialled})"


def show_link(address: str, *, what: str, to_staff: bool = True) -> None:
    """An address to keep or to pass on: as a QR code to scan, and as text to copy. Staff is told where clients cannot
    open it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(qr.png(address), width=180, alt=t("QR code: {what}", what=what))
        with st.container(width=380):
            st.caption(what)
            st.code(address, language=None, wrap_lines=True)
            if to_staff and (why := links.only_near(address)):
                st.caption(f":orange[:material/wifi_off: {why}]")
