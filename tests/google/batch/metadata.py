"""Developer metadata: made, changed, deleted and looked up."""

from collections.abc import Iterator

from tests.google.batch.batch import Body, Work, mask_of, request
from tests.google.book.workbook import METADATA_BUDGET, Workbook, located_on, some_id
from tests.google.drive.discovery import patched
from tests.google.errors import Refusal


@request("createDeveloperMetadata")
def create(work: Work, body: Body) -> Body:
    wanted = body["developerMetadata"]
    if not wanted.get("metadataKey"):
        raise Refusal("Developer metadata key must be specified.")
    if wanted.get("visibility") not in {"DOCUMENT", "PROJECT"}:
        raise Refusal("Developer metadata visibility must be specified.")
    number = wanted.get("metadataId") or some_id()
    if number < 0:
        raise Refusal("Developer metadata ID must be positive.")
    if number in work.book.metadata and work.rules.taken_metadata == "refuse":
        raise Refusal(
            f"Cannot add developer metadata with ID [{number}] because developer metadata with that ID already exists."
        )
    item = {"metadataId": number} | wanted | {"location": _located(work, wanted.get("location") or {})}
    work.book.metadata[number], work.book.projects[number] = item, work.user.project
    _refuse_overspent(work.book, located_on(item))
    return {"developerMetadata": item}


def _located(work: Work, location: Body) -> Body:
    if location.get("spreadsheet"):
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if lines := location.get("dimensionRange"):
        work.sheet(lines)
        kind = "ROW" if lines.get("dimension") == "ROWS" else "COLUMN"
        if lines.get("endIndex", 0) - lines.get("startIndex", 0) != 1:
            raise Refusal("Developer metadata can only be added to a single row or column.")
        return {"locationType": kind, "dimensionRange": lines}
    if "sheetId" in location:
        return {"locationType": "SHEET", "sheetId": work.sheet(location).id}
    raise Refusal("Developer metadata location must be specified.")


def _refuse_overspent(book: Workbook, sheet_id: int | None) -> None:
    if book.spent(sheet_id) > METADATA_BUDGET:
        where = "the spreadsheet" if sheet_id is None else f"sheet {sheet_id}"
        raise Refusal(f"Developer metadata on {where} would exceed the limit of {METADATA_BUDGET} characters.")


@request("updateDeveloperMetadata")
def update(work: Work, body: Body) -> Body:
    mask = mask_of(body)
    changed = []
    for number in matching(work, body.get("dataFilters", [])):
        new = patched(work.book.metadata[number], body.get("developerMetadata", {}), mask)
        if "location" in mask:
            new["location"] = _located(work, new.get("location", {}))
        work.book.metadata[number] = new | {"metadataId": number}
        _refuse_overspent(work.book, located_on(new))
        changed.append(work.book.metadata[number])
    return {"developerMetadata": changed}


@request("deleteDeveloperMetadata")
def delete(work: Work, body: Body) -> Body:
    numbers = matching(work, [body.get("dataFilter", {})])
    if not numbers and work.rules.missing_metadata == "refuse":
        raise Refusal("No developer metadata matches the data filter.")
    return {"deletedDeveloperMetadata": [work.book.metadata.pop(number) for number in numbers]}


def matching(work: Work, filters: list[Body]) -> list[int]:
    """Ids of the metadata seen by the caller that any of the data filters names."""
    seen = work.metadata()
    return list(dict.fromkeys(number for one in filters for number in _matching(seen, one)))


def _matching(seen: dict[int, Body], one: Body) -> Iterator[int]:
    lookup = one.get("developerMetadataLookup")
    if lookup is None:
        raise Refusal("Only developerMetadataLookup is imitated in filters for metadata.")
    if "metadataId" in lookup:
        item = seen.get(lookup["metadataId"])
        yield from [lookup["metadataId"]] if item and _fits(item, lookup) else []
        return
    yield from (number for number, item in seen.items() if _fits(item, lookup))


def _fits(item: Body, lookup: Body) -> bool:
    for name in ("metadataId", "metadataKey", "metadataValue", "visibility"):
        if name in lookup and lookup[name] != item.get(name):
            return False
    kind = lookup.get("locationType")
    if kind and kind != item["location"]["locationType"]:
        return False
    place = lookup.get("metadataLocation")
    return place is None or _stands_at(item["location"], place, lookup.get("locationMatchingStrategy"))


def _stands_at(location: Body, place: Body, strategy: str | None) -> bool:
    if place.get("spreadsheet"):
        return strategy == "INTERSECTING_LOCATION" or bool(location.get("spreadsheet"))
    if "dimensionRange" in place:
        return location.get("dimensionRange") == place["dimensionRange"]
    same = "sheetId" in location and location["sheetId"] == place.get("sheetId", 0)
    inside = location.get("dimensionRange", {}).get("sheetId", 0) == place.get("sheetId", 0)
    return same or (strategy == "INTERSECTING_LOCATION" and "dimensionRange" in location and inside)
