"""The public report: what it takes, what it refuses, and that a refusal writes nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Evidence
from lib.domain.text.uploads import BadUpload, UploadProblem
from lib.errors import InvalidFields, NotAllowed
from lib.services.cases import tracking
from lib.services.cases.reporting import LIMITS, REQUIRED, report

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
GOOD = {
    "description": "昨晚开始厨房天花板滴水，已经滴到地板上。",
    "kind": "repair",
    "client_name": "王小明",
    "client_phone": "199 0000 1234",
    "community": "阳光花园",
    "building": "3栋",
    "room": "1201",
}


def _problems(desk: Desk, **changes: str) -> set[tuple[str, str]]:
    with pytest.raises(InvalidFields) as refused:
        report(desk, values={**GOOD, **changes}, consent=True)
    return {(problem.field, problem.code) for problem in refused.value.problems}


def test_a_report_becomes_a_case_of_the_client(desk: Desk) -> None:
    number = report(desk, values=GOOD, files=[("漏水.png", PNG)], consent=True).first("cases")

    case = desk.snapshot[Case][number]
    assert (case.stage, case.channel, case.taken_by) == ("new", "website", "client")
    assert (case.client_phone, case.community, case.room) == ("19900001234", "阳光花园", "1201")
    assert case.acknowledge_due is not None
    (evidence,) = desk.snapshot[Evidence].values()
    assert (evidence.case_no, evidence.name, evidence.media_type) == (number, "漏水.png", "image/png")
    assert desk.files.get(evidence.sha256) == PNG
    assert tracking.track(desk, case_no=number, last4="1234") is not None


def test_the_same_report_sent_twice_is_one_case(desk: Desk) -> None:
    first = report(desk, values=GOOD, consent=True, commit_id="one-click")
    again = report(desk, values=GOOD, consent=True, commit_id="one-click")

    assert again.first("cases") == first.first("cases")
    assert len(desk.snapshot[Case]) == 1


@pytest.mark.parametrize("name", REQUIRED)
def test_what_is_needed(desk: Desk, name: str) -> None:
    assert _problems(desk, **{name: "  "}) == {(name, "missing")}
    assert len(desk.snapshot[Case]) == 0


@pytest.mark.parametrize(("name", "limit"), [(name, limit) for name, limit in LIMITS.items() if name != "client_phone"])
def test_texts_have_a_limit(desk: Desk, name: str, limit: int) -> None:
    assert _problems(desk, **{name: "水" * (limit + 1)}) == {(name, "too_long")}
    report(desk, values={**GOOD, name: "水" * limit}, consent=True)


def test_every_wrong_field_is_named_at_once(desk: Desk) -> None:
    with pytest.raises(InvalidFields) as refused:
        report(desk, values={"client_phone": "abc"}, consent=False)

    fields = {problem.field for problem in refused.value.problems}
    assert fields == {"description", "kind", "client_name", "client_phone", "consent"}


@pytest.mark.parametrize("name", ["priority", "assignee", "stage", "channel", "read_back_at"])
def test_a_client_sets_nothing_else(desk: Desk, name: str) -> None:
    assert (name, "not_in_form") in _problems(desk, **{name: "P1"})


def test_a_kind_must_be_in_the_list(desk: Desk) -> None:
    assert _problems(desk, kind="nonsense") == {("kind", "unknown_choice")}
    assert len(desk.snapshot[Case]) == 0


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ([("photo.png", b"MZ\x90\x00")], UploadProblem.DANGEROUS),
        ([("page.pdf", b"<html><script>alert(1)</script>")], UploadProblem.DANGEROUS),
        ([("note.txt", b"plain words")], UploadProblem.NOT_ALLOWED),
        ([("photo.png", PNG + bytes(8 * 1024 * 1024))], UploadProblem.TOO_LARGE),
        ([(f"{n}.png", PNG) for n in range(6)], UploadProblem.TOO_MANY),
    ],
)
def test_files_are_checked_by_their_content(desk: Desk, files: list[tuple[str, bytes]], problem: UploadProblem) -> None:
    with pytest.raises(BadUpload) as refused:
        report(desk, values=GOOD, files=files, consent=True)

    assert refused.value.problem == problem
    assert len(desk.snapshot[Case]) == 0
    assert len(desk.snapshot[Evidence]) == 0


def test_a_program_that_fills_the_hidden_field_gets_nothing(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        report(desk, values=GOOD, consent=True, trap="https://spam.example")

    assert len(desk.snapshot[Case]) == 0


def test_nothing_happens_without_consent(desk: Desk) -> None:
    with pytest.raises(InvalidFields) as refused:
        report(desk, values=GOOD, consent=False)

    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("consent", "missing")]
    assert len(desk.snapshot[Case]) == 0


def test_any_text_is_kept_as_it_is_or_refused(desk: Desk) -> None:
    @settings(max_examples=25, deadline=None)
    @given(st.text(min_size=1, max_size=60))
    def check(text: str) -> None:
        try:
            number = report(desk, values={**GOOD, "description": text}, consent=True).first("cases")
        except InvalidFields:
            return
        assert desk.snapshot[Case][number].description == text.strip()

    check()
