"""PDF files as text and as pictures."""

from dataclasses import dataclass

import pypdfium2
from PIL import Image


@dataclass(frozen=True)
class Read:
    """The text of each page; `marks` are its characters without spaces, because a line may break anywhere."""

    pages: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.pages)

    @property
    def marks(self) -> str:
        return "".join(self.text.split())


def read(content: bytes) -> Read:
    file = pypdfium2.PdfDocument(content)
    pages = []
    for number in range(len(file)):
        page = file[number]
        text = page.get_textpage()
        pages.append(text.get_text_bounded())
        text.close()
        page.close()
    file.close()
    return Read(tuple(pages))


def picture(content: bytes, number: int = 0, scale: float = 1.0) -> Image.Image:
    """One page in shades of grey."""
    file = pypdfium2.PdfDocument(content)
    page = file[number]
    drawn = page.render(scale=scale).to_pil().convert("L")
    page.close()
    file.close()
    return drawn
