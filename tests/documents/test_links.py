"""A link opens one document, for one person, for a few minutes."""

from dataclasses import replace

import pypdfium2
import pytest
from pypdfium2.raw import FPDF_PAGEOBJ_PATH

from lib.auth.tokens import BadToken, ExpiredToken, TokenPurpose
from lib.desk.desk import Desk
from lib.documents import links
from lib.documents.links import Wanted
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import NotAllowed
from lib.store.commit.batch import edit
from tests.cases import take_in
from tests.support import Clock


@pytest.fixture
def wanted(desk: Desk, people: dict[str, Actor]) -> Wanted:
    return Wanted("case_file", take_in(desk, people["intake"]).case_no, "en")


def test_it_brings_back_who_asked_for_what(desk: Desk, people: dict[str, Actor], wanted: Wanted) -> None:
    actor, asked = links.read(desk, links.token(desk, wanted, actor=people["handler2"]))
    assert (actor.staff_id, asked) == ("handler2", wanted)
    assert links.make(desk, asked, actor=actor).startswith(b"%PDF")
    assert wanted.file_name == f"{wanted.case_no}-case-file.pdf"


def test_it_ends(desk: Desk, people: dict[str, Actor], wanted: Wanted, clock: Clock) -> None:
    token = links.token(desk, wanted, actor=people["manager"])
    clock.forward(minutes=11)
    with pytest.raises(ExpiredToken):
        links.read(desk, token)


def test_who_left_meanwhile_gets_nothing(desk: Desk, people: dict[str, Actor], wanted: Wanted) -> None:
    token = links.token(desk, wanted, actor=people["handler"])
    desk.save(system_actor(), [edit(desk.snapshot[Staff]["handler"], {"active": False})])
    actor, asked = links.read(desk, token)
    with pytest.raises(NotAllowed):
        links.make(desk, asked, actor=actor)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"print": ["nobody", "case_file", "TS-1", "en", ""]},
        {"print": ["manager", "secrets", "TS-1", "en", ""]},
        {"print": ["manager", "case_file", "TS-1", "fr", ""]},
        {"print": ["manager", "case_file"]},
    ],
)
def test_what_is_no_print_is_refused(desk: Desk, payload: dict[str, object]) -> None:
    with pytest.raises(BadToken):
        links.read(desk, desk.signer.sign(TokenPurpose.PRINT, payload, now=desk.now()))


def test_a_session_is_no_link(desk: Desk) -> None:
    with pytest.raises(BadToken):
        links.read(desk, desk.signer.sign(TokenPurpose.SESSION, {"print": ["manager", "case_file", "TS-1", "en", ""]}))


def test_the_code_leads_to_where_the_page_was_opened(desk: Desk, people: dict[str, Actor], wanted: Wanted) -> None:
    with_code = replace(wanted, base="http://192.168.1.8:8501")
    assert links.read(desk, links.token(desk, with_code, actor=people["manager"]))[1] == with_code
    plain, coded = (links.make(desk, one, actor=people["manager"]) for one in (wanted, with_code))
    assert paths(coded) > paths(plain)


def paths(pdf: bytes) -> int:
    """How many drawn shapes the first page holds: the code is made of boxes."""
    document = pypdfium2.PdfDocument(pdf)
    return sum(1 for shape in document[0].get_objects() if shape.type == FPDF_PAGEOBJ_PATH)
