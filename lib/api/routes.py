"""HTTP beside the pages: the session cookie, and a health check for those who run the app."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from lib.api import printing
from lib.api.signing import Signing
from lib.app import process


async def health(_request: Request) -> Response:
    """Whether the workspace is open and the store answered when it was last asked; `age`: seconds since it last did.

    Says nothing of the data.
    """
    desk = process.opened()
    if desk is None:
        return JSONResponse({"status": "down"}, status_code=503)
    failing = process.presence.problem is not None
    told = {"status": "stale" if failing else "ok", "seq": desk.snapshot.seq, "age": round(process.presence.age)}
    return JSONResponse(told, status_code=503 if failing else 200)


def routes(base: str = "") -> list[BaseRoute]:
    """`base`: the path below which the pages are served (`server.baseUrlPath`), with or without slashes."""
    root = f"/{base.strip('/')}".rstrip("/")
    signing = Signing(base)
    return [
        Route(f"{root}/auth/keep", signing.keep, methods=["POST"]),
        Route(f"{root}/auth/end", signing.end, methods=["POST"]),
        Route(f"{root}/api/health", health),
        Route(f"{root}/api/print", printing.show),
    ]
