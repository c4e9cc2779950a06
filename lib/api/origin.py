"""Whether a request that changes something was sent by one of our own pages (OWASP: cross-site request forgery)."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection


def is_https(connection: HTTPConnection) -> bool:
    """Whether the browser speaks HTTPS, to the app or to the proxy in front of it."""
    return connection.headers.get("x-forwarded-proto", connection.scope.get("scheme")) in ("https", "wss")


def is_own(connection: HTTPConnection, public_url: str = "") -> bool:
    """Checked by the browser's `Origin`, which must name this host, under its own name or that of the proxy in front of
    it.

    Every browser sends it with a POST; without it, or from a page that hides it ("null"), the answer is no. Another
    site's page can send neither of the other two headers.
    """
    origin = urlsplit(connection.headers.get("origin", ""))
    ours = {
        connection.headers.get("host", ""),
        connection.headers.get("x-forwarded-host", ""),
        urlsplit(public_url).netloc,
    }
    return origin.netloc != "" and origin.netloc.casefold() in {host.casefold() for host in ours}
