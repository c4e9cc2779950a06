"""Evidence of a case: files kept under their checksum, and what witnesses said (requirement D4)."""

from collections.abc import Sequence

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact, Evidence
from lib.domain.records.fields import columns
from lib.domain.rules.permissions import Actor
from lib.domain.text.uploads import STAFF, Upload, check_uploads
from lib.errors import InvalidFields, Problem
from lib.services.parts.stray_files import mark
from lib.store.codec import made
from lib.store.commit.batch import Change, Receipt, create, new_id

PLAN, WITNESS = "plan", "witness"
"""Kinds of evidence that rules know."""
File = tuple[str, bytes]
_WITNESS = columns(Contact)["name"].limit
_KIND_OF = {"image": "photo", "video": "video", "audio": "recording"}


def kept(
    desk: Desk,
    *,
    actor: Actor,
    case_no: str,
    files: Sequence[File],
    uploads: Sequence[Upload],
    kind: str = "",
    note: str = "",
) -> list[Change]:
    """Put files that have passed the check into their place; the changes that say so.

    Without a `kind` it is read off each file. Raises InvalidFields, before any file is kept, and FilesUnavailable.
    """
    records = [
        made(
            Evidence,
            {
                "evidence_id": new_id("ev"),
                "case_no": case_no,
                "name": upload.name,
                "kind": kind or _KIND_OF.get(upload.media_type.partition("/")[0], "document"),
                "media_type": upload.media_type,
                "size": upload.size,
                "sha256": upload.sha256,
                "added_by": actor.staff_id,
                "added_at": desk.now(),
                "note": note,
            },
        )
        for upload in uploads
    ]
    for _, content in files:
        desk.files.put(content, mark=mark(desk))
    return [create(record, action="add_evidence", text=record.name) for record in records]


def add(
    desk: Desk,
    *,
    actor: Actor,
    case: Case,
    files: Sequence[File],
    kind: str = "",
    note: str = "",
    commit_id: str | None = None,
) -> Receipt:
    """Files for a case. Raises NotAllowed, BadUpload (nothing is kept then) and FilesUnavailable."""
    require(actor, "evidence.add", case)
    uploads = check_uploads(files, STAFF)
    changes = kept(desk, actor=actor, case_no=case.case_no, files=files, uploads=uploads, kind=kind, note=note)
    return desk.save(actor, changes, commit_id=commit_id)


def content(desk: Desk, *, actor: Actor, item: Evidence) -> bytes:
    """A file of a case. Raises NotAllowed, FileLost and FilesUnavailable."""
    require(actor, "case.view", desk.snapshot[Case].require(item.case_no))
    return desk.files.get(item.sha256)


def add_statement(
    desk: Desk, *, actor: Actor, case: Case, witness: str, text: str, phone: str = "", commit_id: str | None = None
) -> Receipt:
    """What a witness said, as a text file: so it has a checksum, and nobody changes it later."""
    require(actor, "evidence.add", case)
    missing = [name for name, value in (("witness", witness), ("statement", text)) if not value.strip()]
    problems = [Problem(name, "missing") for name in missing]
    if len(witness.strip()) > _WITNESS:
        problems.append(Problem("witness", "too_long", facts={"limit": _WITNESS}))
    if problems:
        raise InvalidFields("evidence", problems)
    who = " ".join(part for part in (witness.strip(), phone.strip()) if part)
    taken = f"{desk.now().isoformat(sep=' ', timespec='minutes')} {actor.name}"
    content = f"{who}\n{taken}\n\n{text.strip()}\n".encode()
    files = [(f"{witness.strip()}.txt", content)]
    return add(desk, actor=actor, case=case, files=files, kind=WITNESS, note=who, commit_id=commit_id)
