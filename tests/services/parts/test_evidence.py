"""Evidence: kinds, checksums, and what a witness said, kept so that nobody changes it."""

import hashlib

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case_parts import Evidence
from lib.domain.rules.permissions import Actor
from lib.domain.text.uploads import BadUpload
from lib.errors import InvalidFields, NotAllowed
from lib.services.parts import evidence
from tests.cases import take_in

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364600000000600023081d02f"
    "0000000049454e44ae426082"
)


def only(desk: Desk) -> Evidence:
    (found,) = desk.snapshot[Evidence].values()
    return found


@pytest.mark.parametrize(("kind", "kept"), [("", "photo"), ("contract", "contract")])
def test_a_file_says_what_it_is_who_added_it_and_its_checksum(
    desk: Desk, people: dict[str, Actor], kind: str, kept: str
) -> None:
    case = take_in(desk, people["intake"])
    evidence.add(desk, actor=people["handler"], case=case, files=[("a.png", PNG)], kind=kind, note="厨房吊顶")
    found = only(desk)
    assert (found.kind, found.note, found.added_by, found.added_at) == (kept, "厨房吊顶", "handler", desk.now())
    assert found.sha256 == hashlib.sha256(PNG).hexdigest()
    assert desk.files.get(found.sha256) == PNG


def test_one_bad_file_and_none_is_kept(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])
    with pytest.raises(BadUpload):
        evidence.add(desk, actor=people["handler"], case=case, files=[("a.png", PNG), ("b.exe", b"MZ")])
    assert len(desk.snapshot[Evidence]) == 0


def test_a_kind_that_is_in_no_list_is_refused(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])
    with pytest.raises(InvalidFields, match="unknown_choice"):
        evidence.add(desk, actor=people["handler"], case=case, files=[("a.png", PNG)], kind="rumour")


def test_what_a_witness_says(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])
    words = "我在楼下，周一早上看到天花板滴水。"
    evidence.add_statement(desk, actor=people["handler"], case=case, witness="赵邻居", phone="19900005678", text=words)
    found = only(desk)
    assert (found.kind, found.name, found.note) == ("witness", "赵邻居.txt", "赵邻居 19900005678")
    kept = desk.files.get(found.sha256).decode()
    assert words in kept
    assert people["handler"].name in kept


@pytest.mark.parametrize(("witness", "text", "field"), [(" ", "话", "witness"), ("赵", "\n", "statement")])
def test_a_statement_needs_a_name_and_words(
    desk: Desk, people: dict[str, Actor], witness: str, text: str, field: str
) -> None:
    case = take_in(desk, people["intake"])
    with pytest.raises(InvalidFields) as refused:
        evidence.add_statement(desk, actor=people["handler"], case=case, witness=witness, text=text)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_who_may_not_see_the_case_adds_nothing(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"]).model_copy(update={"branch": "elsewhere"})
    with pytest.raises(NotAllowed):
        evidence.add(desk, actor=people["handler"], case=case, files=[("a.png", PNG)])
