"""The route that shows a document in the browser."""

from pathlib import Path

import pytest
from starlette.applications import Starlette

from lib.api.routes import routes
from lib.app import process
from lib.desk.desk import Desk
from lib.documents import links
from lib.documents.links import Wanted
from lib.domain.rules.permissions import Actor
from tests.api.test_routes import Client
from tests.cases import take_in
from tests.documents.reading import read
from tests.support import Clock, open_workspace


@pytest.fixture
def client(desk: Desk) -> Client:
    process.use(desk)
    return Client(Starlette(routes=routes("below")))


@pytest.fixture
def token(desk: Desk, people: dict[str, Actor]) -> str:
    wanted = Wanted("work_order", take_in(desk, people["intake"]).case_no, "en")
    return links.token(desk, wanted, actor=people["handler2"])


def test_the_document_opens_in_the_browser_and_is_kept_nowhere(client: Client, token: str) -> None:
    answer = client.get(f"/below/api/print?token={token}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="TS-2026-000001-work-order.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    assert "王**" in read(answer.body).marks


@pytest.mark.trial(48)
def test_a_document_of_a_case_that_another_server_took_in_opens_at_once(
    desk: Desk, client: Client, people: dict[str, Actor], clock: Clock
) -> None:
    other = open_workspace(Path(desk.settings.files_dir).parent, clock)
    wanted = Wanted("work_order", take_in(other, people["intake"]).case_no, "en")
    answer = client.get(f"/below/api/print?token={links.token(other, wanted, actor=people['manager'])}")
    other.store.close()
    assert answer.status_code == 200


@pytest.mark.parametrize("wrong", ["", "abc", "x" * 5000])
def test_what_is_no_link(client: Client, wrong: str) -> None:
    answer = client.get(f"/below/api/print?token={wrong}")
    assert answer.status_code == 410
    assert "This link has ended" in answer.body.decode()


def test_a_link_ends(client: Client, token: str, clock: Clock) -> None:
    clock.forward(minutes=11)
    assert client.get(f"/below/api/print?token={token}").status_code == 410


def test_a_case_that_is_not_there_any_more(client: Client, desk: Desk, people: dict[str, Actor]) -> None:
    gone = links.token(desk, Wanted("case_file", "TS-2026-999999", "en"), actor=people["manager"])
    assert client.get(f"/below/api/print?token={gone}").status_code == 404
