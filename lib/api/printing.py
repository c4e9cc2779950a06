"""A document in the browser's own viewer, from where it is printed."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lib import running
from lib.auth.tokens import TokenError
from lib.documents import links
from lib.errors import CasesheetError, NotAllowed, NotFound
from lib.wording import explain

_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


def show(request: Request) -> Response:
    """The document of a link that the case page made. Not `async`: making it takes time, and writes History."""
    desk = running.opened()
    if desk is None:
        return PlainTextResponse("", status_code=503)
    try:
        actor, wanted = links.read(desk, request.query_params.get("token", ""))
        content = links.make(desk, wanted, actor=actor)
    except TokenError:
        words = "链接已失效，请回到案件页面重新打开。\nThis link has ended. Open it again from the case."
        return PlainTextResponse(words, status_code=410, headers=_PRIVATE)
    except CasesheetError as failed:
        status = 404 if isinstance(failed, NotAllowed | NotFound) else 503
        return PlainTextResponse("\n".join(explain(failed)), status_code=status, headers=_PRIVATE)
    shown = {**_PRIVATE, "Content-Disposition": f'inline; filename="{wanted.file_name}"'}
    return Response(content, media_type="application/pdf", headers=shown)
