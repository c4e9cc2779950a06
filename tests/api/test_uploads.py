"""What Streamlit's own upload address takes: from a page that offers an uploader, within the limits it named."""

import ast
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.responses import Response

from lib.api import uploads
from lib.api.uploads import PUBLIC_TOTAL, Allowance, Allowances, Uploads

pytestmark = pytest.mark.trial(22)

UI = Path(__file__).parents[2] / "lib" / "ui"
MB = 1_048_576


def always() -> bool:
    return True


PHOTOS = Allowance(files=5, largest=8 * MB, may=always, public=True)


@pytest.fixture
def offers(monkeypatch: pytest.MonkeyPatch) -> Allowances:
    fresh = Allowances()
    monkeypatch.setattr(uploads, "allowances", fresh)
    return fresh


def ask(
    method: str = "PUT", file: str = "f1", size: str = "1000", *, page: str = "p", status: int = 204, stored: int = 0
) -> tuple[int, bool]:
    """The status of a request, and whether Streamlit saw it at all; `status` is its answer."""
    reached: list[bool] = []
    sent: list[Any] = []

    async def streamlit(scope: Any, receive: Any, send: Any) -> None:
        reached.append(True)
        await Response(status_code=status)(scope, receive, send)

    async def run() -> None:
        path = f"/desk/_stcore/upload_file/{page}/{file}"
        headers = [(b"content-length", size.encode())] if size else []
        scope = {"type": "http", "method": method, "path": path, "headers": headers}

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError("a refused upload is not read")

        await Uploads(streamlit, lambda: stored)(scope, receive, send)

    anyio.run(run)
    return sent[0]["status"], bool(reached)


def test_a_page_without_an_uploader_stores_nothing(offers: Allowances) -> None:
    assert ask() == (403, False)
    offers.give("another page", "files", PHOTOS)
    assert ask() == (403, False)


def test_six_times_49_mb_of_an_anonymous_visitor_are_refused(offers: Allowances) -> None:
    """The page for clients takes five files of 8 MB."""
    offers.give("p", "report.files", PHOTOS)
    assert {ask(file=f"f{number}", size=str(49 * MB)) for number in range(6)} == {(413, False)}
    taken = [ask(file=f"f{number}", size=str(8 * MB))[0] for number in range(6)]
    assert taken == [204] * 5 + [429]


def test_a_request_that_does_not_say_how_large_it_is_is_not_read(offers: Allowances) -> None:
    offers.give("p", "files", PHOTOS)
    assert [ask(size=size)[0] for size in ("", "-1", "1e9", "9" * 30)] == [411] * 4


def test_a_file_taken_away_or_refused_makes_room(offers: Allowances) -> None:
    offers.give("p", "files", PHOTOS)
    for number in range(5):
        ask(file=f"f{number}")
    assert ask(file="f5")[0] == 429
    assert ask("DELETE", "f0") == (204, True)
    assert ask(file="f5", status=400)[0] == 400
    assert ask(file="f6")[0] == 204
    assert ask(file="f6")[0] == 204, "the same file again takes no more room"


def test_whoever_is_signed_out_uploads_nothing_any_more(offers: Allowances) -> None:
    signed_in = [True]
    offers.give("p", "files", Allowance(20, 50 * MB, lambda: signed_in[0]))
    assert ask()[0] == 204
    signed_in.clear()
    signed_in.append(False)
    assert ask(file="f2") == (403, False)


def test_an_uploader_that_is_gone_takes_nothing_and_its_files_leave(offers: Allowances) -> None:
    offers.give("p", "old", PHOTOS)
    ask(file="f1")
    offers.chosen("p", "old", ["f1"])
    assert offers.finish("p") == frozenset()
    offers.give("p", "new", PHOTOS)
    assert ask(file="f2")[0] == 204, "while a run is under way both stand"
    assert offers.finish("p") == frozenset({"f1"})
    offers.finish("p")
    assert ask(file="f3") == (403, False)


def test_a_run_that_was_broken_off_takes_nothing_away(offers: Allowances) -> None:
    offers.give("p", "files", PHOTOS)
    offers.chosen("p", "files", ["f1"])
    offers.finish("p")
    offers.give("p", "files", PHOTOS)  # this run never comes to its end; the next one draws it again
    offers.give("p", "files", PHOTOS)
    assert offers.finish("p") == frozenset()
    assert ask()[0] == 204


def test_clients_files_do_not_fill_the_memory_and_the_staff_goes_on(offers: Allowances) -> None:
    offers.give("p", "files", PHOTOS)
    offers.give("staff", "files", Allowance(20, 50 * MB, always))
    assert ask(stored=PUBLIC_TOTAL) == (503, False)
    assert ask(page="staff", stored=PUBLIC_TOTAL)[0] == 204


def test_other_addresses_pass(offers: Allowances) -> None:
    assert ask("OPTIONS")[1]


@pytest.mark.parametrize("path", sorted(UI.glob("**/*.py")), ids=lambda path: path.stem)
def test_every_uploader_says_what_it_takes(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    def named(node: ast.AST) -> str:
        return ast.unparse(node.func) if isinstance(node, ast.Call) else ""

    drawn = [node for node in ast.walk(tree) if named(node) == "st.file_uploader"]
    offered = [
        inner
        for block in ast.walk(tree)
        if isinstance(block, ast.With) and any(named(item.context_expr).endswith("offered") for item in block.items)
        for inner in ast.walk(block)
        if named(inner) == "st.file_uploader"
    ]
    assert drawn == offered
