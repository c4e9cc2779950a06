import time as clock
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table as OdsTable
from odf.table import TableCell, TableRow
from odf.text import P
from openpyxl import Workbook

from lib.tabular.reading import Limits, UnreadableTable, read_table

SHARED = Path(__file__).parents[3] / "shared" / "data"


def cells(content: bytes, filename: str = "a.csv", **options):
    table = read_table(content, filename, **options)
    return [table.headers, *[row.cells for row in table.rows]]


def reason(content: bytes, **options) -> str:
    with pytest.raises(UnreadableTable) as refused:
        read_table(content, "a.csv", **options)
    return refused.value.reason


CHINESE = "编号,姓名,内容\r\n001,王芳,厨房漏水，三天没人修\r\n002,李雷,电梯异响\r\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (CHINESE.encode(), "utf-8"),
        (CHINESE.encode("utf-8-sig"), "utf-8-sig"),
        (CHINESE.encode("gb18030"), "gb18030"),
        (CHINESE.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + CHINESE.encode("utf-16-be"), "utf-16"),
        (CHINESE.encode("utf-16-le"), "utf-16-le"),
        (CHINESE.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_encodings(content: bytes, encoding: str):
    table = read_table(content, "投诉.csv")
    assert table.encoding == encoding
    assert table.name == "投诉"
    assert table.headers == ("编号", "姓名", "内容")
    assert table.rows[0].cells == ("001", "王芳", "厨房漏水，三天没人修")


def test_chinese_that_nearly_passes_for_utf8():
    text = "列一,列二\n" + "值,值\n" * 50
    assert cells(text.encode("gb18030"))[:2] == [("列一", "列二"), ("值", "值")]


def test_western_text_is_not_taken_for_chinese():
    text = "Nr;Straße\n1;Bürgermeister-Müller-Straße\n2;Häuserblöcke für Ärzte\n"
    assert cells(text.encode("cp1252"))[1] == ("1", "Bürgermeister-Müller-Straße")


def test_a_half_character_does_not_spoil_the_rest_of_utf8():
    whole = (CHINESE * 20).encode()
    table = read_table(whole.replace("修\r".encode(), "修".encode()[:2] + b"\r", 1), "a.csv")
    assert table.encoding == "utf-8"
    assert table.rows[1].cells[1] == "李雷"


def test_an_encoding_asked_for_is_used_or_refused():
    assert cells("a,b\né,1".encode("latin-1"), encoding="latin-1")[1] == ("é", "1")
    assert reason("é,1\n".encode("latin-1"), encoding="utf-8") == "not_text"
    assert reason(b"a,b\n", encoding="no-such") == "not_text"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(separator: str, newline: str):
    rows = [["a", "b", "c"], ["1,5", "x;y", '"line 1\nline, 2"'], ["2", "z", "w"]]
    quoted = [['"1,5"', '"x;y"', rows[1][2]] if row is rows[1] else row for row in rows]
    table = read_table(newline.join(separator.join(row) for row in quoted).encode(), "a.csv")
    assert table.delimiter == separator
    assert table.rows[0].cells == ("1,5", "x;y", "line 1\nline, 2")
    assert [row.number for row in table.rows] == [2, 4]


def test_decimal_commas_do_not_beat_semicolons():
    assert read_table(b"a;b;c\n1,5;2,5;3,5\n1,5;2,5;3,5\n", "a.csv").delimiter == ";"


def test_a_separator_asked_for_is_used():
    assert cells(b"a|b\n1|2\n", delimiter="|") == [("a", "b"), ("1", "2")]


def test_titles_above_the_header_are_skipped_and_lines_still_count():
    text = "投诉台账,,,\n单位：,城东店,,\n\n编号,姓名,电话,内容\n1,王,,漏\n,,,\n2,李,1,x\n"
    table = read_table(text.encode(), "a.csv")
    assert table.headers == ("编号", "姓名", "电话", "内容")
    assert [row.number for row in table.rows] == [5, 7]
    assert table.rows[0].cells == ("1", "王", None, "漏")


def test_a_header_may_end_with_a_colon():
    # A line that names parameters is a header all the same when the rows are no wider.
    assert cells("时间：,地点\n1,2\n".encode())[0] == ("时间：", "地点")


def test_one_column_table():
    assert cells("内容\n漏水\n\n异响\n".encode()) == [("内容",), ("漏水",), ("异响",)]


def test_headers_are_made_unique_and_long_rows_keep_all():
    assert cells(b"a,,a,b #3,\n1,2,3,4\n5,6,7,8,,9\n") == [
        ("a", "#2", "a #3", "b #3", "#5", "#6"),
        ("1", "2", "3", "4", None, None),
        ("5", "6", "7", "8", None, "9"),
    ]


def test_trailing_empty_columns_are_trimmed():
    assert cells(b"a,b,, ,\n1,2,,,\n") == [("a", "b"), ("1", "2")]


def test_a_made_up_header_never_equals_a_real_one():
    assert cells(b"x,x,x #2\n1,2,3\n")[0] == ("x", "x #2'", "x #2")


def test_unclosed_quote_is_refused_with_its_line():
    with pytest.raises(UnreadableTable) as refused:
        read_table(b'a,b\n1,2\n3,"open\n4,5\n', "a.csv")
    assert (refused.value.reason, refused.value.facts) == ("unclosed_quote", {"line": 3})


@pytest.mark.parametrize("content", [b"", b" \r\n\n", b",,\n,,\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_empty(content: bytes):
    assert reason(content) == "empty"


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7\n1,2", b"\x89PNG\r\n\x1a\n", b"<html><table><tr><td>a", b"\xef\xbb\xbf<?xml version='1.0'?>"],
)
def test_other_formats(content: bytes):
    assert reason(content) == "unknown_format"


def test_binary_is_not_text():
    assert reason(bytes(range(1, 32)) * 50) == "not_text"
    assert reason(b"\x00\xd8\x00\x01" * 101) == "not_text"


@pytest.mark.trial(8)
def test_a_file_that_is_too_large_is_told_with_its_size_and_the_limit():
    with pytest.raises(UnreadableTable) as refused:
        read_table(b"a,b\n" + b"1,2\n" * 300_000, "a.csv", limits=Limits(bytes=2**20))
    assert (refused.value.reason, refused.value.facts) == ("too_large", {"size": "1.2", "limit": "1"})
    assert Limits().bytes == 100 * 2**20


@pytest.mark.trial(8)
def test_hidden_sheets_come_last():
    def hide(xml: bytes) -> bytes:
        return xml.replace(b'name="\xe4\xb8\x80"', b'name="\xe4\xb8\x80" state="hidden"').replace(
            b' state="visible"', b""
        )

    content = repacked(xlsx(("一", [["a", "b"], [1, 2]]), ("二", [["c", "d"], [3, 4]])), "xl/workbook.xml", hide)
    table = read_table(content, "x")
    assert (table.name, table.sheets, table.headers) == ("二", ("二", "一"), ("c", "d"))
    two = two_by_two().replace(b"", b"")
    style = b'<office:automatic-styles><style:style style:name="ta1" style:family="table">'
    style += b'<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    hidden = b'<table:table table:name="H" table:style-name="ta1"><table:table-row><table:table-cell '
    hidden += b'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row></table:table>'
    two = content_xml(two, b"<office:automatic-styles/>", style)
    assert read_table(content_xml(two, b"<office:spreadsheet>", b"<office:spreadsheet>" + hidden), "x").sheets == (
        "表",
        "H",
    )


def test_limits():
    assert reason(b"a,b\n" + b"1,2\n" * 10, limits=Limits(bytes=20)) == "too_large"
    assert reason(b"a,b\n" + b"1,2\n" * 10, limits=Limits(rows=9)) == "too_many_rows"
    assert reason(b"a,b\n" + b"1,2\n" * 500, limits=Limits(rows=9)) == "too_many_rows"
    assert reason(b"a,b,c\n1,2,3\n", limits=Limits(columns=2)) == "too_many_columns"
    assert len(cells(b"a,b\n" + b"1,2\n" * 10, limits=Limits(rows=10, columns=2))) == 11


# --- workbooks


def xlsx(*sheets: tuple[str, list[list[object]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, part: str, change) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return out.getvalue()


def test_xlsx_keeps_types_and_row_numbers():
    rows = [
        ["标题"],
        [],
        ["编号", "时间", "金额", "是"],
        [24, datetime(2020, 1, 6, 12, 9, 38), 1.5, True],  # noqa: DTZ001
        [],
        ["007", date(2020, 1, 7), time(9, 30), None],
    ]
    table = read_table(xlsx(("投诉", rows), ("空", [])), "a.xlsx")
    assert (table.name, table.sheets, table.encoding) == ("投诉", ("投诉", "空"), None)
    assert [row.number for row in table.rows] == [4, 6]
    assert table.rows[0].cells == (24, datetime(2020, 1, 6, 12, 9, 38), 1.5, True)  # noqa: DTZ001
    assert table.rows[1].cells == ("007", datetime(2020, 1, 7), time(9, 30), None)  # noqa: DTZ001
    assert [type(cell) for cell in table.rows[0].cells] == [int, datetime, float, bool]


def test_the_first_sheet_with_content_or_the_one_asked_for():
    content = xlsx(("封面", []), ("一", [["a", "b"], [1, 2]]), ("二", [["c", "d"], [3, 4]]))
    assert read_table(content, "x").name == "一"
    assert read_table(content, "x", sheet="二").headers == ("c", "d")
    with pytest.raises(UnreadableTable) as refused:
        read_table(content, "x", sheet="三")
    assert refused.value.reason == "no_such_sheet"
    assert refused.value.facts["sheets"] == ("封面", "一", "二")


def test_the_content_decides_not_the_name():
    assert read_table(xlsx(("S", [["a", "b"], [1, 2]])), "a.csv").rows[0].cells == (1, 2)
    assert read_table(b"a,b\n1,2\n", "a.xlsx").rows[0].cells == ("1", "2")


def test_wrong_dimensions_do_not_cut_the_sheet():
    content = xlsx(("S", [["a", "b", "c"], [1, 2, 3], [4, 5, 6]]))
    wrong = repacked(content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"A1:C3", b"A1:A1"))
    assert cells(wrong)[2] == (4, 5, 6)


SHARED_STRINGS = b"""<?xml version="1.0"?>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<si><t>_x005F_x0041_ _x000D_</t></si>
<si><t>plain x005F_ text</t></si>
<si><r><t>rich </t></r><r><t>text</t></r><rPh sb="0" eb="1"><t>hint</t></rPh></si>
</sst>"""
STRINGS_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)


def test_shared_strings_are_read_as_they_are_meant():
    def point_to_shared(xml: bytes) -> bytes:
        for at in range(3):
            inline = b' t="inlineStr"><is><t>s%d</t></is></c>' % at
            assert inline in xml
            xml = xml.replace(inline, b' t="s"><v>%d</v></c>' % at)
        return xml

    content = repacked(xlsx(("S", [["a", "b", "c"], ["s0", "s1", "s2"]])), "xl/worksheets/sheet1.xml", point_to_shared)
    content = repacked(content, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", STRINGS_TYPE))
    out = BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", SHARED_STRINGS)
    assert cells(out.getvalue())[1] == ("_x0041_ \r", "plain x005F_ text", "rich text")


def test_a_row_number_beyond_the_sheet_is_damage_not_an_endless_loop():
    content = xlsx(("S", [["a", "b"], [1, 2]]))
    far = repacked(content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'r="2"', b'r="99999999999"'))
    assert reason(far) == "damaged"


def test_damaged_zip_bomb_and_foreign_zip():
    content = xlsx(("S", [["a", "b"], [1, 2]]))
    assert reason(content[:300]) == "damaged"
    assert reason(repacked(content, "xl/workbook.xml", lambda xml: xml[:-30])) == "damaged"
    bomb = repacked(content, "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * 3_000_000)
    assert reason(bomb, limits=Limits(uncompressed=2_000_000)) == "too_large_unpacked"
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "a,b")
    assert reason(out.getvalue()) == "unknown_format"


@pytest.mark.parametrize("cut", range(3))
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_damage_anywhere_is_reported_not_raised(cut: int, data):
    """One byte of a part is changed, a part is cut short, or bytes of the archive itself are changed."""
    base = data.draw(st.sampled_from([SMALL_XLSX, SMALL_ODS]))
    if cut == 2:
        content = bytearray(base)
        for at in data.draw(st.lists(st.integers(4, len(base) - 1), min_size=1, max_size=5)):
            content[at] ^= data.draw(st.integers(1, 255))
        assert outcome(bytes(content)) in OUTCOMES
        return
    with zipfile.ZipFile(BytesIO(base)) as archive:
        part = data.draw(st.sampled_from([name for name in archive.namelist() if archive.read(name)]))
        size = len(archive.read(part))
    at, byte = data.draw(st.integers(0, size - 1)), bytes([data.draw(st.integers(0, 255))])
    assert outcome(repacked(base, part, lambda old: old[:at] if cut else old[:at] + byte + old[at + 1 :])) in OUTCOMES


def outcome(content: bytes) -> str:
    try:
        read_table(content, "x")
    except UnreadableTable as refused:
        return refused.reason
    return "read"


OUTCOMES = {"read", "damaged", "empty", "unknown_format", "encrypted", "too_many_columns", "not_text"}


def test_encrypted_office_files_say_so():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert reason(ole + "EncryptedPackage".encode("utf-16-le")) == "encrypted"
    assert reason(ole) == "unknown_format"
    assert reason(ole + "Workbook".encode("utf-16-le")) == "damaged"


def ods(rows: list[list[dict[str, str]]], repeat_last: int = 1) -> bytes:
    document = OpenDocumentSpreadsheet()
    table = OdsTable(name="表")
    for at, row in enumerate(rows):
        line = TableRow(numberrowsrepeated=repeat_last if at == len(rows) - 1 else 1)
        for cell in row:
            text = cell.pop("text", "")
            element = TableCell(**cell)
            if text:
                element.addElement(P(text=text))
            line.addElement(element)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    out = BytesIO()
    document.write(out)
    return out.getvalue()


SMALL_XLSX = xlsx(("S", [["a", "b"], [1, datetime(2024, 1, 2)]]))  # noqa: DTZ001
SMALL_ODS = ods([[{"valuetype": "string", "text": "a"}, {"valuetype": "date", "datevalue": "2024-01-02"}]] * 1)


def test_ods_types_and_repeats():
    rows = [
        [{"valuetype": "string", "text": name} for name in ("编号", "时间", "空", "是", "钟")],
        [
            {"valuetype": "float", "value": "24", "text": "24"},
            {"valuetype": "date", "datevalue": "2020-01-06T12:09:38", "text": "6.1.20"},
            {"numbercolumnsrepeated": "1"},
            {"valuetype": "boolean", "booleanvalue": "true", "text": "WAHR"},
            {"valuetype": "time", "timevalue": "PT09H30M00S", "text": "9:30"},
        ],
        [{"numbercolumnsrepeated": "1024"}],
        [{"valuetype": "string", "text": "x", "numbercolumnsrepeated": "2"}, {"numbercolumnsrepeated": "1022"}],
    ]
    table = read_table(ods(rows, repeat_last=2), "a.ods")
    assert table.sheets == ("表",)
    assert table.rows[0].cells == (24, datetime(2020, 1, 6, 12, 9, 38), None, True, time(9, 30))  # noqa: DTZ001
    assert [(row.number, row.cells) for row in table.rows[1:]] == [
        (4, ("x", "x", None, None, None)),
        (5, ("x", "x", None, None, None)),
    ]


def test_ods_repeats_are_not_blown_up():
    rows = [
        [{"valuetype": "string", "text": "a"}, {"valuetype": "string", "text": "b"}],
        [{"valuetype": "string", "text": "x", "numbercolumnsrepeated": "999999999"}],
    ]
    assert reason(ods(rows)) == "too_many_columns"
    rows = [[{"valuetype": "string", "text": "a"}, {"valuetype": "string", "text": "b"}]] * 2
    assert reason(ods([list(map(dict, row)) for row in rows], repeat_last=999_999_999)) == "too_many_rows"


def content_xml(content: bytes, old: bytes, new: bytes) -> bytes:
    def change(xml: bytes) -> bytes:
        assert old in xml
        return xml.replace(old, new)

    return repacked(content, "content.xml", change)


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    """What is taken inside, at its height."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * 2**20
    finally:
        tracemalloc.stop()


def two_by_two() -> bytes:
    return ods([[{"valuetype": "string", "text": "a"}, {"valuetype": "string", "text": "b"}] for _ in range(2)])


@pytest.mark.trial(25)
@pytest.mark.parametrize("count", [b"999999999", b"9" * 5_000])
def test_a_count_of_spaces_takes_no_memory(count: bytes):
    spaces = b'<text:s text:c="%s"/>' % count
    with at_most(10):
        table = read_table(content_xml(two_by_two(), b">a<", b">a" + spaces + b"<"), "a.ods")
    assert table.headers == ("a", "b")
    assert reason(content_xml(two_by_two(), b">a<", b">a" + spaces * 300 + b"<")) == "damaged"


@pytest.mark.trial(25)
def test_counts_of_cells_and_rows_take_no_memory():
    end, junk = b"</table:table-row>", b"<x/>" * 110_000
    wide = b'<table:table-cell office:value-type="string" table:number-columns-repeated="99999"><text:p>x</text:p>'
    cells = (wide + b"</table:table-cell>") * 500
    with at_most(20):
        assert reason(content_xml(two_by_two(), end, cells + end)) == "too_many_columns"
        assert reason(content_xml(two_by_two(), end, junk + end)) == "too_many_columns"
        assert outcome(content_xml(two_by_two(), b"</table:table>", b"</table:table>" + junk)) == "read"


@pytest.mark.trial(25)
def test_counts_in_a_workbook_of_excel_take_no_memory():
    part, content = "xl/worksheets/sheet1.xml", xlsx(("S", [["a", "b"], [1, 2]]))

    def rows_of(old: bytes, new: bytes) -> int:
        return len(read_table(repacked(content, part, lambda xml: xml.replace(old, new)), "x").rows)

    wide = b"".join(b'<row r="%d"><c r="ZZZ%d"/><c r="A%d"><v>1</v></c></row>' % (at, at, at) for at in range(3, 1_003))
    everywhere = b'<mergeCells count="1"><mergeCell ref="A2:XFD1048576"/></mergeCells></worksheet>'
    with at_most(20):
        assert rows_of(b"</sheetData>", wide + b"</sheetData>") == 1_001
        assert rows_of(b"<sheetData>", b"<x/>" * 110_000 + b"<sheetData>") == 1
        assert rows_of(b"A1:B2", b"A1:XFD1048576") == 1
        assert rows_of(b"</worksheet>", everywhere) == 1
        styles = repacked(content, "xl/styles.xml", lambda xml: xml + b" " * 3_000_000)
        assert reason(styles, limits=Limits(part=2_000_000)) == "too_large_unpacked"


@pytest.mark.trial(25)
def test_entities_and_elements_without_end_are_refused():
    part, content = "xl/worksheets/sheet1.xml", xlsx(("S", [["a", "b"], [1, 2]]))

    def outcome_of(old: bytes, new: bytes) -> str:
        return outcome(repacked(content, part, lambda xml: xml.replace(old, new, 1)))

    lots = b"".join(b'<!ENTITY e%d "%s">' % (at, b"&e%d;" % (at - 1) * 10) for at in range(1, 12))
    laughs = b'<!DOCTYPE x [<!ENTITY e0 "ha">' + lots + b"]><worksheet"
    with at_most(40):
        assert outcome_of(b"<worksheet", laughs) == "damaged"
        assert outcome_of(b"<sheetData>", b"<x>" * 100_000 + b"</x>" * 100_000 + b"<sheetData>") == "damaged"
        assert outcome_of(b"<sheetData>", b"<sheetData>" + b"<row><c/></row>" * 30_000) == "read"


@pytest.mark.trial(25)
def test_more_cells_than_a_table_has_are_refused():
    wide = b",".join(b"%d" % at for at in range(50))
    assert reason(wide + b"\n1\n" * 100, limits=Limits(cells=5_000)) == "too_many_cells"


def test_ten_thousand_rows_of_forty_columns_in_seconds():
    line = ",".join(f"值{n}" for n in range(40)).encode() + b"\r\n"
    begun = clock.process_time()
    table = read_table(line * 10_001, "a.csv")
    assert len(table.rows) == 10_000
    assert clock.process_time() - begun < 5, (
        "a tenth of it on a quiet machine; an hour where the work grows with its square"
    )


# --- real files

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no folder {SHARED}")
FOLDERS = ("tables", "nyc311", "tipdm2020_sample", "cfpb", "nycdb", "sfo_survey", "uci_incident")
REFUSED = {"encrypted_no_password.xls": "encrypted", "libreoffice.xlsx": "empty"}


@needs_shared
@pytest.mark.parametrize("folder", FOLDERS)
def test_real_files(folder: str):
    for path in sorted((SHARED / folder).iterdir()):
        if path.name in REFUSED:
            assert reason(path.read_bytes()) == REFUSED[path.name]
            continue
        table = read_table(path.read_bytes(), path.name)
        assert len(set(table.headers)) == len(table.headers)
        assert all(len(row.cells) == len(table.headers) for row in table.rows)


@needs_shared
@pytest.mark.parametrize(
    ("name", "first", "columns", "first_row"),
    [
        ("excel_pasting.csv", "Year", 9, 5),
        ("mixedGLB.csv", "Year", 19, 5),
        ("weird_head_padding.csv", "#1", 10, 13),
        ("utf-16le_encoded.csv", "Organisation_code", 19, 2),
        ("sparse_with_column_errors.csv", "LP", 4, 2),
        ("blank_line.ods", "Name", 3, 2),
    ],
)
def test_odd_files(name: str, first: str, columns: int, first_row: int):
    table = read_table((SHARED / "tables" / name).read_bytes(), name)
    assert (table.headers[0], len(table.headers), table.rows[0].number) == (first, columns, first_row)


@needs_shared
def test_chinese_workbooks_keep_numbers_dates_and_long_text():
    path = SHARED / "tipdm2020_sample" / "附件3.xlsx"
    table = read_table(path.read_bytes(), path.name)
    assert table.headers[:5] == ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情")
    assert {type(row.cells[0]) for row in table.rows} == {int}
    assert datetime in {type(row.cells[3]) for row in table.rows}
    assert any("\t" in str(row.cells[4]) for row in table.rows)
