"""What the self-check tries beyond one spreadsheet and one account: a copy of a file, and what others mark."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from lib.errors import DriveFull, NoAccess
from lib.store.sheets.api import drive
from lib.store.sheets.api.client import Rejected, SheetsClient
from lib.store.sheets.selfcheck.scratch import KEY, Outcome, Scratch

_NAME = "casesheet selfcheck"
_MARKERS = "developerMetadata(metadataId,metadataKey)"


def copy_of_file(scratch: Scratch) -> Outcome:
    """Whether the app would find its tabs and markers in a copy, tried on a spreadsheet that is made for it.

    Some accounts may make none. What was not seen is not relied on either.
    """
    client = scratch.client
    try:
        with _file(client, drive.create(client, _NAME, time_zone="Etc/UTC", language="en")) as original:
            made = Scratch(original)
            number, tab = made.number(), {"sheetId": made.id, "title": made.title}
            made.send({"addSheet": {"properties": tab}}, made.mark(number))
            with _file(client, drive.copy(original, _NAME)) as copy:
                found = copy.metadata(f"sheets.properties.sheetId,{_MARKERS}")
    except (DriveFull, NoAccess) as refused:
        return False, str(refused)
    tabs = {item["properties"].get("sheetId", 0) for item in found["sheets"]}
    markers = {item["metadataKey"]: item["metadataId"] for item in found.get("developerMetadata", ())}
    there = {"tab": made.id in tabs, "marker": KEY in markers, "number": markers.get(KEY) == number}
    return all(there.values()), ", ".join(f"no {name}" for name, held in there.items() if not held)


@contextmanager
def _file(client: SheetsClient, spreadsheet_id: str) -> Iterator[SheetsClient]:
    """A spreadsheet that was made for a trial, and is deleted after it."""
    made = client.beside(spreadsheet_id)
    try:
        yield made
    finally:
        drive.delete(made)


def other_account(other: SheetsClient, scratch: Scratch) -> Outcome:
    """What keeps writers with keys of their own apart: the marker of one is seen by the other and holds its number."""
    seen, taken = _through(other, scratch, "DOCUMENT")
    return seen and taken, _told(seen=seen, taken=taken)


def other_project(other: SheetsClient, scratch: Scratch) -> Outcome:
    """For information: markers that are for another project alone, as add-ons may have, could hold a number unseen."""
    seen, taken = _through(other, scratch, "PROJECT")
    return seen or not taken, _told(seen=seen, taken=taken)


def _told(*, seen: bool, taken: bool) -> str:
    return f"{'seen' if seen else 'not seen'}, number {'taken' if taken else 'free'}"


def _through(other: SheetsClient, scratch: Scratch, visibility: str) -> tuple[bool, bool]:
    """Whether a marker that the other account made is seen by this one, and whether its number is refused."""
    theirs, number = replace(scratch, client=other), scratch.number()
    theirs.send(theirs.mark(number, visibility))
    try:
        found = scratch.client.metadata(_MARKERS).get("developerMetadata", ())
        return number in {item["metadataId"] for item in found}, _is_taken(scratch, number)
    finally:
        lookup = {"developerMetadataLookup": {"metadataId": number}}
        theirs.send({"deleteDeveloperMetadata": {"dataFilter": lookup}})


def _is_taken(scratch: Scratch, number: int) -> bool:
    try:
        scratch.send(scratch.mark(number))
    except Rejected:
        return True
    return False
