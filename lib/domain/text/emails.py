"""E-mail addresses as the key by which people sign in."""

import re

from lib.domain.text.cleaning import folded

# One address, no display name. Whether it exists only a message can tell.
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@[^\s@.,;:<>()\[\]\"\\]+(?:\.[^\s@.,;:<>()\[\]\"\\]+)+")
_LONGEST = 254  # RFC 5321, as corrected by RFC 3696 erratum 1690


def canonical(text: str) -> str:
    """The form that is compared and kept: cleaned as every text is, in lower case."""
    return folded(text)


def is_valid(email: str) -> bool:
    """Whether a canonical text has the form of an address."""
    return len(email) <= _LONGEST and email.isprintable() and _ADDRESS.fullmatch(email) is not None
