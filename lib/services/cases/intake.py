"""Taking a case in (requirements A1 to A8): numbering, first clock, evidence, likely duplicates, read-back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lib.desk.access import require
from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.fields import too_long
from lib.domain.records.people import Staff
from lib.domain.records.plausible_dates import date_problems
from lib.domain.rules.moves import enter
from lib.domain.rules.permissions import Actor, actor_of
from lib.domain.text.cleaning import folded
from lib.domain.text.places import Home, home
from lib.domain.text.similarity import similarity
from lib.domain.text.uploads import STAFF, UploadRules, check_uploads
from lib.errors import InvalidFields, Problem
from lib.services.alerts.escalation import call_out
from lib.services.emergencies.noticing import goes_unnoticed, noticed, noticed_again
from lib.services.parts.evidence import File, kept
from lib.store.codec import check
from lib.store.commit.batch import NEW, Audience, Change, Receipt, create, edit, note
from lib.store.schema import TAB_OF
from lib.store.snapshot.snapshot import Table

INTAKE_FIELDS = (
    "client_phone", "client_name", "relation", "community", "building", "unit", "room", "deal_no", "description",
    "title", "wanted_outcome", "occurred_on", "location", "stated_cause", "kind", "channel", "branch", "priority",
    "category", "complained_about", "read_back_at", "danger",
)  # fmt: skip
_REQUIRED = ("description", "kind", "channel")
AGAIN = timedelta(minutes=30)
"""Within which the same words are one report that was saved twice, whoever said them."""
_CASE_TAB = TAB_OF[Case]


def register(
    desk: Desk,
    *,
    actor: Actor,
    values: Mapping[str, Any],
    files: Sequence[File] = (),
    rules: UploadRules = STAFF,
    commit_id: str | None = None,
) -> Receipt:
    """Take a case in; the receipt's first "cases" key is its number. See `lib.services.cases.settling` for one that is
    answered at once.

    Raises NotAllowed, InvalidFields (every wrong field at once) and BadUpload; then nothing is written.
    """
    case, changes = intake_changes(desk, actor=actor, values=values, files=files, rules=rules)
    receipt = desk.save(actor, changes, commit_id=commit_id)
    if case.danger_at is not None:
        call_out(desk)
    return receipt


def intake_changes(
    desk: Desk, *, actor: Actor, values: Mapping[str, Any], files: Sequence[File] = (), rules: UploadRules = STAFF
) -> tuple[Case, list[Change]]:
    """The case as it enters its first stage, and the changes that take it in. Raises as `register` does."""
    if actor.role != "client":
        require(actor, "case.intake")
    uploads = check_uploads(files, rules)
    case = new_case(desk, actor=actor, values=values, now=desk.now())
    if wrong := list(date_problems(values, desk.now())):
        raise InvalidFields("cases", wrong)
    changes: list[Change] = [create(case, action="intake", text=case.title, audience="client")]
    changes += kept(desk, actor=actor, case_no=case.case_no, files=files, uploads=uploads)
    return case, changes


def new_case(desk: Desk, *, actor: Actor, values: Mapping[str, Any], now: datetime, number: str = f"{NEW}1") -> Case:
    """The case that `values` describe, as it enters its first stage; urgent at once where it speaks of danger. Raises
    InvalidFields."""
    problems = [Problem(name, "not_in_form") for name in values if name not in INTAKE_FIELDS]
    problems += [Problem(name, "missing") for name in _REQUIRED if not str(values.get(name, "")).strip()]
    phone, bad = clean_phone(desk, str(values.get("client_phone", "")))
    problems += [bad] if bad else []
    problems += too_long(_CASE_TAB.columns.values(), values)
    if problems:
        raise InvalidFields("cases", problems)
    fields = {
        **values,
        "client_phone": phone,
        "title": values.get("title") or summary(str(values["description"])),
        "branch": values.get("branch") or actor.branch,
        "case_no": number,
        "stage": desk.config.workflow.stage[0].key,
        "taken_at": now,
        "taken_by": actor.staff_id,
    }
    case = check(_CASE_TAB, fields)
    if not isinstance(case, Case):
        raise TypeError(case)
    case = noticed(desk, case)
    return case.model_copy(update=enter(case, case.stage, now=now, rules=desk.rules))


def summary(description: str, *, length: int = 30) -> str:
    """A title for a case: the first line of its description, cut at a sentence where one ends early."""
    line = next((line.strip() for line in description.splitlines() if line.strip()), "")
    for mark in "。！？；.!?;":
        head, found, _ = line.partition(mark)
        if found and 4 <= len(head) <= length:
            return head
    return line if len(line) <= length else line[: length - 1] + "…"


def add_to_case(
    desk: Desk,
    *,
    actor: Actor,
    case_no: str,
    text: str,
    files: Sequence[File] = (),
    audience: Audience = "internal",
    rules: UploadRules = STAFF,
    commit_id: str | None = None,
) -> Receipt:
    """Add what a client reports again, or evidence, to a case that is there; a danger that it speaks of is noticed.

    Raises NotFound, NotAllowed, BadUpload, and InvalidFields where there is neither text nor file, or where danger is
    told to a case that is answered or closed: only a new case calls anybody.
    """
    case = desk.snapshot[Case].require(case_no)
    require(actor, "case.note", case)
    if not text.strip() and not files:
        raise InvalidFields("cases", [Problem("description", "missing")])
    if goes_unnoticed(desk, case, text):
        raise InvalidFields("cases", [Problem("description", "danger_needs_a_case")])
    uploads = check_uploads(files, rules)
    changes = [note(case_no, text, audience=audience)] if text else []
    danger = noticed_again(desk, case, text)
    if danger:
        changes.append(edit(case, danger, action="danger"))
    changes += kept(desk, actor=actor, case_no=case_no, files=files, uploads=uploads)
    receipt = desk.save(actor, changes, commit_id=commit_id)
    if danger:
        call_out(desk)
    return receipt


def latest_by_phone(desk: Desk, phone: str) -> Case | None:
    """The latest case of a telephone number; None where the text is no number or not known."""
    canonical, bad = clean_phone(desk, phone)
    if bad or not canonical:
        return None
    cases = desk.snapshot[Case].derive(_duplicate_index).get(("phone", canonical), ())
    return max(cases, key=lambda case: case.taken_at, default=None)


def handover_told(desk: Desk, *, actor: Actor, case: Case) -> Case | None:
    """The latest other case of the same home, however it was written, that says when the home was handed over; of those
    that the actor may see."""
    place = case.home
    there = desk.snapshot[Case].derive(_duplicate_index).get(("property", *_without_unit(place)), ())
    told = [other for other in there if other.handover_on and other.case_no != case.case_no]
    same = [other for other in told if other.home.is_same(place) and actor.may("case.view", other)]
    return max(same, key=lambda other: other.taken_at, default=None)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A case that may be the same one: why ("phone", "property", "text"), and how alike, 0 to 1."""

    case: Case
    reasons: tuple[str, ...]
    likeness: float


def likely_duplicates(
    desk: Desk, *, phone: str = "", community: str = "", room: str = "", building: str = "", unit: str = "",
    description: str = "", days: int = 60, limit: int = 5,
) -> list[Duplicate]:  # fmt: skip
    """Recent cases with the same phone or property, or a similar text; the likeliest first (requirement A8)."""
    index = desk.snapshot[Case].derive(_duplicate_index)
    since = desk.now() - timedelta(days=days)
    canonical, _ = clean_phone(desk, phone)
    by_phone = index.get(("phone", canonical), ()) if canonical else ()
    place = home(community, building, unit, room)
    by_property = index.get(("property", *_without_unit(place)), ()) if place.known else ()
    by_community = index.get(("community", place.community), ()) if place.community and description else ()
    just_now = (case for case in _same_words(desk, description) if case.taken_at >= desk.now() - AGAIN)
    found = [
        _judge(case, canonical, place, description)
        for case in dict.fromkeys((*by_phone, *by_property, *by_community, *just_now))
        if case.taken_at >= since or case.closed_at is None
    ]
    likely = [item for item in found if item.reasons]
    return sorted(likely, key=lambda item: (-item.likeness, -item.case.taken_at.timestamp()))[:limit]


@dataclass(frozen=True, slots=True)
class LikelyDuplicates:
    """The likely duplicates that the person may see, and of the others no more than whom to ask (staff ids)."""

    seen: tuple[Duplicate, ...]
    ask: tuple[str, ...]


def duplicates_for(desk: Desk, *, actor: Actor, **query: Any) -> LikelyDuplicates:
    """`likely_duplicates` as the person who takes a case in may see them."""
    found = likely_duplicates(desk, **query)
    seen = tuple(item for item in found if actor.may("case.view", item.case))
    hidden = (item.case for item in found if not actor.may("case.view", item.case))
    return LikelyDuplicates(seen, tuple(dict.fromkeys(_whom_to_ask(desk, case) for case in hidden)))


def _whom_to_ask(desk: Desk, case: Case) -> str:
    """Whoever handles a case, else somebody who gives such cases out; "" where there is nobody."""
    people = desk.snapshot[Staff]
    handler = people.get(case.assignee)
    if handler and handler.active:
        return handler.staff_id
    actors = (actor_of(staff, desk.config.roles) for staff in people.values() if staff.active)
    return min((one.staff_id for one in actors if one.may("case.assign", case)), default="")


def _same_words(desk: Desk, description: str) -> tuple[Case, ...]:
    words = folded(description)
    return desk.snapshot[Case].derive(_duplicate_index).get(("words", words), ()) if words else ()


def _judge(case: Case, phone: str, place: Home, description: str) -> Duplicate:
    alike = similarity(case.description, description) if description else 0.0
    same_phone = bool(phone) and case.client_phone == phone
    same_place = case.home.is_same(place)
    marks = {"phone": same_phone, "property": same_place, "text": alike >= 0.5}
    reasons = tuple(reason for reason, holds in marks.items() if holds)
    return Duplicate(case, reasons, min(1.0, 0.5 * same_phone + 0.3 * same_place + 0.5 * alike))


def _without_unit(place: Home) -> tuple[str, ...]:
    return place.community, place.building, place.room


def _duplicate_index(table: Table[Case]) -> Mapping[tuple[str, ...], tuple[Case, ...]]:
    groups: dict[tuple[str, ...], list[Case]] = {}
    for case in table.values():
        place = case.home
        for key in (
            ("phone", case.client_phone),
            ("property", *_without_unit(place)),
            ("community", place.community),
            ("words", folded(case.description)),
        ):
            groups.setdefault(key, []).append(case)
    return {key: tuple(cases) for key, cases in groups.items()}
