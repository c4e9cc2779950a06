"""The bodies in which Google words a refusal."""

from typing import Any

PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)


class GoogleError(Exception):
    """An answer other than 200: the status, the JSON body and headers such as Retry-After."""

    def __init__(self, code: int, error: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{code} {error.get('message', '')}")
        self.code = code
        self.body = {"error": error}
        self.headers = headers or {}


class Refusal(Exception):
    """One request of a batch that cannot be carried out; the batch words it with the request's place and kind."""


def _plain(code: int, status: str, message: str, headers: dict[str, str] | None = None, **more: Any) -> GoogleError:
    return GoogleError(code, {"code": code, "message": message, "status": status, **more}, headers)


def invalid(message: str) -> GoogleError:
    return _plain(400, "INVALID_ARGUMENT", message)


def violation(field: str, message: str, *, headline: str | None = None) -> GoogleError:
    detail = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": field, "description": message} if field else {"description": message}],
    }
    return _plain(400, "INVALID_ARGUMENT", headline or message, details=[detail])


def bad_mask(path: str) -> GoogleError:
    message = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    return violation(path, message, headline="Request contains an invalid argument.")


def unauthenticated() -> GoogleError:
    message = (
        "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or "
        "other valid authentication credential. "
        "See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    return _plain(401, "UNAUTHENTICATED", message)


def denied() -> GoogleError:
    return _plain(403, "PERMISSION_DENIED", "The caller does not have permission")


def missing() -> GoogleError:
    return _plain(404, "NOT_FOUND", "Requested entity was not found.")


def drive_missing(file_id: str) -> GoogleError:
    message = f"File not found: {file_id}."
    reason = {
        "domain": "global",
        "reason": "notFound",
        "message": message,
        "locationType": "parameter",
        "location": "fileId",
    }
    return GoogleError(404, {"errors": [reason], "code": 404, "message": message})


def drive_denied(file_id: str) -> GoogleError:
    message = f"The user does not have sufficient permissions for file {file_id}."
    reason = {"domain": "global", "reason": "insufficientFilePermissions", "message": message}
    return GoogleError(403, {"errors": [reason], "code": 403, "message": message})


def out_of_quota(kind: str, limit: int, retry_after: int | None = None) -> GoogleError:
    """`kind` is Read or Write."""
    consumer = "project_number:100000000001"
    message = (
        f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute per user' "
        f"of service 'sheets.googleapis.com' for consumer '{consumer}'."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "quota_limit": f"{kind}RequestsPerMinutePerUser",
            "quota_unit": "1/min/{project}/{user}",
            "quota_location": "global",
            "quota_limit_value": str(limit),
            "consumer": "projects/100000000001",
            "service": "sheets.googleapis.com",
            "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
        },
    }
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else None
    return _plain(429, "RESOURCE_EXHAUSTED", message, headers, details=[info])


def injected(code: int, retry_after: int | None = None) -> GoogleError:
    """The body that belongs to a status which a test asked for."""
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else None
    match code:
        case 401:
            return unauthenticated()
        case 403:
            return denied()
        case 404:
            return missing()
        case 429:
            return out_of_quota("Write", 60, retry_after)
        case 500:
            return _plain(500, "INTERNAL", "Internal error encountered.", headers)
        case 503:
            return _plain(503, "UNAVAILABLE", "The service is currently unavailable.", headers)
    return _plain(code, "UNKNOWN", f"Injected status {code}.", headers)
