"""The public report (requirement A6): what a client sends by herself, without signing in."""

from collections.abc import Mapping, Sequence

from lib.desk.access import require
from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.domain.rules.permissions import CLIENT
from lib.domain.text.uploads import PUBLIC
from lib.errors import InvalidFields, NotAllowed, Problem
from lib.services.cases import intake
from lib.services.parts.evidence import File
from lib.store.commit.batch import Receipt

_PLAIN = ("client_name", "community", "building", "unit", "room")
LIMITS: Mapping[str, int] = {
    "description": 2000,
    "client_phone": 40,
    **{name: columns(Case)[name].limit for name in _PLAIN},
}
"""The longest text of each free field, in characters: that of its column, and of a client's report less than a cell."""

REPORT_FIELDS = ("kind", *LIMITS)
REQUIRED = ("description", "kind", "client_name", "client_phone")
CHANNEL = "website"


def report(
    desk: Desk,
    *,
    values: Mapping[str, str],
    files: Sequence[File] = (),
    consent: bool,
    trap: str = "",
    commit_id: str | None = None,
) -> Receipt:
    """Take in a case from the public page; the receipt's first "cases" key is its number.

    `trap` is a field that people do not see: whoever fills it is a program. Raises InvalidFields (every wrong field at
    once, "consent" among them), BadUpload, and NotAllowed for a program; then nothing is written.
    """
    require(CLIENT, "case.report")
    if trap:
        raise NotAllowed("case.report", record="trap")
    given = {name: str(value or "").strip() for name, value in values.items()}
    problems = _problems(desk, given, consent=consent)
    if problems:
        raise InvalidFields("cases", problems)
    fields = {**given, "channel": CHANNEL}
    return intake.register(desk, actor=CLIENT, values=fields, files=files, rules=PUBLIC, commit_id=commit_id)


def _problems(desk: Desk, given: Mapping[str, str], *, consent: bool) -> list[Problem]:
    _, bad_phone = clean_phone(desk, given.get("client_phone", ""))
    return [
        *(Problem(name, "not_in_form") for name in given if name not in REPORT_FIELDS),
        *(Problem(name, "missing") for name in REQUIRED if not given.get(name)),
        *(
            Problem(name, "too_long", facts={"limit": limit})
            for name, limit in LIMITS.items()
            if len(given.get(name, "")) > limit
        ),
        *([bad_phone] if bad_phone else []),
        *([] if consent else [Problem("consent", "missing")]),
    ]
