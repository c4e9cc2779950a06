"""Typed values in the form in which the workspace stores them."""

from lib.desk.desk import Desk
from lib.domain.text import phones
from lib.errors import Problem


def clean_phone(desk: Desk, text: str, *, field: str = "client_phone") -> tuple[str, Problem | None]:
    """A telephone number in its canonical form, or the reason why it is not valid."""
    if not text.strip():
        return "", None
    try:
        return phones.normalise(text, region=desk.settings.phone_region, hotlines=desk.settings.hotlines), None
    except phones.BadPhone as bad:
        return text, Problem(field, f"phone_{bad.reason}", text)
