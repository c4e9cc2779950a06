"""A Google Sheets and Drive server on the loopback interface, which keeps state and answers as Google does.

`python -m tests.google.server --port 8899 [--quota-reads 60 --quota-writes 60] [--latency 80] [--state sheets.json]`

Who calls is told by the bearer token: `owner` is the owner of whatever file is asked for; any other token is the
caller's e-mail address (`app` stands for app@loopback.test). A file belongs to whoever created it; others need a
permission.
`POST /token` gives a service account (its token_uri pointing here) its e-mail address as token.

`POST /_control` takes a JSON object with any of these keys, done in this order:
  reset      list of log, faults, quota
  quota      {"reads": 60, "writes": 60, "retry_after": 1}   requests a minute and user; null is no limit
  latency_ms 80
  rules      fields of batch.Rules: what Google leaves undocumented
  fault      fields of control.Fault, or a list of such
  manager    [["set", {"range": "案件!B2", "values": [["x"]]}], ["sort", {"tab": "案件", "column": "A"}], ...]
             methods of control.Manager; with `spreadsheet` (id; may be left out when there is one) and `user`
`GET /_control` lists the spreadsheets, `GET /_control/log` gives the counted requests.
"""

import argparse
import base64
import json
import signal
import socket
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.google import sheets_api
from tests.google.batch.batch import Body
from tests.google.book.workbook import Workbook
from tests.google.control import Fault, Faults, Log, Manager, Quota
from tests.google.drive import drive_api
from tests.google.drive.discovery import Checker, masked
from tests.google.drive.drive import OWNER_TOKEN, Store
from tests.google.errors import GoogleError, injected, invalid, unauthenticated, violation


class Dropped(Exception):
    """The connection is to be closed without an answer, after so many seconds."""

    def __init__(self, after: float) -> None:
        super().__init__(after)
        self.after = after


class BadAnswer(Exception):
    """This server made an answer that the discovery document does not know: a mistake in tests/google."""


class Google:
    """The service without its transport: takes requests apart, applies faults and quota, calls the API."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.faults, self.quota, self.log = Faults(), Quota(), Log()
        self.latency = 0.0
        self._sheets, self._drive = Checker("sheets.v4"), Checker("drive.v3")

    def answer(self, verb: str, target: str, token: str | None, content: bytes) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers.

        Raises: Dropped when the caller is to get none.
        """
        if target.startswith("/_control"):
            return self._control(verb, target, content)
        entry: Body = {"method": verb, "target": target, "kind": "other", "bytes_in": len(content)}
        started = time.monotonic()
        try:
            status, body, headers = self._faulty(verb, target, token, content, entry)
        except GoogleError as error:
            status, body, headers = error.code, _dumps(error.body), error.headers
        except Dropped:
            self.log.add(**entry, status=0, bytes_out=0, seconds=time.monotonic() - started)
            raise
        self.log.add(**entry, status=status, bytes_out=len(body), seconds=time.monotonic() - started)
        return status, body, headers

    def _faulty(
        self, verb: str, target: str, token: str | None, content: bytes, entry: Body
    ) -> tuple[int, bytes, dict[str, str]]:
        time.sleep(self.latency)
        fault = self.faults.take(verb, unquote(target))
        if fault and fault.manager:
            self._manager(fault.spreadsheet, None).play(fault.manager)
        if fault and fault.when == "before":
            entry["fault"] = "before"
            _strike(fault)
            if fault.body is not None:
                return fault.status or 200, fault.body.encode(), {}
        answer = self._carry_out(verb, target, token, content, entry)
        if fault and fault.when == "after":
            entry["fault"] = "after"
            _strike(fault)
        if fault and fault.body is not None:
            return fault.status or 200, fault.body.encode(), {}
        return answer

    def _carry_out(
        self, verb: str, target: str, token: str | None, content: bytes, entry: Body
    ) -> tuple[int, bytes, dict[str, str]]:
        parts = urlsplit(target)
        params = parse_qs(parts.query, keep_blank_values=True)
        if parts.path == "/token":
            entry["kind"] = "token"
            return _token(content)
        email = email_of(token)
        entry["user"] = email
        if parts.path.startswith("/v4/"):
            return self._call_sheets(verb, parts.path, params, email, content, entry)
        entry["kind"] = "drive"
        return self._call_drive(verb, parts.path, params, email, content)

    def _call_sheets(
        self, verb: str, path: str, params: dict[str, list[str]], email: str, content: bytes, entry: Body
    ) -> tuple[int, bytes, dict[str, str]]:
        for route in reversed(sheets_api.ROUTES):
            match = route.path.fullmatch(path)
            if match is None or route.verb != verb:
                continue
            entry["kind"], entry["call"] = route.kind, route.method
            self.quota.spend(route.kind, email)
            typed = self._sheets.query(route.method, params)
            described = self._sheets.method(route.method)
            body = self._sheets_body(described, content)
            names = {name: unquote(text) for name, text in match.groupdict().items()}
            answer = route.handler(sheets_api.Call(self.store, email, names, typed, body, self._sheets))
            return 200, self._checked(described["response"]["$ref"], answer, typed.get("fields")), {}
        raise GoogleError(404, {"code": 404, "message": f"No call {verb} {path} here.", "status": "NOT_FOUND"})

    def _sheets_body(self, described: Body, content: bytes) -> Body:
        if "request" not in described:
            return {}
        body = _parsed(content)
        path = "data" if described["request"]["$ref"] == "ValueRange" else ""
        return self._sheets.message(described["request"]["$ref"], body, path)

    def _checked(self, schema: str, answer: Any, fields: str | None) -> bytes:
        """The answer as JSON, checked against the discovery document and masked."""
        if isinstance(answer, sheets_api.Ready):
            _refuse_bad_answer(self._sheets, schema, answer.skeleton)
            return answer.content
        _refuse_bad_answer(self._sheets, schema, answer)
        return _dumps(masked(answer, self._sheets.mask(schema, fields)) if fields else answer)

    def _call_drive(
        self, verb: str, path: str, params: dict[str, list[str]], email: str, content: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        for route in drive_api.ROUTES:
            match = route.path.fullmatch(path)
            if match is None or route.verb != verb:
                continue
            body = {} if path.startswith("/upload/") else _parsed(content)
            last = {name: texts[-1] for name, texts in params.items()}
            call = drive_api.Call(self.store, email, match.groupdict(), last, body, self._drive, content)
            answer = route.handler(call)
            if answer is None:
                return 204, b"", {}
            if isinstance(answer, drive_api.Download):
                return 200, answer.content, {"Content-Type": answer.mime}
            if route.schema:
                _refuse_bad_answer(self._drive, route.schema, answer)
            return 200, _dumps(answer), {}
        raise GoogleError(404, {"code": 404, "message": f"No call {verb} {path} here."})

    # Control

    def _manager(self, spreadsheet_id: str | None, user: str | None) -> Manager:
        if spreadsheet_id is None:
            (spreadsheet_id,) = self.store.files
        return Manager(self.store, spreadsheet_id, user or OWNER_TOKEN)

    def _control(self, verb: str, target: str, content: bytes) -> tuple[int, bytes, dict[str, str]]:
        if verb == "GET":
            return 200, _dumps(self.log.summary() if target.startswith("/_control/log") else self._overview()), {}
        try:
            return 200, _dumps({"results": self.control(json.loads(content))}), {}
        except GoogleError as error:
            return error.code, _dumps(error.body), {}
        except (LookupError, TypeError, ValueError) as problem:
            return 400, _dumps({"error": {"code": 400, "message": repr(problem)}}), {}

    def _overview(self) -> Body:
        files = [
            {"id": f.book.id, "title": f.book.properties["title"], "owner": f.owner, "version": f.version}
            | {"tabs": [sheet.title for sheet in f.book.sheets]}
            for f in self.store.files.values()
        ]
        return {"spreadsheets": files, "faults_waiting": self.faults.waiting}

    def control(self, wanted: Body) -> list[Any]:
        """Does what a control request asks; the manager's results."""
        known = {"reset", "quota", "latency_ms", "rules", "fault", "manager", "spreadsheet", "user"}
        if unknown := set(wanted) - known:
            raise ValueError(f"unknown keys {sorted(unknown)}")
        for part in wanted.get("reset", []):
            {"log": self.log.reset, "faults": self.faults.clear, "quota": self.quota.refill}[part]()
        if "quota" in wanted:
            self.quota = Quota(**wanted["quota"])
        if "latency_ms" in wanted:
            self.latency = wanted["latency_ms"] / 1000
        for name, value in wanted.get("rules", {}).items():
            if not hasattr(self.store.rules, name):
                raise ValueError(f"unknown rule {name}")
            setattr(self.store.rules, name, value)
        faults = wanted.get("fault", [])
        for fault in faults if isinstance(faults, list) else [faults]:
            self.faults.add(Fault(**fault))
        if "manager" in wanted:
            return self._manager(wanted.get("spreadsheet"), wanted.get("user")).play(wanted["manager"])
        return []


def _strike(fault: Fault) -> None:
    time.sleep(fault.delay)
    if fault.drop or fault.hang:
        raise Dropped(fault.hang)
    if fault.status and fault.body is None:
        raise injected(fault.status, fault.retry_after)


def _refuse_bad_answer(checker: Checker, schema: str, answer: Body) -> None:
    try:
        checker.message(schema, answer)
    except GoogleError as error:
        raise BadAnswer(f"{schema}: {error}") from error


def email_of(token: str | None) -> str:
    """The caller that a bearer token stands for."""
    if not token:
        raise unauthenticated()
    return token if "@" in token or token == OWNER_TOKEN else f"{token}@loopback.test"


def _token(content: bytes) -> tuple[int, bytes, dict[str, str]]:
    """A service account's signed claim for its e-mail address; the signature is not checked."""
    claim = parse_qs(content.decode()).get("assertion", [""])[-1].split(".")
    if len(claim) != 3:
        return 400, _dumps({"error": "invalid_grant", "error_description": "Bad Request"}), {}
    payload = json.loads(base64.urlsafe_b64decode(claim[1] + "=" * (-len(claim[1]) % 4)))
    return 200, _dumps({"access_token": payload["iss"], "expires_in": 3599, "token_type": "Bearer"}), {}


def _parsed(content: bytes) -> Any:
    if not content:
        return {}
    try:
        return json.loads(content)
    except ValueError:
        message = f"Invalid JSON payload received. Unexpected token.\n{content[:40].decode(errors='replace')}\n^"
        raise violation("", message) from None


def _dumps(value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:
        raise invalid("The answer holds a number that JSON cannot write.") from None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def handle_any(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        try:
            bearer = token.strip() if scheme.lower() == "bearer" else None
            status, body, headers = self.server.google.answer(self.command, self.path, bearer, content)
        except Dropped as dropped:
            self.server.stopping.wait(dropped.after)
            self.close_connection = True
            return
        self.send_response_only(status)
        headers = {"Content-Type": "application/json; charset=UTF-8"} | headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def log_message(self, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, port: int, google: Google) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.google = google
        self.problems: list[str] = []
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is no problem; anything else is a mistake in tests/google."""
        if not isinstance(sys.exception(), ConnectionError):
            self.problems.append(traceback.format_exc())
            sys.stderr.write(self.problems[-1])

    def hang_up(self) -> None:
        """Ends the connections that callers keep open."""
        self.stopping.set()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the caller was quicker


class SheetsServer:
    """The server in a thread of this process.

    with SheetsServer() as sheets:
        spreadsheet = sheets.client("app").create("案件台账")
        sheets.fault(status=503, when="after", path=":batchUpdate")
        sheets.manager(spreadsheet.id).sort("Sheet1", "A")
    """

    def __init__(self, port: int = 0, *, state: Path | None = None) -> None:
        self.store = Store(state)
        self.google = Google(self.store)
        self._http = _Server(port, self.google)
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True),
            threading.Thread(target=self.store.save_until, args=(self._ended,), daemon=True),
        ]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def start(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        self._ended.set()
        self._http.shutdown()
        self._http.hang_up()
        for thread in self._threads:
            thread.join()
        self._http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop()
        if self._http.problems and kind is None:
            raise BadAnswer("the server failed:\n" + "\n".join(self._http.problems))

    # What tests use

    @property
    def log(self) -> Log:
        return self.google.log

    def client(self, token: str = "app") -> Any:
        """A gspread client that calls here."""
        from tests.google.client import loopback_client

        return loopback_client(self.url, token)

    def create(self, title: str, *, owner: str = "owner@loopback.test", share: tuple[str, ...] = ()) -> str:
        """The id of a new spreadsheet, open to writers with those e-mail addresses."""
        file = self.store.create(owner, {"title": title})
        for email in share:
            self.manager(file.book.id).share(email)
        return file.book.id

    def workbook(self, spreadsheet_id: str | None = None) -> Workbook:
        """What is stored now; for reading only."""
        return self.manager(spreadsheet_id).book

    def manager(self, spreadsheet_id: str | None = None, user: str = OWNER_TOKEN) -> Manager:
        if spreadsheet_id is None:
            (spreadsheet_id,) = self.store.files
        return Manager(self.store, spreadsheet_id, user)

    def fault(self, **fault: Any) -> None:
        """Fields of control.Fault."""
        self.google.faults.add(Fault(**fault))

    def quota(self, *, reads: int | None = None, writes: int | None = None, retry_after: int | None = None) -> None:
        self.google.quota = Quota(reads, writes, retry_after)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.google.server", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--quota-reads", type=int, help="read requests a minute and user (Google: 60)")
    parser.add_argument("--quota-writes", type=int, help="write requests a minute and user (Google: 60)")
    parser.add_argument("--retry-after", type=int, help="seconds named in the Retry-After header of a 429")
    parser.add_argument("--latency", type=float, default=0, help="milliseconds before each answer")
    parser.add_argument("--state", type=Path, help="JSON file that keeps the spreadsheets between runs")
    options = parser.parse_args()
    sheets = SheetsServer(options.port, state=options.state)
    sheets.quota(reads=options.quota_reads, writes=options.quota_writes, retry_after=options.retry_after)
    sheets.google.latency = options.latency / 1000
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with sheets:
        print(f"Sheets and Drive on {sheets.url}", flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
