"""Draw the pictures of the spreadsheet guides again: `python docs/make_pictures.py [NAME ...]`.

Pictures of the sheet show the demo workspace in a spreadsheet that `sheet setup` made on a loopback server; steps in
Google's console are drawn as diagrams. They go to docs/images/zh and docs/images/en.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from pictures import panels, sheet_pictures  # noqa: E402
from pictures.page import launch, shoot  # noqa: E402
from pictures.spreadsheet import Demo, demo_spreadsheet  # noqa: E402

NOW = datetime(2026, 11, 20, 10, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
IMAGES = ROOT / "docs" / "images"
LANGUAGES = {"zh": "zh_CN", "en": "en"}
SHEETS: Mapping[str, Callable[[Demo, str, datetime], str]] = {
    "sheet-columns": sheet_pictures.as_made,
    "sheet-colours": sheet_pictures.with_colours,
}
DIAGRAMS: Mapping[str, Callable[[str], str]] = {
    "sheet-together": panels.together,
    "google-account": panels.account,
    "google-share": panels.sharing,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these pictures")
    names = parser.parse_args().names or [*SHEETS, *DIAGRAMS]
    if unknown := set(names) - {*SHEETS, *DIAGRAMS}:
        parser.error(f"no such picture: {', '.join(sorted(unknown))}")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for language in LANGUAGES:
            draw(browser, language, names)
        browser.close()


def draw(browser: Browser, language: str, names: list[str]) -> None:
    """The pictures in one language."""
    for name in (name for name in DIAGRAMS if name in names):
        shoot(browser, panels.STYLE, DIAGRAMS[name](language), IMAGES / language / f"{name}.png")
    wanted = [name for name in SHEETS if name in names]
    if not wanted:
        return
    with tempfile.TemporaryDirectory() as folder, demo_spreadsheet(Path(folder), LANGUAGES[language], NOW) as demo:
        for name in wanted:
            shoot(browser, sheet_pictures.STYLE, SHEETS[name](demo, language, NOW), IMAGES / language / f"{name}.png")


if __name__ == "__main__":
    main()
