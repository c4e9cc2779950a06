"""The requests of a batch about merges, filters, colouring rules, protections and named ranges."""

from typing import Any

from tests.google.batch.batch import Body, Work, mask_of, request
from tests.google.book.a1 import area_of, grid_range
from tests.google.book.grid import Sheet
from tests.google.book.workbook import some_id
from tests.google.drive.discovery import patched
from tests.google.errors import PROTECTED, Refusal


def _extras(sheet: Sheet, kind: str) -> list[dict[str, Any]]:
    return sheet.extras.setdefault(kind, [])


def _find(work: Work, kind: str, name: str, wanted: int, noun: str) -> tuple[list[Body], int]:
    for sheet in work.book.sheets:
        items = sheet.extras.get(kind, [])
        for index, item in enumerate(items):
            if item.get(name) == wanted:
                return items, index
    raise Refusal(f"No {noun} with ID: {wanted}")


def _fresh(work: Work, kind: str, name: str, item: Body, noun: str) -> Body:
    """The item with an id: its own where free, else a new one."""
    wanted = item.get(name)
    taken = {other.get(name) for sheet in work.book.sheets for other in sheet.extras.get(kind, [])}
    if wanted in taken and wanted is not None:
        raise Refusal(f"A {noun} with ID {wanted} already exists.")
    return item | {name: wanted or some_id()}


@request("mergeCells")
def merge_cells(work: Work, body: Body) -> None:
    sheet, area = work.editable(body["range"])
    merges = _extras(sheet, "merges")
    if any(area.meets(area_of(m)) and not _inside(grid_range(sheet.id, area), m) for m in merges):
        raise Refusal("You must select all cells in a merged range to merge or unmerge them.")
    merges[:] = [m for m in merges if not area.meets(area_of(m))]
    whole = grid_range(sheet.id, area)
    match body.get("mergeType", "MERGE_ALL"):
        case "MERGE_ROWS":
            parts = [whole | {"startRowIndex": r, "endRowIndex": r + 1} for r in range(area.top, area.bottom or 0)]
        case "MERGE_COLUMNS":
            parts = [
                whole | {"startColumnIndex": c, "endColumnIndex": c + 1} for c in range(area.left, area.right or 0)
            ]
        case _:
            parts = [whole]
    merges.extend(parts)
    for part in parts:
        _keep_first(sheet, part)


def _keep_first(sheet: Sheet, part: Body) -> None:
    """Of the cells that become one the first keeps its value."""
    area = sheet.area(part)
    for row, column, _ in list(sheet.filled(area)):
        if (row, column) != (area.top, area.left):
            sheet.put(row, column, None)


def _inside(outer: Body, inner: Body) -> bool:
    return (
        outer["startRowIndex"] <= inner["startRowIndex"]
        and inner["endRowIndex"] <= outer["endRowIndex"]
        and outer["startColumnIndex"] <= inner["startColumnIndex"]
        and inner["endColumnIndex"] <= outer["endColumnIndex"]
    )


@request("unmergeCells")
def unmerge_cells(work: Work, body: Body) -> None:
    sheet, area = work.editable(body["range"])
    merges = _extras(sheet, "merges")
    if any(area.meets(area_of(m)) and not _inside(grid_range(sheet.id, area), m) for m in merges):
        raise Refusal("You must select all cells in a merged range to merge or unmerge them.")
    merges[:] = [m for m in merges if not area.meets(area_of(m))]


@request("setBasicFilter")
def set_basic_filter(work: Work, body: Body) -> None:
    wanted = body["filter"]
    sheet, area = work.place(wanted.get("range", {}))
    sheet.extras["basicFilter"] = [wanted | {"range": grid_range(sheet.id, area)}]


@request("clearBasicFilter")
def clear_basic_filter(work: Work, body: Body) -> None:
    work.sheet(body).extras.pop("basicFilter", None)


@request("addFilterView")
def add_filter_view(work: Work, body: Body) -> Body:
    wanted = body["filter"]
    sheet, area = work.place(wanted.get("range", {}))
    item = _fresh(work, "filterViews", "filterViewId", wanted, "filter view")
    item = {"title": f"Filter {len(_extras(sheet, 'filterViews')) + 1}"} | item | {"range": grid_range(sheet.id, area)}
    _extras(sheet, "filterViews").append(item)
    return {"filter": item}


@request("updateFilterView")
def update_filter_view(work: Work, body: Body) -> None:
    wanted = body["filter"]
    items, at = _find(work, "filterViews", "filterViewId", wanted.get("filterViewId", 0), "filter view")
    items[at] = patched(items[at], wanted, mask_of(body)) | {"filterViewId": items[at]["filterViewId"]}


@request("deleteFilterView")
def delete_filter_view(work: Work, body: Body) -> None:
    items, at = _find(work, "filterViews", "filterViewId", body.get("filterId", 0), "filter view")
    del items[at]


@request("addConditionalFormatRule")
def add_conditional_format_rule(work: Work, body: Body) -> None:
    rule = body["rule"]
    if not rule.get("ranges"):
        raise Refusal("At least one range must be specified.")
    sheet, _ = work.place(rule["ranges"][0])
    rules, index = _extras(sheet, "conditionalFormats"), body.get("index", 0)
    if index > len(rules):
        raise Refusal(f"Index {index} is beyond the number of conditional format rules ({len(rules)}).")
    rules.insert(index, rule)


def _rule_at(sheet: Sheet, index: int) -> list[Body]:
    rules = _extras(sheet, "conditionalFormats")
    if index >= len(rules):
        raise Refusal(f"No conditional format on sheet: {sheet.id} at index: {index}")
    return rules


@request("updateConditionalFormatRule")
def update_conditional_format_rule(work: Work, body: Body) -> Body:
    index, rule = body.get("index", 0), body.get("rule")
    sheet = work.place(rule["ranges"][0])[0] if rule else work.sheet(body)
    rules = _rule_at(sheet, index)
    old = rules.pop(index)
    new, at = (rule, index) if rule else (old, body.get("newIndex", 0))
    rules.insert(at, new)
    return {"newRule": new, "newIndex": at, "oldRule": old, "oldIndex": index}


@request("deleteConditionalFormatRule")
def delete_conditional_format_rule(work: Work, body: Body) -> Body:
    index = body.get("index", 0)
    return {"rule": _rule_at(work.sheet(body), index).pop(index)}


def protection_for(work: Work, item: Body) -> Body:
    """A protection as the caller sees it, who is told of the editors, the owner among them, where they are one."""
    shown = {name: value for name, value in item.items() if name != "editors"}
    if work.book.locked(work.user, item):
        return shown | {"requestingUserCanEdit": False}
    users = dict.fromkeys([*item["editors"].get("users", ()), *work.editors[:1]])
    return shown | {"requestingUserCanEdit": True, "editors": item["editors"] | {"users": list(users)}}


@request("addProtectedRange")
def add_protected_range(work: Work, body: Body) -> Body:
    wanted = body["protectedRange"]
    sheet = work.sheet(work.book.protected_range(wanted))
    item = _fresh(work, "protectedRanges", "protectedRangeId", wanted, "protected range")
    item |= {"editors": _editors(work, item)}
    _extras(sheet, "protectedRanges").append(item)
    return {"protectedRange": item | {"requestingUserCanEdit": True}}  # the owner is not named yet, as recorded


def _editors(work: Work, item: Body) -> Body:
    """Those of a protection; a warning has none. Nobody but the owner, who may always edit, can lock themselves out."""
    if item.get("warningOnly"):
        return {}
    editors = {name: value for name, value in (item.get("editors") or {}).items() if value}
    if work.user.owner or work.user.is_among(editors):
        return editors
    return editors | {"users": [*editors.get("users", ()), work.user.email]}


@request("updateProtectedRange")
def update_protected_range(work: Work, body: Body) -> None:
    wanted = body["protectedRange"]
    items, at = _find(work, "protectedRanges", "protectedRangeId", wanted.get("protectedRangeId", 0), "protected range")
    if work.book.locked(work.user, items[at]):
        raise Refusal(PROTECTED)
    old, mask = items[at], mask_of(body)
    new = patched(old, wanted, mask) | {"protectedRangeId": old["protectedRangeId"]}
    if old.get("warningOnly") and not new.get("warningOnly") and "editors" not in mask:
        new |= {"editors": {"users": list(work.editors)}}
    items[at] = new | {"editors": _editors(work, new)}


@request("deleteProtectedRange")
def delete_protected_range(work: Work, body: Body) -> None:
    wanted = body.get("protectedRangeId", 0)
    items, at = _find(work, "protectedRanges", "protectedRangeId", wanted, "protected range")
    if work.book.locked(work.user, items[at]):
        raise Refusal(PROTECTED)
    del items[at]


def _refuse_taken_name(work: Work, name: str, own: str | None = None) -> None:
    taken = (key for key, item in work.book.named.items() if item["name"].casefold() == name.casefold())
    if any(key != own for key in taken):
        raise Refusal(f"Cannot add named range with name: {name}, a named range with that name already exists.")


@request("addNamedRange")
def add_named_range(work: Work, body: Body) -> Body:
    wanted = body["namedRange"]
    work.place(wanted["range"])
    _refuse_taken_name(work, wanted["name"])
    key = wanted.get("namedRangeId") or str(some_id())
    if key in work.book.named:
        raise Refusal(f"Cannot add named range with ID: {key}, a named range with that ID already exists.")
    work.book.named[key] = item = {"namedRangeId": key} | wanted
    return {"namedRange": item}


@request("updateNamedRange")
def update_named_range(work: Work, body: Body) -> None:
    wanted, mask = body["namedRange"], mask_of(body)
    key = wanted.get("namedRangeId", "")
    if key not in work.book.named:
        raise Refusal(f"No named range with ID: {key}")
    if "name" in mask:
        _refuse_taken_name(work, wanted.get("name", ""), key)
    work.book.named[key] = patched(work.book.named[key], wanted, mask) | {"namedRangeId": key}


@request("deleteNamedRange")
def delete_named_range(work: Work, body: Body) -> None:
    key = body.get("namedRangeId", "")
    if work.book.named.pop(key, None) is None and work.rules.missing_named_range == "refuse":
        raise Refusal(f"No named range with ID: {key}")
