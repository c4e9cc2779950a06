"""The formulas behind the pictures of the spreadsheet: worked out as the sheet would."""

import sys
from datetime import datetime

import pytest

from lib.config.settings import ROOT

sys.path.insert(0, str(ROOT / "docs"))

from pictures.formulas import Around, serial, work_out

NOW = datetime(2026, 11, 20, 10, 20)  # noqa: DTZ001 - the wall clock of a spreadsheet
CELLS = {"$A2": "处理中", "$B2": serial(NOW) - 1, "$C2": "", "$D2": "1380001", "E2": True, "$F2": serial(NOW) + 0.5}
AROUND = Around(CELLS.__getitem__, lambda _: ["处理中", "In progress"], NOW)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ('=AND(ISNUMBER($B2),LEN($C2)=0,$B2<NOW(),N("casesheet late x")=0)', True),
        ("=AND($F2>=NOW(),$F2<NOW()+1)", True),
        ("=$B2>=TODAY()", False),
        ("=COUNTIF(INDIRECT(\"'_choices'!$A$2:$A\"),TRIM($A2))>0", True),
        ("=COUNTIF(INDIRECT(\"'_choices'!$A$2:$A\"),TRIM($D2))=0", True),
        ('=NOT(REGEXMATCH($D2&"","^1[3-9][0-9]{9}$"))', True),
        ("=OR(ISNUMBER($A2),ISNUMBER(E2))", False),
        ("=$F2>=TODAY()-WEEKDAY(TODAY(),2)+1", True),
        ('="a""b"', 'a"b'),
        ("=$A2<$B2", False),  # a number comes before every text
    ],
)
def test_formulas(formula: str, value: object) -> None:
    assert work_out(formula, AROUND) == value


@pytest.mark.parametrize("formula", ["=VLOOKUP(1,2)", "=1 1", "={1}"])
def test_what_is_not_known_is_refused(formula: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        work_out(formula, AROUND)
