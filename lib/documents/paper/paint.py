"""Pages of marks as a PDF, the fonts embedded as subsets. The same pages give the same bytes."""

import io
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Lock

from reportlab.lib.colors import HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from lib.documents.paper.fonts import printable, runs
from lib.documents.paper.layout import PAGE_HEIGHT, PAGE_WIDTH, Box, Mark, PageLayout, Picture, Stroke, TextLine
from lib.documents.paper.lines import text_width

_LOCK = Lock()  # the fonts are shared
_THICKEN = 0.024  # of the size: the stroke around the letters of a font without a bold


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a viewer tells of the file."""

    title: str
    author: str
    language: str
    made_at: datetime


def pdf(sheet: PageLayout, imprint: Imprint) -> bytes:
    """The sheet as a PDF file."""
    file = io.BytesIO()
    with _LOCK:
        canvas = _canvas(file, imprint)
        for number, marks in enumerate(sheet.pages):
            canvas.bookmarkPage(f"page{number}")
            for title in (title for title, page in sheet.outline if page == number):
                canvas.addOutlineEntry(printable(title), f"page{number}")
            for mark in marks:
                _draw(canvas, mark)
            canvas.showPage()
        canvas.save()
    return file.getvalue()


def _canvas(file: io.BytesIO, imprint: Imprint) -> Canvas:
    """`invariant`, because else the file's identity and dates would be those of this moment."""
    canvas = Canvas(file, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, pageCompression=1)
    canvas.setTitle(imprint.title)
    canvas.setAuthor(imprint.author)
    canvas.setCreator("Casesheet")
    canvas.setSubject("")
    canvas.setCatalogEntry("Lang", imprint.language.replace("_", "-"))
    canvas.setDateFormatter(partial(_date, imprint.made_at))
    return canvas


def _date(made_at: datetime, *_: object) -> str:
    """ISO 32000-1, 7.9.4: D:20260302100000+08'00'."""
    zone = f"{made_at:%z}" or "+0000"
    return f"D:{made_at:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:5]}'"


def _draw(canvas: Canvas, mark: Mark) -> None:
    match mark:
        case TextLine():
            _words(canvas, mark)
        case Stroke():
            canvas.setStrokeColor(HexColor(mark.colour))
            canvas.setLineWidth(mark.thickness)
            canvas.line(mark.x1, PAGE_HEIGHT - mark.y1, mark.x2, PAGE_HEIGHT - mark.y2)
        case Box():
            canvas.setLineWidth(0.6)
            canvas.setFillColor(HexColor(mark.fill or "#ffffff"))
            canvas.setStrokeColor(HexColor(mark.colour))
            bottom = PAGE_HEIGHT - mark.y - mark.height
            canvas.rect(mark.x, bottom, mark.width, mark.height, stroke=int(not mark.fill), fill=int(bool(mark.fill)))
        case Picture():
            image = ImageReader(io.BytesIO(mark.content))
            bottom = PAGE_HEIGHT - mark.y - mark.height
            canvas.drawImage(image, mark.x, bottom, mark.width, mark.height, mask="auto")


def _words(canvas: Canvas, words: TextLine) -> None:
    style, x = words.style, words.x
    canvas.setFillColor(HexColor(style.colour))
    canvas.setStrokeColor(HexColor(style.colour))
    canvas.setLineWidth(style.size * _THICKEN)
    for run in runs(words.text, style.bold):
        canvas.setFont(run.font, style.size)
        canvas.drawString(x + run.nudge * style.size, PAGE_HEIGHT - words.y, run.text, mode=2 if run.thicken else 0)
        x += text_width(run.text, style)
