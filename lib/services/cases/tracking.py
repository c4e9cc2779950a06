"""What a client may see of her case (requirement A7): by its number and the end of her phone number, or by a link."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lib.auth.tokens import TokenError, TokenPurpose, in_link
from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.domain.records.case import ARCHIVED, Case
from lib.domain.text import phones
from lib.domain.text.cleaning import folded
from lib.store.snapshot.snapshot import Table

_LABEL = re.compile(r"(?:您的|我的)?(?:(?:案件|服务|受理)?(?:编号|单号|号)[是为]?|case(?:number|no)?|number|no)")
_LONGEST = 200  # characters of what is typed that are looked at
_NOBODY = "13900000000"  # stands in where there is no case or no phone, so that the work is the same


@dataclass(frozen=True, slots=True)
class Update:
    """One line meant for the client; `action` is a code, `text` may be empty."""

    at: datetime
    action: str
    text: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """A case as its client sees it. `stage` is a code of the list "stage": of an archived case, how it ended.

    `together` is the stage of the case that this one was merged into, whose deadlines are shown: nothing else is told
    of it, since it may be another client's.
    `next_due` is the next deadline while clocks run, `promised_on` the day promised while the case waits.
    """

    case_no: str
    stage: str
    taken_at: datetime
    next_due: datetime | None
    promised_on: date | None
    updates: tuple[Update, ...]
    together: str = ""


def track(desk: Desk, *, case_no: str, last4: str) -> Tracking | None:
    """The case, if both belong together; None tells nothing of which was wrong, nor does the time it takes.

    `last4` are the last four digits of the client's telephone number, or the whole of it.
    """
    case = _find(desk, case_no)
    phone = case.client_phone if case else ""
    given, number = phones.digits(last4), clean_phone(desk, last4[:_LONGEST])[0]
    expected = (phones.last4(phone or _NOBODY), given) if len(given) == 4 else (phone or _NOBODY, number)
    fits = hmac.compare_digest(*map(_digest, expected))
    return _tracking(desk, case) if case and phone and fits else None


def tracking_token(desk: Desk, case_no: str) -> str:
    """What a tracking link carries; the only way for a case without a phone number."""
    return desk.signer.sign(TokenPurpose.TRACKING, {"case": case_no}, now=desk.now())


def tracking_path(token: str) -> str:
    return f"/track?token={token}"


def track_by_token(desk: Desk, token: str) -> Tracking | None:
    """The case of a tracking link; None when it is forged, older than cases are kept, or the case is gone."""
    case = desk.snapshot[Case].get(case_in_link(desk, token))
    return _tracking(desk, case) if case else None


def case_in_link(desk: Desk, token: str) -> str:
    """The number in a tracking link of ours, whether there is such a case or not; "" for any other link."""
    longest = timedelta(days=366 * desk.settings.retention_years)
    try:
        payload = desk.signer.read(TokenPurpose.TRACKING, in_link(token), longest, now=desk.now())
    except TokenError:
        return ""
    return str(payload.get("case", ""))


def _find(desk: Desk, case_no: str) -> Case | None:
    number = desk.snapshot[Case].derive(_numbers).get(_bare(case_no))
    return desk.snapshot[Case].get(number) if number else None


def _numbers(table: Table[Case]) -> Mapping[str, str]:
    return {_bare(number): number for number in table}


def _bare(case_no: str) -> str:
    """As people type it: full-width, in lower case, without dashes or with those of another keyboard, and after what
    stands before it in a message (编号：)."""
    plain = "".join(char for char in folded(case_no[:_LONGEST]) if char.isalnum())
    return _LABEL.sub("", plain, count=1) if _LABEL.match(plain) else plain


def _digest(text: str) -> bytes:
    return hmac.digest(b"tracking", text.encode(), "sha256")


def _tracking(desk: Desk, case: Case) -> Tracking:
    workflow = desk.config.workflow
    lines = [line for line in desk.history(case_no=case.case_no) if line.audience == "client"]
    leading = desk.snapshot[Case].get(case.merged_into) if case.merged_into else None
    moving = leading or case
    stage = workflow.stages.get(moving.stage)
    paused = stage is not None and stage.phase == "paused"
    return Tracking(
        case_no=case.case_no,
        stage=_ending(desk, case),
        taken_at=case.taken_at,
        next_due=workflow.next_due(moving),
        promised_on=moving.promised_on if paused else None,
        updates=tuple(Update(line.at, line.action, line.text) for line in lines),
        together=_ending(desk, leading) if leading else "",
    )


_ENDINGS = (("merged_into", "merged"), ("withdraw_ground", "withdrawn"), ("decline_ground", "declined"))
"""What tells of a case in the archive that it ended without an answer, and in which stage."""


def _ending(desk: Desk, case: Case) -> str:
    """The stage of a case, or how an archived one ended."""
    if case.stage != ARCHIVED or case.answered_at is not None:
        return case.stage
    ended = (stage for name, stage in _ENDINGS if getattr(case, name) and stage in desk.config.workflow.stages)
    return next(ended, case.stage)
