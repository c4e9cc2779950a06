"""QR codes of links, as PNG."""

import io
from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M

_MODULE = 8  # pixels: sharp on a telephone's screen and on paper
_QUIET = 4  # modules of white around it, as ISO/IEC 18004 asks


@lru_cache(maxsize=256)
def png(text: str) -> bytes:
    """The QR code of a text, black on white in any theme, because not every camera reads the inverse."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=_MODULE, border=_QUIET)
    code.add_data(text)
    code.make(fit=True)
    file = io.BytesIO()
    code.make_image(fill_color="black", back_color="white").save(file)
    return file.getvalue()
