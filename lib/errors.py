"""Every error that Casesheet raises on purpose.

    CasesheetError
    ├── Refused                  the request cannot be done as asked; nothing was written
    │   ├── InvalidFields        named fields and why, one reason code each
    │   ├── NotAllowed           the person lacks a permission (or the record is outside their scope)
    │   ├── WrongStage           the case's stage has no such move
    │   ├── Conflict             somebody else changed the same fields since they were seen
    │   ├── NotFound             no such record
    │   ├── AlreadyExists        a record with this key is there
    │   ├── ChangedSince         an import cannot be undone: people have worked on its cases
    │   ├── CannotMove           one store cannot become a copy of the other
    │   ├── NoDemoHere           a demo, which everybody may enter, is refused in a workspace in use
    │   ├── DemoHere             accounts are refused in a demo, which everybody may enter
    │   ├── SurveyClosed         the survey takes no answer any more
    │   └── FileLost             a file of a case is missing, or is not what was put in
    ├── SignInFailed             wrong e-mail or password, too many tries, or an account that is not accepted
    ├── SessionEnded             signed out, deactivated, or too long ago: the person must sign in again
    ├── OpeningFailed            an unforeseen error in opening the workspace
    ├── ConfigError              a configuration key is missing or wrong; names file and key
    └── StoreError               the store
        ├── StaleSequence        somebody committed in between (handled by the commit loop)
        ├── OutcomeUnknown       the store went silent in the middle of a write; saving the same again is safe
        ├── StoreBusy            gave up after bounded retries; nothing was written
        ├── FilesUnavailable     the file storage cannot be reached
        ├── WriteTooLarge        one write would be larger than the store takes (the commit loop makes smaller ones)
        └── StoreUnavailable     cannot be reached or opened
            ├── StoreTooNew          only a later version of the app understands it
            ├── NoWorkspace          there is no workspace at this address
            ├── UnfinishedCopy       a move to it broke off
            ├── TableMissing         a table of the database was dropped
            ├── NoAccess             the spreadsheet is not shared with our account
            ├── SpreadsheetMissing   there is none with this id, or it was deleted
            ├── TabMissing           a tab was deleted, or the spreadsheet is not set up
            ├── HeaderMissing        a column's header was deleted or renamed
            ├── HeaderTwice          a column's header stands over several columns
            ├── CellsProtected       somebody protected cells that the app has to write
            ├── QuotaExceeded        too many calls a minute
            ├── NetworkDown          no connection, or no answer in time
            ├── BadCredentials       the account's key is missing, unreadable, or refused
            └── SeveralWriters       another process writes, where only one at a time is safe

Errors carry facts; `lib.ui.widgets.messages` words them in the user's language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class CasesheetError(Exception):
    """The root of the tree."""


class Refused(CasesheetError):
    """The request cannot be done as asked; nothing was written."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one field is refused: `code` is a reason such as "missing", "unknown_choice", "too_long"."""

    field: str
    code: str
    value: str = ""
    facts: Mapping[str, Any] | None = None


class InvalidFields(Refused):
    """Some fields are refused. `tab` says whose fields they are."""

    def __init__(self, tab: str, problems: Sequence[Problem]) -> None:
        self.tab = tab
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{tab}.{p.field}: {p.code}" for p in self.problems))


class NotAllowed(Refused):
    """The person may not do this, or not to this record."""

    def __init__(self, permission: str, *, record: str = "") -> None:
        self.permission = permission
        self.record = record
        super().__init__(f"{permission} {record}".strip())


class WrongStage(Refused):
    """The stage has no such move, or one of the move's conditions is not met (`why` is its code; with "missing" the
    fields `missing` are to be filled first)."""

    def __init__(self, *, case_no: str, stage: str, move: str, why: str = "stage", missing: Sequence[str] = ()) -> None:
        self.case_no, self.stage, self.move, self.why, self.missing = case_no, stage, move, why, tuple(missing)
        super().__init__(f"{case_no}: {move} from {stage} ({why})")


@dataclass(frozen=True, slots=True)
class Clash:
    """One field of a conflict: what the person saw, what is there now, and what they wanted to write."""

    tab: str
    record_id: str
    field: str
    seen: Any
    theirs: Any
    mine: Any


class Conflict(Refused):
    """Somebody else changed the same fields since they were seen."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        self.clashes = tuple(clashes)
        super().__init__("; ".join(f"{c.tab} {c.record_id}.{c.field}" for c in self.clashes))


class NotFound(Refused):
    """There is no such record."""

    def __init__(self, tab: str, record_id: str) -> None:
        self.tab, self.record_id = tab, record_id
        super().__init__(f"{tab} {record_id}")


class AlreadyExists(Refused):
    """A record with this key is there already."""

    def __init__(self, tab: str, record_id: str) -> None:
        self.tab, self.record_id = tab, record_id
        super().__init__(f"{tab} {record_id}")


class NoDemoHere(Refused):
    """A demo is refused in a workspace with `count` rows in `tab` that no demo made."""

    def __init__(self, tab: str, count: int) -> None:
        self.tab, self.count = tab, count
        super().__init__(f"{count} in {tab}")


class DemoHere(Refused):
    """Accounts are refused in a demo, which everybody may enter without signing in."""


class SurveyClosed(Refused):
    """The survey takes no answer any more; `why` is "answered" or "expired" (also: replaced by a newer one)."""

    def __init__(self, survey_id: str, why: str) -> None:
        self.survey_id, self.why = survey_id, why
        super().__init__(f"{survey_id}: {why}")


class FileLost(Refused):
    """A file is, by `why`, "missing" or "damaged" (its content is not the one of this SHA-256)."""

    def __init__(self, digest: str, why: str) -> None:
        self.digest, self.why = digest, why
        super().__init__(f"{digest}: {why}")


class ChangedSince(Refused):
    """An import cannot be undone: people have worked on these cases since."""

    def __init__(self, import_id: str, case_nos: Sequence[str]) -> None:
        self.import_id, self.case_nos = import_id, tuple(case_nos)
        super().__init__(f"{import_id}: {', '.join(case_nos)}")


@dataclass(frozen=True, slots=True)
class Difference:
    """One row, or line of History, in which two stores differ; `fields` if both have it.

    `kind` is "missing" (in the target), "extra" (there), "changed"; of cells that no store keeps as they are, "unfit",
    of a key that several rows have, "twice", and of a row that people changed by hand, "by_hand".
    """

    tab: str
    key: str
    kind: str
    fields: tuple[str, ...] = ()


class CannotMove(Refused):
    """One store cannot become a copy of the other.

    `why` is "other_data" (the target has `differences` that are no older state of the source), "unfit" (cells of the
    source), "by_hand" (people changed the source by hand, and the app has not adopted it), "unfinished" (the source is
    an interrupted copy), "newer" (a later version of the app works on the source), "source_changed" (during the move;
    it may go on), "in_use" (somebody saves to the target).
    """

    def __init__(self, why: str, differences: Sequence[Difference] = ()) -> None:
        self.why, self.differences = why, tuple(differences)
        super().__init__(f"{why}: {len(self.differences)}")


class SignInFailed(CasesheetError):
    """`reason` is "wrong" (which never says what was wrong: address, password, a lock, or that the person has left),
    "busy" (too many tries from one network), "expired" (a one-time password), "locked" (while changing a password), or
    of an OpenID account "stranger", "issuer", "tenant", "unverified" or "undated".
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class SessionEnded(CasesheetError):
    """The session of the page has ended: signed out, deactivated, a new password, or expired."""


class ConfigError(CasesheetError):
    """A configuration key is missing or wrong: `code` with its facts where it is a known reason, else `why`."""

    def __init__(
        self, file: str, key: str, why: str, *, code: str = "", facts: Mapping[str, Any] | None = None
    ) -> None:
        self.file, self.key, self.why, self.code, self.facts = file, key, why, code, facts or {}
        super().__init__(f"{file}: {key}: {why}")


class OpeningFailed(CasesheetError):
    """An unforeseen error; `number` finds it in the log, `kind` is that of the foreign error."""

    def __init__(self, number: str, kind: str) -> None:
        self.number, self.kind = number, kind
        super().__init__(f"{kind}, {number} in the log")


class StoreError(CasesheetError):
    """An error of the store."""


class StaleSequence(StoreError):
    """Somebody committed since the snapshot that the write is based on."""


class OutcomeUnknown(StoreError):
    """The write was sent, and the answer did not come: it may have been applied. The same commit again is safe."""


class StoreBusy(StoreError):
    """Gave up after bounded retries; nothing was written."""


class FilesUnavailable(StoreError):
    """The place of the files cannot be reached, or refuses us. `why` is for the administrator."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class StoreUnavailable(StoreError):
    """The store cannot be reached or opened. `why` is for the administrator."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class StoreTooNew(StoreUnavailable):
    """A later version of the app changed the store (schema number `theirs`) in a way that this one (`ours`) does not
    understand."""

    def __init__(self, theirs: str, ours: str) -> None:
        self.theirs, self.ours = theirs, ours
        super().__init__(f"schema {theirs}, this version knows {ours}")


class NoWorkspace(StoreUnavailable):
    """There is no workspace at this address. Only `init`, and `move` for its target, make one."""


class UnfinishedCopy(StoreUnavailable):
    """The store has History (up to `told`) beyond its sequence `seq`: a move to it broke off, or it was damaged."""

    def __init__(self, seq: int, told: int) -> None:
        self.seq, self.told = seq, told
        super().__init__(f"sequence {seq}, History up to {told}")


class TableMissing(StoreUnavailable):
    """The database once had this table (by its schema number) and has it no more: it was dropped, or is damaged."""

    def __init__(self, tab: str) -> None:
        self.tab = tab
        super().__init__(tab)


class WriteTooLarge(StoreError):
    """One write would be `size` bytes, and the store takes `limit`; nothing was written."""

    def __init__(self, size: int, limit: int) -> None:
        self.size, self.limit = size, limit
        super().__init__(f"{size} > {limit}")


class NoAccess(StoreUnavailable):
    """Our account may not open or change the spreadsheet: it must be shared with `email` as an editor."""

    def __init__(self, email: str, why: str) -> None:
        self.email = email
        super().__init__(why)


class SpreadsheetMissing(StoreUnavailable):
    """There is no spreadsheet with this id, or it was deleted."""

    def __init__(self, spreadsheet_id: str) -> None:
        self.spreadsheet_id = spreadsheet_id
        super().__init__(spreadsheet_id)


class TabMissing(StoreUnavailable):
    """The tab `tab` (its key in the schema) is gone, or was never set up."""

    def __init__(self, tab: str) -> None:
        self.tab = tab
        super().__init__(tab)


class HeaderMissing(StoreUnavailable):
    """Columns of `tab` (keys of both) have no header any more."""

    def __init__(self, tab: str, fields: Sequence[str]) -> None:
        self.tab, self.fields = tab, tuple(fields)
        super().__init__(f"{tab}: {', '.join(fields)}")


class HeaderTwice(StoreUnavailable):
    """Columns of `tab` (keys of both) have their header more than once: nobody knows which one counts."""

    def __init__(self, tab: str, fields: Sequence[str]) -> None:
        self.tab, self.fields = tab, tuple(fields)
        super().__init__(f"{tab}: {', '.join(fields)}")


class CellsProtected(StoreUnavailable):
    """Somebody protected cells of the spreadsheet and did not let our account `email` edit them."""

    def __init__(self, email: str, why: str) -> None:
        self.email = email
        super().__init__(why)


class ApiDisabled(StoreUnavailable):
    """The interface of Sheets or of Drive is not enabled in the project of our account; `why` says which."""


class DriveFull(StoreUnavailable):
    """The Drive of our account `email` has no room for another file."""

    def __init__(self, email: str, why: str) -> None:
        self.email = email
        super().__init__(why)


class QuotaExceeded(StoreUnavailable):
    """Too many calls, also after waiting; `wait`: for so many more seconds, where the server says so."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(why)


class NetworkDown(StoreUnavailable):
    """No connection, or no usable answer in time; `wait`: so many seconds, where the server asks for it."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(why)


class SeveralWriters(StoreUnavailable):
    """Another process writes to the spreadsheet, where the self-check allows one at a time; it may do so `until`."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"another process writes, until {until.isoformat()}")


class BadCredentials(StoreUnavailable):
    """The key of our account is, by `reason`, "missing", "invalid" (unreadable) or "refused" (by Google)."""

    def __init__(self, reason: str, why: str) -> None:
        self.reason = reason
        super().__init__(why)
