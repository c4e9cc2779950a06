import json
import tracemalloc
import zipfile
from datetime import UTC, date, datetime, time
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from lib.tabular.formats.escapes import escape_formula, from_xstring, looks_like_formula, to_xstring, unescape_formula
from lib.tabular.reading import read_table
from lib.tabular.writing import CellTooLong, ExtraSheet, write_csv, write_jsonl, write_xlsx

STRINGS = Path(__file__).parents[3] / "shared" / "data" / "strings"
HOSTILE = st.text(
    st.sampled_from("=+-@＝＋－＠'\"\t\r\n ,;|\x00\x0b\x1f\ufeff\u3000\u200b_x0041FDdeE(#中a\uffff\U0001f600")
)
TEXTS = st.lists(st.text() | HOSTILE, min_size=1, max_size=5)


def from_csv(texts: list[str]) -> list[object]:
    content = write_csv(["key", "text"], [["k", text] for text in texts])
    return [row.cells[1] for row in read_table(content, "a.csv", unescape_formula=True).rows]


def from_xlsx(texts: list[str]) -> list[object]:
    content = write_xlsx("S", ["key", "text"], [["k", text] for text in texts])
    return [row.cells[1] if len(row.cells) > 1 else None for row in read_table(content, "a.xlsx").rows]


@given(TEXTS)
def test_csv_gives_the_same_text_back(texts: list[str]):
    assert from_csv(texts) == [text or None for text in texts]


@given(TEXTS)
@settings(deadline=None)
def test_xlsx_gives_the_same_text_back(texts: list[str]):
    assert from_xlsx(texts) == [text or None for text in texts]


@given(st.text() | HOSTILE)
def test_escapes_are_reversible_and_inert(text: str):
    assert unescape_formula(escape_formula(text)) == text
    assert not looks_like_formula(escape_formula(text))
    assert from_xstring(to_xstring(text)) == text


@pytest.mark.skipif(not STRINGS.is_dir(), reason=f"no folder {STRINGS}")
@pytest.mark.parametrize("name", ["naughty_strings.txt", "formula_injection.txt"])
def test_hostile_strings(name: str):
    lines = (STRINGS / name).read_text("utf-8").split("\n")
    assert from_csv(lines) == [line or None for line in lines]
    assert from_xlsx(lines) == [line or None for line in lines]


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\ufeff=1",
    "\u3000＝1",
    "＋1",
    "－1",
    "＠x",
]


@pytest.mark.parametrize("text", [*FORMULAS, '=DDE("a")', 'DDE ("cmd";"/C calc")'])
def test_formulas_are_inert(text: str):
    assert write_csv(["a"], [[text]]).decode("utf-8-sig").split("\r\n", 1)[1].lstrip('"').startswith("'")
    book = load_workbook(BytesIO(write_xlsx("S", ["=header"], [[text]])))
    assert [(cell.data_type, cell.quotePrefix) for (cell,) in book["S"].iter_rows()] == [("s", True)] * 2


def test_inert_text_is_left_alone():
    assert write_csv(["a", "b"], [["it's", "a=b"], [-5, "'quoted'"]]) == (
        b"\xef\xbb\xbfa,b\r\nit's,a=b\r\n-5,'quoted'\r\n"
    )


def test_unescaping_happens_only_when_asked():
    content = write_csv(["a", "b"], [["=1", "'=1"]])
    assert read_table(content, "x").rows[0].cells == ("'=1", "''=1")
    assert read_table(content, "x", unescape_formula=True).rows[0].cells == ("=1", "'=1")


def test_csv_values():
    row = [None, True, 1.5, date(2024, 2, 3), datetime(2024, 2, 3, 4, 5), time(9, 30)]  # noqa: DTZ001
    assert write_csv(["a"] * 6, [row]).split(b"\r\n")[1] == b",TRUE,1.5,2024-02-03,2024-02-03 04:05:00,09:30:00"


def test_xlsx_values_keep_their_types():
    row = [1, 1.5, True, None, datetime(2024, 2, 3, 4, 5), date(2024, 2, 3), time(9, 30)]  # noqa: DTZ001
    row += [440101199001011234, float("inf"), date(1850, 1, 1), "#N/A", "0571"]
    content = write_xlsx("S", [str(n) for n in range(12)], [row])
    expected = [*row[:5], datetime(2024, 2, 3), row[6]]  # noqa: DTZ001
    expected += ["440101199001011234", "inf", "1850-01-01", "#N/A", "0571"]
    assert list(read_table(content, "x").rows[0].cells) == expected


def test_xlsx_header_widths_and_more_sheets():
    extra = [ExtraSheet("台账/表:1", ["b"], [["x"]]), ExtraSheet("台账", ["c"], []), ExtraSheet("长" * 40, ["d"], [])]
    book = load_workbook(BytesIO(write_xlsx("台账", ["甲", "乙"], [], widths={"乙": 33}, extra_sheets=extra)))
    assert book.sheetnames == ["台账", "台账_表_1", "台账 (2)", "长" * 31]
    assert book["台账"].freeze_panes == "A2"
    assert book["台账"]["A1"].font.bold
    assert book["台账"].column_dimensions["B"].width == 33


def test_xlsx_never_cuts_text():
    assert from_xlsx(["长" * 32_767]) == ["长" * 32_767]
    with pytest.raises(CellTooLong) as refused:
        write_xlsx("S", ["k", "text"], [["k", "长" * 32_768]])
    assert (refused.value.row, refused.value.column, refused.value.length) == (2, "text", 32_768)
    with pytest.raises(CellTooLong):
        write_xlsx("S", ["k"], [["\x00" * 5_000]])
    with pytest.raises(CellTooLong):
        write_xlsx("S", ["k" * 40_000], [])


@pytest.mark.trial(8)
def test_xlsx_is_written_and_read_row_by_row():
    """The export of tens of thousands of cases must not stand in memory as cells or as XML."""
    rows = ([f"{row}.{column} {'说' * 50}" for column in range(110)] for row in range(300))
    headers = [f"列{column}" for column in range(110)]
    tracemalloc.start()
    content = write_xlsx("S", headers, rows)
    written = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    table = read_table(content, "a.xlsx")
    kept, height = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (table.headers, len(table.rows)) == (tuple(headers), 300)
    assert table.rows[-1].cells[-1] == f"299.109 {'说' * 50}"
    assert written < 3 * 2**20
    assert height < kept + 3 * 2**20


def test_xlsx_refuses_aware_times():
    with pytest.raises(ValueError, match="no time zones"):
        write_xlsx("S", ["k"], [[datetime(2024, 2, 3, tzinfo=UTC)]])


def test_xlsx_holds_no_formula_element():
    content = write_xlsx("S", ["a"], [["=1+1"], ["@x"]])
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


@given(TEXTS)
def test_jsonl_gives_the_same_text_back(texts: list[str]):
    lines = write_jsonl(["t"], [[text] for text in texts]).decode().split("\n")
    assert [json.loads(line)["t"] for line in lines[:-1]] == texts


def test_jsonl_values():
    row = [1, 1.5, True, None, float("nan"), date(2024, 2, 3), "\ud800"]
    assert json.loads(write_jsonl([*"abcdefg"], [row])) == {
        **{"a": 1, "b": 1.5, "c": True, "d": None, "e": None},
        **{"f": "2024-02-03", "g": "\ud800"},
    }


@pytest.mark.trial(31)
@pytest.mark.parametrize(
    "text",
    ["310104199001011234", "00123", "3-12", "3/12", "12-3-1", "MARCH1", "1-Mar", "SEPT2", "1E5", "3.10", "12:30",
     "3月12日", "2026-03-12", "1,200", "true", "#N/A", "#REF!", "1 1/2", " 3-12 ", "'3-12", "6222021234567890"],
)  # fmt: skip
def test_what_excel_would_change_keeps_its_text_and_comes_back(text: str):
    written = escape_formula(text)
    assert written == f"'{text}"
    assert unescape_formula(written) == text
    content = write_csv(["编号", "说明"], [[text, "x"]])
    assert f"\n'{text},x".encode() in content or f'\n"\'{text}",x'.encode() in content
    assert read_table(content, "a.csv", unescape_formula=True).rows[0].cells[0] == text


@pytest.mark.trial(31)
@pytest.mark.parametrize(
    "text", ["13800138000", "021-61234567", "400-123-4567", "TS-2026-000001", "3栋1201", "12", "3.5", "May I come?"]
)
def test_what_excel_leaves_alone_is_written_as_it_is(text: str):
    assert escape_formula(text) == text


@pytest.mark.trial(31)
def test_long_numbers_and_real_dates_in_csv():
    content = write_csv(["a", "b"], [[310104199001011234, datetime(2026, 3, 12, 9, 30)]])  # noqa: DTZ001
    assert b"\n'310104199001011234,2026-03-12 09:30:00" in content
