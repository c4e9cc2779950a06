"""Serves a document to the browser's own viewer, from which people print it."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lib.app import process
from lib.auth.tokens import TokenError
from lib.desk.desk import Desk
from lib.documents import links
from lib.errors import CasesheetError, NotAllowed, NotFound
from lib.words.errors import explain

_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


def show(request: Request) -> Response:
    """The document of a link that the case page made. Not `async`: making it takes time, and writes History."""
    desk = process.opened()
    if desk is None:
        return PlainTextResponse("", status_code=503)
    try:
        wanted, content = _made(desk, request.query_params.get("token", ""))
    except TokenError:
        words = "链接已失效，请回到案件页面重新打开。\nThis link has ended. Open it again from the case."
        return PlainTextResponse(words, status_code=410, headers=_PRIVATE)
    except CasesheetError as failed:
        status = 404 if isinstance(failed, NotAllowed | NotFound) else 503
        return PlainTextResponse("\n".join(explain(failed)), status_code=status, headers=_PRIVATE)
    shown = {**_PRIVATE, "Content-Disposition": f'inline; filename="{wanted.file_name}"'}
    return Response(content, media_type="application/pdf", headers=shown)


def _made(desk: Desk, token: str) -> tuple[links.Wanted, bytes]:
    """Looks at the store before it refuses a genuine link, because another server may have saved a moment ago."""
    try:
        return _make(desk, token)
    except (NotAllowed, NotFound):
        process.look(desk)
        return _make(desk, token)


def _make(desk: Desk, token: str) -> tuple[links.Wanted, bytes]:
    actor, wanted = links.read(desk, token)
    return wanted, links.make(desk, wanted, actor=actor)
