"""Passwords: Argon2 hashes, what a password must be, and one-time passwords that can be read out by phone."""

import secrets
import unicodedata
from enum import StrEnum
from functools import cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

MIN_LENGTH: Final = 10
MAX_LENGTH: Final = 256

_argon2: Final = PasswordHash((Argon2Hasher(),))

_READABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Lower case and digits without 0, o, 1, l and i; twelve of them are 59 bits."""

_COMMON: Final = frozenset(
    """
    0123456789 01234567890 1234567890 12345678910 123456789a 123456789q 1234567891 9876543210 0987654321
    a123456789 aa123456789 q123456789 qq123456789 abc123456789 abcd123456 abcdefghij abcdef123456 1q2w3e4r5t
    1qaz2wsx3edc 1qazxsw2 qazwsxedcr qwertyuiop qwerty1234 qwerty12345 asdfghjkl1 asdfghjkl; zxcvbnm123
    qwerty123456 password12 password123 password1234 passw0rd123 p@ssw0rd123 p@ssword123 mypassword letmein123
    welcome123 welcome1234 iloveyou12 iloveyou123 iloveyou520 woaini1314 woaini5201314 woaini520 woaini1314520
    5201314520 1314520520 5201314qaz admin12345 admin123456 administrator root123456 changeme123 casesheet1
    casesheet123
    """.split()  # noqa: SIM905  (a block of words is easier to read and extend)
)


class Weakness(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    IS_EMAIL = "is_email"
    COMMON = "common"


def hash_password(password: str) -> str:
    """Takes some 50 ms and 64 MB on purpose."""
    return _argon2.hash(_canonical(password))


def verify(password: str, password_hash: str | None) -> tuple[bool, str | None]:
    """Whether it is the password, and a new hash to keep where the parameters have changed since.

    Without a hash (no such person, or one who signs in elsewhere) the answer is no and takes as long as any
    other, so that the time does not tell which e-mail addresses exist.
    """
    try:
        ok, renewed = _argon2.verify_and_update(_canonical(password), password_hash or _decoy())
    except UnknownHashError:
        return False, None
    return (ok, renewed) if password_hash else (False, None)


def weaknesses(password: str, email: str) -> tuple[Weakness, ...]:
    """Every reason to refuse the password; () if it is acceptable."""
    plain = _normal(password)
    folded = plain.casefold()
    address = email.strip().casefold()
    found = {
        Weakness.TOO_SHORT: len(plain) < MIN_LENGTH,
        Weakness.TOO_LONG: len(plain) > MAX_LENGTH,
        Weakness.IS_EMAIL: bool(address) and folded.strip() in {address, address.partition("@")[0]},
        Weakness.COMMON: folded in _COMMON or len(set(folded)) <= 3,
    }
    return tuple(weakness for weakness, applies in found.items() if applies)


def one_time_password() -> str:
    """Such as "k7mq-x3tp-9wfa"."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))


def _normal(password: str) -> str:
    # A Chinese input method may give full-width letters for the same keys; NFKC makes them the same password.
    return unicodedata.normalize("NFKC", password)


def _canonical(password: str) -> bytes:
    return _normal(password).encode("utf-8", "surrogatepass")


@cache
def _decoy() -> str:
    return _argon2.hash(secrets.token_bytes(32))
