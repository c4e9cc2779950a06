"""The PDF itself: the same bytes each time, nothing from outside, fonts inside."""

import re
from datetime import datetime

from lib.documents.paper.blocks import section
from lib.documents.paper.layout import PageLayout
from lib.documents.paper.lines import Style
from lib.documents.paper.paint import Imprint, pdf
from tests.documents.reading import picture, read
from tests.support import MONDAY

IMPRINT = Imprint("案件档案 TS-1", "安居房产", "zh_CN", MONDAY)


def _sheet(text: str = "厨房漏水 kitchen → ①") -> PageLayout:
    sheet = PageLayout()
    section(sheet, "反映内容")
    sheet.paragraph(text, Style(12))
    return sheet


def test_the_same_pages_give_the_same_bytes() -> None:
    assert pdf(_sheet(), IMPRINT) == pdf(_sheet(), IMPRINT)
    later = Imprint(IMPRINT.title, IMPRINT.author, IMPRINT.language, datetime(2026, 3, 3, tzinfo=MONDAY.tzinfo))
    assert pdf(_sheet(), IMPRINT) != pdf(_sheet(), later)


def test_every_font_is_inside_as_a_subset() -> None:
    content = pdf(_sheet(), IMPRINT)
    names = set(re.findall(rb"/BaseFont /(\S+)", content))
    used = {name.split(b"+")[-1] for name in names if b"+" in name}
    assert {b"DroidSansFallback", b"OpenSans", b"DejaVuSans"} <= used
    assert content.count(b"/FontFile2") >= 3
    assert len(content) < 150_000
    assert b"http" not in content.replace(b"http://www.reportlab.com", b"")


def test_the_text_can_be_copied_and_is_seen() -> None:
    content = pdf(_sheet(), IMPRINT)
    assert "厨房漏水 kitchen → ①" in read(content).text
    assert "反映内容" in read(content).text
    blank = pdf(PageLayout(), IMPRINT)
    assert sum(picture(content).histogram()[:200]) > sum(picture(blank).histogram()[:200]) + 200


def test_the_file_says_what_it_is() -> None:
    content = pdf(_sheet(), IMPRINT)
    assert b"D:20260302100000+08'00'" in content
    assert b"/Lang (zh-CN)" in content
