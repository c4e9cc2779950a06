"""The claims of an OpenID Connect provider about an account (OpenID Connect Core 1.0), and whether it is accepted."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

DISCOVERY: Final = "/.well-known/openid-configuration"


class Unvouched(ValueError):
    """The claims are not accepted: `code` is "issuer", "tenant", "unverified", or "undated" (no time of issue)."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The trusted issuers as in `iss`, and tenants as in Microsoft's `tid` or Google's `hd` (all where empty).

    `verifying` are issuers that do not send `email_verified` and whose addresses are trusted anyway: those of
    one organisation, whose administrators give out the addresses.
    """

    issuers: frozenset[str]
    tenants: frozenset[str] = frozenset()
    verifying: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Vouched:
    """An account that the provider vouches for. `key` names this one sign-in."""

    email: str
    key: str
    issued_at: datetime


def vouched(claims: Mapping[str, Any], accepted: Accepted) -> Vouched:
    """The account of the ID token whose claims these are. Raises Unvouched."""
    issuer = str(claims.get("iss", ""))
    if issuer not in accepted.issuers:
        raise Unvouched("issuer")
    if accepted.tenants and not accepted.tenants & {claims.get("tid"), claims.get("hd")}:
        raise Unvouched("tenant")
    if not _is_verified(claims, issuer, accepted) or not claims.get("email"):
        raise Unvouched("unverified")
    return Vouched(str(claims["email"]), _key(claims), _issued_at(claims))


def issuer_of(metadata_url: str) -> str:
    """The issuer whose discovery document has this address (OpenID Connect Discovery 1.0, section 4)."""
    return metadata_url.removesuffix(DISCOVERY)


def _is_verified(claims: Mapping[str, Any], issuer: str, accepted: Accepted) -> bool:
    said = claims.get("email_verified")
    return said is True or (said is None and issuer in accepted.verifying)


def _issued_at(claims: Mapping[str, Any]) -> datetime:
    match claims.get("iat"):
        case bool() | None:
            raise Unvouched("undated")
        case int() | float() as seconds if 0 < seconds < 1e11:
            return datetime.fromtimestamp(seconds, UTC)
    raise Unvouched("undated")


def _key(claims: Mapping[str, Any]) -> str:
    parts = "\n".join(str(claims.get(name, "")) for name in ("iss", "sub", "iat", "nonce"))
    return hashlib.sha256(parts.encode()).hexdigest()[:24]
