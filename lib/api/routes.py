"""HTTP beside the pages: the session cookie, and a health check for those who run the app."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from lib import running
from lib.api import printing
from lib.auth.sessions import COOKIE, cookie_attributes
from lib.services.accounts import SESSION_AGE


async def keep_session(request: Request) -> Response:
    """Put the session that the sign-in page has just opened into the browser's cookie; a code works once."""
    handed = running.handoff.take(request.query_params.get("code", ""))
    if handed is None:
        return Response(status_code=410)
    response = Response(status_code=204)
    https = request.headers.get("x-forwarded-proto", request.url.scheme) == "https"
    response.set_cookie(value=handed.session_cookie, **cookie_attributes(https=https, max_age=SESSION_AGE))
    return response


async def end_session(_request: Request) -> Response:
    """Forget the session of this browser and go to the front door."""
    response = RedirectResponse("../", status_code=303)
    response.delete_cookie(COOKIE, path="/")
    return response


async def health(_request: Request) -> Response:
    """Whether the workspace is open and the store answered when it was last asked; `age`: seconds since it last did.

    Says nothing of the data.
    """
    desk = running.opened()
    if desk is None:
        return JSONResponse({"status": "down"}, status_code=503)
    failing = running.presence.problem is not None
    told = {"status": "stale" if failing else "ok", "seq": desk.snapshot.seq, "age": round(running.presence.age)}
    return JSONResponse(told, status_code=503 if failing else 200)


def routes(base: str = "") -> list[BaseRoute]:
    """`base`: the path below which the pages are served (`server.baseUrlPath`), with or without slashes."""
    root = f"/{base.strip('/')}".rstrip("/")
    return [
        Route(f"{root}/auth/keep", keep_session, methods=["POST"]),
        Route(f"{root}/auth/end", end_session, methods=["GET", "POST"]),
        Route(f"{root}/api/health", health),
        Route(f"{root}/api/print", printing.show),
    ]
