"""What every answer tells the browser, from our routes and from Streamlit's own."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from lib.api.headers import Headers, content_policy
from lib.ui.session.browser_scripts import SCRIPTS, scripts_of_streamlit

pytestmark = pytest.mark.trial(22)


async def _page(scope: Any, receive: Any, send: Any) -> None:
    media = "application/pdf" if scope["path"] == "/api/print" else "text/plain"
    await PlainTextResponse("ok", media_type=media)(scope, receive, send)


def answer(path: str = "/", headers: dict[str, str] | None = None, scheme: str = "http") -> tuple[int, dict[str, str]]:
    """Status and headers of a request that has passed the middleware."""
    sent: list[Any] = []

    async def ask() -> None:
        scope = {
            "type": "http", "method": "GET", "path": path, "root_path": "", "scheme": scheme, "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        }  # fmt: skip

        async def send(message: Any) -> None:
            sent.append(message)

        await Headers(_page, SCRIPTS)(scope, Request(scope).receive, send)

    anyio.run(ask)
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_nobody_frames_a_page_and_nothing_is_sniffed_or_told_to_others() -> None:
    _, headers = answer()
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_only_scripts_that_are_known_run() -> None:
    policy = dict(part.split(" ", 1) for part in content_policy(SCRIPTS).split("; "))
    assert policy["default-src"] == "'self'"
    assert "unsafe-inline" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]
    for script in (*SCRIPTS,):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy["script-src"]
    assert policy["object-src"] == "'none'"
    assert policy["base-uri"] == policy["form-action"] == "'self'"


def test_the_scripts_of_streamlits_own_page_are_found() -> None:
    assert any("prerenderReady" in script for script in scripts_of_streamlit())


def test_a_page_connects_to_its_own_host_alone() -> None:
    _, headers = answer(headers={"host": "desk.example.cn"})
    assert headers["content-security-policy"].endswith("connect-src 'self' ws://desk.example.cn wss://desk.example.cn")
    _, forged = answer(headers={"host": "x; script-src *"})
    assert forged["content-security-policy"].endswith("connect-src 'self'")


@pytest.mark.parametrize(
    ("headers", "scheme", "expected"),
    [({}, "http", False), ({}, "https", True), ({"x-forwarded-proto": "https"}, "http", True)],
)
def test_behind_https_the_browser_comes_back_by_https_only(
    headers: dict[str, str], scheme: str, expected: bool
) -> None:
    _, found = answer(headers=headers, scheme=scheme)
    assert ("strict-transport-security" in found) is expected


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/desk/_stcore/metrics", "/_stcore/agent/openapi.json"])
def test_nobody_is_told_about_the_server_and_its_visitors(path: str) -> None:
    status, headers = answer(path)
    assert status == 404
    assert "frame-ancestors" in headers["content-security-policy"]


@pytest.mark.parametrize(("path", "kept"), [("/media/a.csv", False), ("/api/print", False), ("/static/js/a.js", True)])
def test_files_of_cases_stay_in_no_cache(path: str, kept: bool) -> None:
    assert (answer(path)[1].get("cache-control") != "no-store") is kept


@pytest.mark.trial(20)
@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
def test_a_link_on_another_site_signs_nobody_out_of_openid(site: str, status: int) -> None:
    assert answer("/auth/logout", {"sec-fetch-site": site})[0] == status
    assert answer("/cases", {"sec-fetch-site": site})[0] == 200


def test_a_pdf_is_framed_by_nobody_and_may_be_shown_by_a_viewer() -> None:
    policy = answer("/api/print")[1]["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "object-src" not in policy


UI = Path(__file__).parents[2] / "lib" / "ui"


@pytest.mark.parametrize("path", sorted(UI.glob("**/*.py")), ids=lambda path: path.stem)
def test_scripts_stand_in_one_place(path: Path) -> None:
    """The policy lets only those run that are listed there."""
    assert "unsafe_allow_javascript" not in path.read_text(encoding="utf-8") or path.stem == "browser_scripts"
