"""The head of a document's first page, and what stands on top and at the foot of every page."""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import qrcode
from PIL import Image, UnidentifiedImageError
from qrcode.constants import ERROR_CORRECT_M

from lib.documents.paper.layout import (
    ACCENT,
    BOTTOM,
    GREY,
    INK,
    MARGIN,
    WIDTH,
    Box,
    Mark,
    PageLayout,
    Picture,
    Stroke,
    TextLine,
)
from lib.documents.paper.lines import Style, broken, text_width
from lib.errors import ConfigError
from lib.i18n import t

NAME = Style(15, bold=True, colour=INK)
TITLE = Style(21, bold=True, colour=ACCENT)
SMALL = Style(8, colour=GREY)
NUMBER = Style(11, bold=True, colour=INK)
_LOGO_HEIGHT, _LOGO_WIDTH = 34.0, 120.0
_CODE = 78.0


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose document it is. `address` is where the QR code leads, "" for none; `logo` a PNG or JPEG file."""

    agency: str
    phone: str
    logo: str
    title: str
    case_no: str
    address: str
    printed: str

    def open(self, sheet: PageLayout) -> None:
        """Name and logo, title and number, the QR code at the right."""
        top = 40.0
        right = MARGIN + WIDTH - (_CODE + 12 if self.address else 0)
        x = MARGIN + _logo(sheet, self.logo, MARGIN, top)
        y = top + 14
        for line in broken(self.agency, right - x, NAME)[:2]:
            sheet.put(TextLine(x, y, line, NAME))
            y += NAME.size * 1.3
        sheet.put(*_words(x, y - 3, [self.phone] if self.phone else [], SMALL))
        if self.address:
            sheet.put(*code(self.address, MARGIN + WIDTH - _CODE, top - 2, _CODE))
        sheet.y = max(y + 30, top + _LOGO_HEIGHT + 32)
        sheet.put(TextLine(MARGIN, sheet.y, self.title, TITLE))
        sheet.put(TextLine(MARGIN + text_width(self.title, TITLE) + 14, sheet.y, self.case_no, NUMBER))
        sheet.y = max(sheet.y + 12, top + _CODE + 6 if self.address else 0)
        sheet.put(Stroke(MARGIN, sheet.y, MARGIN + WIDTH, sheet.y, ACCENT, 1.4))
        sheet.y += 4

    def close(self, sheet: PageLayout) -> None:
        """A line on top of every page but the first, and one at the foot of all, in the current language."""
        total = len(sheet.pages)
        for place, marks in enumerate(sheet.pages):
            if place:
                marks += [
                    *_words(MARGIN, 40, [f"{self.agency} · {self.title}"], SMALL),
                    _at_right(self.case_no, 40, SMALL),
                    Stroke(MARGIN, 46, MARGIN + WIDTH, 46),
                ]
            foot = BOTTOM + 26
            marks += [
                Stroke(MARGIN, foot - 12, MARGIN + WIDTH, foot - 12),
                *_words(MARGIN, foot, broken(f"{self.case_no} · {self.printed}", WIDTH - 70, SMALL)[:2], SMALL),
                _at_right(t("Page {page} of {pages}", page=place + 1, pages=total), foot, SMALL),
            ]


def _words(x: float, y: float, lines: list[str], style: Style) -> list[Mark]:
    cut = [broken(line, WIDTH - 90, style)[0] for line in lines]
    return [TextLine(x, y + place * style.line, line, style) for place, line in enumerate(cut)]


def _at_right(text: str, y: float, style: Style) -> TextLine:
    return TextLine(MARGIN + WIDTH - text_width(text, style), y, text, style)


def _logo(sheet: PageLayout, path: str, x: float, y: float) -> float:
    """Draw the logo; returns the room that it takes."""
    if not path:
        return 0.0
    content, shape = _image(path)
    height = min(_LOGO_HEIGHT, _LOGO_WIDTH / shape)
    sheet.put(Picture(x, y, height * shape, height, content))
    return height * shape + 12


@lru_cache(4)
def _image(path: str) -> tuple[bytes, float]:
    """The file as a PNG of a size that is fit to print, and its width over its height. Raises ConfigError."""
    try:
        with Image.open(Path(path)) as image:
            small = image.convert("RGBA")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as unreadable:
        raise ConfigError("app.toml", "logo", f"not a picture: {path}") from unreadable
    small.thumbnail((1000, 400))
    file = io.BytesIO()
    small.save(file, "PNG")
    return file.getvalue(), small.width / small.height


@lru_cache(256)
def _modules(text: str) -> tuple[tuple[bool, ...], ...]:
    made = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    made.add_data(text)
    made.make(fit=True)
    return tuple(tuple(map(bool, row)) for row in made.get_matrix())


def code(text: str, x: float, y: float, size: float) -> list[Mark]:
    """The QR code of a text as boxes, sharp at any size. The paper around it is the quiet zone."""
    modules = _modules(text)
    step = size / len(modules)
    marks: list[Mark] = []
    for down, row in enumerate(modules):
        start = None
        for across, dark in enumerate((*row, False)):
            if dark and start is None:
                start = across
            elif not dark and start is not None:
                # a hair higher than the module, so that no white shows between two rows
                marks.append(Box(x + start * step, y + down * step, (across - start) * step, step + 0.05, INK_BLACK))
                start = None
    return marks


INK_BLACK = "#000000"
