"""Columns of the sheet as records' cells, and the digest that tells whether a row is as the app wrote it."""

import json
from typing import Any

import pytest
from requests import Response

from lib.store.codec import decode
from lib.store.schema import SCHEMA
from lib.store.sheets.api.answers import usable
from lib.store.sheets.model.cells import BATCH, Cells, digest, fits
from lib.store.sheets.model.vocabulary import Vocabulary
from tests.support import ZONE

CASES = SCHEMA["cases"]


@pytest.mark.parametrize(
    ("name", "cells", "found"),
    [
        ("occurred_on", [45_000, "", 45_000.0, 45_000], ["2023-03-15", "", "2023-03-15", "2023-03-15"]),
        ("occurred_on", [1, True, 1.0, "soon", 45_000.5], ["1", "TRUE", "1", "soon", "45000.5"]),
        ("severity_scope", [3, 3.0, "3", "", 3.5, True, "three"], [3, 3, 3, "", 3.5, "TRUE", "three"]),
        ("reopen_count", [0, "", 0.0], [0, "", 0]),
        ("plan_compensation", [5, 5.5, "", "5", False], [5.0, 5.5, "", 5, "FALSE"]),
        ("title", ["x", 5, 5.0, True, ""], ["x", "5", "5", "TRUE", ""]),
        ("taken_at", [45_000, 45_000.5], ["2023-03-15T00:00:00+08:00", "2023-03-15T12:00:00+08:00"]),
        ("taken_at", [45_000 - 1e-9, ""], ["2023-03-15T00:00:00+08:00", ""]),
        ("taken_at", [1, 0.5, -3, 9e9, True, "later"], [1, 0.5, -3, 9e9, True, "later"]),
    ],
)
def test_whatever_stands_in_a_column_is_converted_by_itself(name: str, cells: list[Any], found: list[Any]) -> None:
    converted = list(Cells(ZONE, Vocabulary("zh_CN")).column(CASES, name, cells))
    assert converted == found
    assert [type(cell) for cell in converted] == [type(cell) for cell in found]


@pytest.mark.trial(4)
@pytest.mark.parametrize(
    ("name", "cell", "found"),
    [
        ("taken_at", "2026年2月3日 下午2点", "2026-02-03T14:00:00+08:00"),
        ("taken_at", "2026-02-03 14:00", "2026-02-03T14:00:00+08:00"),
        ("taken_at", "2026-02-03T14:00:00.5+08:00", "2026-02-03T14:00:00.5+08:00"),
        ("occurred_on", "2026、2、3", "2026-02-03"),
        ("occurred_on", 20260203, "2026-02-03"),
    ],
)
def test_a_time_typed_as_text_counts_where_it_leaves_nothing_open(name: str, cell: Any, found: str) -> None:
    [converted] = Cells(ZONE, Vocabulary("zh_CN")).column(CASES, name, [cell])
    assert converted == found
    _, bad = decode(CASES, [{"case_no": "TS-1", name: converted}])
    assert not any(problem.field == name for row in bad for problem in row.problems)


@pytest.mark.trial(4)
@pytest.mark.parametrize("cell", ["2026-02-03 14:00-15:00", "26/02/03 14:00", "2026-02-03T14:00-15:00", "1700000000",
                                  20260203, 1_700_000_000, "2026-02-03 13:00 AM"])  # fmt: skip
def test_a_time_that_is_none_stays_as_typed_and_is_no_record(cell: Any) -> None:
    [converted] = Cells(ZONE, Vocabulary("zh_CN")).column(CASES, "taken_at", [cell])
    assert converted == cell
    _, [bad] = decode(CASES, [{"case_no": "TS-1", "taken_at": converted}])
    assert ("taken_at", "datetime_parsing") in [(problem.field, problem.code) for problem in bad.problems]


@pytest.mark.trial(24)
def test_the_last_day_that_a_spreadsheet_knows_stops_nobody() -> None:
    """2958465 is 9999-12-31, which people type for "without an end"."""
    found = list(Cells(ZONE, Vocabulary("zh_CN")).column(CASES, "taken_at", [2958465, 2958464.75, 2958465.5]))
    assert found == ["9999-12-31T00:00:00+08:00", "9999-12-30T18:00:00+08:00", 2958465.5]


def test_empty_cells_are_left_out_and_zeros_are_kept() -> None:
    places = {"case_no": 0, "title": 1, "reopen_count": 2, "plan_compensation": 3}
    rows = Cells(ZONE, Vocabulary("zh_CN")).rows(CASES, places, [["TS-1", "", 0, 0], ["TS-2"]])
    assert rows == [{"case_no": "TS-1", "plan_compensation": 0.0, "reopen_count": 0}, {"case_no": "TS-2"}]


def test_rows_that_are_converted_in_several_parts_stay_in_order_and_whole() -> None:
    places, count = {"case_no": 0, "title": 2, "reopen_count": 1}, BATCH + 3
    rows = [[f"TS-{n}"] if n < BATCH else [f"TS-{n}", n % 2, "x", "not ours"] for n in range(count)]
    found = list(Cells(ZONE, Vocabulary("zh_CN")).each(CASES, places, rows))
    assert found[:BATCH] == [{"case_no": f"TS-{n}"} for n in range(BATCH)]
    assert [tuple(row.items()) for row in found[BATCH:]] == [
        (("case_no", f"TS-{n}"), ("title", "x"), ("reopen_count", n % 2)) for n in range(BATCH, count)
    ]


def test_an_empty_row_is_a_row() -> None:
    cells = Cells(ZONE, Vocabulary("zh_CN"))
    assert cells.rows(CASES, {"case_no": 0}, [[], ["", "not ours"]]) == [{}, {}]
    assert cells.rows(CASES, {"case_no": 0}, []) == []


def test_a_digest_lasts_from_one_version_of_the_app_to_the_next() -> None:
    row = {"case_no": "TS-2026-000001", "title": "漏水", "plan_compensation": 1200.0, "reopen_count": 0}
    assert digest(row) == "bcfe40fc04db2788"
    assert fits(row, "bcfe40fc04db2788")
    assert fits(row, "133e817e1d4213eb"), "as rows were stamped at first"
    assert not fits(row | {"title": "渗水"}, "bcfe40fc04db2788")
    assert not fits(row | {"title": "渗水"}, "133e817e1d4213eb")
    assert not fits(row, "")


def test_a_value_in_the_next_column_is_another_row() -> None:
    assert digest({"building": "3", "room": "5"}) != digest({"building": "3", "unit": "5"})


def test_half_a_surrogate_pair_is_read_and_has_a_digest() -> None:
    answer = Response()
    answer.status_code = 200
    answer._content = json.dumps({"values": [["\ud83d"]]}).encode()
    assert usable(answer) == {"values": [["\ud83d"]]}
    assert digest({"title": "\ud83d"}) != digest({"title": "\ud83e"})
