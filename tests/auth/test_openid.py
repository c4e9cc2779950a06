"""Which accounts of an OpenID Connect provider are let in."""

from datetime import UTC, datetime

import pytest

from lib.auth.openid import Accepted, Unvouched, issuer_of, vouched

GOOGLE = "https://accounts.google.com"
OURS = "https://login.microsoftonline.com/our-tenant/v2.0"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLAIMS = {"iss": GOOGLE, "sub": "1", "iat": int(AT.timestamp()), "email": "a@example.cn", "email_verified": True}
ACCEPTED = Accepted(frozenset({GOOGLE, OURS}))


def refused(claims: dict[str, object], accepted: Accepted = ACCEPTED) -> str:
    with pytest.raises(Unvouched) as caught:
        vouched({**CLAIMS, **claims}, accepted)
    return caught.value.code


def test_a_verified_address_of_an_accepted_issuer() -> None:
    found = vouched(CLAIMS, ACCEPTED)
    assert (found.email, found.issued_at) == ("a@example.cn", AT)


def test_another_sign_in_is_another_session() -> None:
    assert vouched(CLAIMS, ACCEPTED).key == vouched(dict(CLAIMS), ACCEPTED).key
    assert vouched(CLAIMS, ACCEPTED).key != vouched({**CLAIMS, "iat": CLAIMS["iat"] + 1}, ACCEPTED).key


@pytest.mark.trial(19)
@pytest.mark.parametrize("verified", [None, False, "true", 1, ""])
def test_an_address_that_is_not_said_to_be_verified_is_not(verified: object) -> None:
    assert refused({"email_verified": verified}) == "unverified"


@pytest.mark.trial(19)
def test_an_issuer_of_one_organisation_may_be_believed_by_name() -> None:
    accepted = Accepted(frozenset({GOOGLE, OURS}), verifying=frozenset({OURS}))
    silent = {"iss": OURS, "email_verified": None}
    assert vouched({**CLAIMS, **silent}, accepted).email == "a@example.cn"
    assert refused({"email_verified": None}, accepted) == "unverified"
    assert refused({**silent, "email_verified": False}, accepted) == "unverified"


@pytest.mark.trial(19)
@pytest.mark.parametrize("issuer", ["", "https://evil.example", GOOGLE + "/", GOOGLE.upper()])
def test_only_issuers_that_are_accepted(issuer: str) -> None:
    assert refused({"iss": issuer}) == "issuer"
    assert refused({}, Accepted(frozenset())) == "issuer"


@pytest.mark.trial(19)
def test_only_tenants_that_are_accepted() -> None:
    accepted = Accepted(frozenset({GOOGLE}), tenants=frozenset({"our-tenant", "example.cn"}))
    assert vouched({**CLAIMS, "tid": "our-tenant"}, accepted)
    assert vouched({**CLAIMS, "hd": "example.cn"}, accepted)
    assert refused({}, accepted) == refused({"tid": "other", "hd": ""}, accepted) == "tenant"


@pytest.mark.parametrize("iat", [None, True, "yesterday", -1, 1e30])
def test_without_a_time_of_issue_nobody_knows_how_old_it_is(iat: object) -> None:
    assert refused({"iat": iat}) == "undated"


@pytest.mark.parametrize(
    ("url", "issuer"),
    [
        ("https://accounts.google.com/.well-known/openid-configuration", GOOGLE),
        ("https://login.microsoftonline.com/our-tenant/v2.0/.well-known/openid-configuration", OURS),
    ],
)
def test_the_issuer_is_known_by_its_discovery_document(url: str, issuer: str) -> None:
    assert issuer_of(url) == issuer
