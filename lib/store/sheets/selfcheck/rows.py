"""What the self-check tries about rows: where new ones land, and what filters, sorting and formats do to them."""

from collections.abc import Iterator
from contextlib import contextmanager

from lib.store.sheets.model.cells import extended
from lib.store.sheets.model.layout import quoted
from lib.store.sheets.model.updates import Request
from lib.store.sheets.selfcheck.scratch import ROWS, Outcome, Scratch, same


@contextmanager
def _filter_on(scratch: Scratch) -> Iterator[None]:
    """Three rows (13 to 15) of the second column, of which a filter of the tab hides the one in the middle."""
    hidden = {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["b"]}}
    wanted = {"range": scratch.area(11, 1, 4), "filterSpecs": [hidden]}
    scratch.send(scratch.put(11, 1, "filter", "a", "b", "c"), {"setBasicFilter": {"filter": wanted}})
    try:
        yield
    finally:
        scratch.send({"clearBasicFilter": {"sheetId": scratch.id}})


def copy_of_hidden(scratch: Scratch) -> Outcome:
    """The journal copies rows that managers may have filtered away."""
    with _filter_on(scratch):
        copy = {"source": scratch.area(12, 1, 3), "destination": scratch.area(12, 2, 3), "pasteType": "PASTE_VALUES"}
        scratch.send({"copyPaste": copy})
        seen = [text for row in scratch.read("C13:C15") for text in row]
    return same(seen, ["a", "b", "c"])


def append_filtered(scratch: Scratch) -> Outcome:
    """New rows come after the last one also while a filter is on, and none is written over."""
    with _filter_on(scratch):
        before = scratch.read("A1:H")
        scratch.send(_append(scratch, "filtered"))
        seen = scratch.read("A1:H")
    held = seen[:-1] == before and seen[-1] == ["filtered"]
    return held, "" if held else str([at + 1 for at, row in enumerate(seen) if "filtered" in row])


def append_position(scratch: Scratch) -> Outcome:
    """Formats and dropdowns in empty rows do not count as content."""
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "x"}]}, "showCustomUi": True}
    scratch.send({"setDataValidation": {"range": scratch.area(0, 5, ROWS), "rule": rule}}, _text_format(scratch, 5))
    end = len(scratch.read("A1:H"))
    scratch.send(_append(scratch, "appended"))
    seen = [at for at, row in enumerate(scratch.read("A1:H")) if "appended" in row]
    return seen == [end], "" if seen == [end] else f"{end + 1}: {[at + 1 for at in seen]}"


def append_order(scratch: Scratch) -> Outcome:
    """Appended rows stand in the order in which they were sent, also those of two requests in one batch."""
    end = len(scratch.read("A1:H"))
    scratch.send(_append(scratch, "first", "second"), _append(scratch, "third"))
    seen = [text for row in scratch.read("A1:H")[end:] for text in row if text]
    return same(seen, ["first", "second", "third"])


def _text_format(scratch: Scratch, column: int) -> Request:
    cell = {"userEnteredFormat": {"numberFormat": {"type": "TEXT", "pattern": "@"}}}
    area = scratch.area(0, column, ROWS)
    return {"repeatCell": {"range": area, "cell": cell, "fields": "userEnteredFormat.numberFormat"}}


def _append(scratch: Scratch, *texts: str) -> Request:
    rows = [{"values": [extended(text)]} for text in texts]
    return {"appendCells": {"sheetId": scratch.id, "rows": rows, "fields": "userEnteredValue"}}


def sort_over_protected(scratch: Scratch) -> Outcome:
    """Across a column that warns, as the tabs of people have them. Nobody can lock herself out, so what a protection
    by somebody else does to a sort cannot be tried with one account; no tab of people's has one."""
    guard = {"range": scratch.area(0, 6, ROWS), "warningOnly": True}
    spec = {"dimensionIndex": 7, "sortOrder": "ASCENDING"}
    scratch.send(
        scratch.put(0, 6, "of b", "of a"), scratch.put(0, 7, "b", "a"), {"addProtectedRange": {"protectedRange": guard}}
    )
    scratch.send({"sortRange": {"range": scratch.area(0, 6, 2, 2), "sortSpecs": [spec]}})
    seen = scratch.read("G1:H2")
    return seen == [["of a", "a"], ["of b", "b"]], "" if seen[0][:1] == ["of a"] else str(seen)


def rows_keep_format(scratch: Scratch) -> Outcome:
    """For information: the set-up gives rows that lack them their formats."""
    scratch.send(_append(scratch, *(["more"] * ROWS)))
    end = len(scratch.read("A1:A"))
    fields = "sheets.data.rowData.values(userEnteredFormat.numberFormat,dataValidation)"
    answer = scratch.client.metadata(fields, [f"{quoted(scratch.title)}!F{end}"])
    rows = answer.get("sheets", [{}])[0].get("data", [{}])[0].get("rowData", [{}])
    cell = (rows[0].get("values") or [{}])[0] if rows else {}
    return "userEnteredFormat" in cell and "dataValidation" in cell, ", ".join(cell)
