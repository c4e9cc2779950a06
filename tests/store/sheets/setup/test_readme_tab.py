"""The Read-me tab and the guide for managers name what loses data, and that the spreadsheet holds personal data."""

from pathlib import Path

import pytest

from lib.i18n import Language, in_language
from lib.store.sheets.setup.readme_tab import readme_rows

DOCS = Path(__file__).parents[4] / "docs"
GUIDES: dict[Language, Path] = {"zh_CN": DOCS / "sheet.zh-CN.md", "en": DOCS / "sheet.en.md"}
HAZARDS: dict[str, dict[Language, str]] = {
    "paste": {"zh_CN": "仅粘贴值", "en": "values only"},
    "merge": {"zh_CN": "合并单元格", "en": "merge cells"},
    "header": {"zh_CN": "复制整列", "en": "copy a"},
    "rows": {"zh_CN": "复制整行", "en": "type a new row"},
    "sort": {"zh_CN": "只选几列来排序", "en": "sort some columns only"},
    "personal data": {"zh_CN": "属于个人信息", "en": "personal data"},
}


@pytest.mark.trial(44)
@pytest.mark.parametrize("hazard", HAZARDS)
@pytest.mark.parametrize("language", GUIDES)
def test_what_loses_data_is_said_in_the_sheet_and_in_the_guide(hazard: str, language: Language) -> None:
    said = HAZARDS[hazard][language]
    with in_language(language):
        assert any(said in line.lower() for line in readme_rows()), "the Read-me tab"
    assert said in GUIDES[language].read_text("utf-8").lower(), "the guide"
