"""What is seen of files in a list: small pictures of photos, the words of texts; made once and kept in memory."""

import io
from functools import lru_cache

from PIL import Image, ImageOps

from lib.store.files import FileStore

SIDE = 420  # pixels
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_MOST_PIXELS = 100_000_000


@lru_cache(maxsize=256)
def thumbnail(files: FileStore, sha256: str) -> bytes | None:
    """The photo upright and small, as JPEG; None for a file that is damaged, or too large to open."""
    try:
        with Image.open(io.BytesIO(files.get(sha256))) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return None
            picture.draft("RGB", (SIDE, SIDE))
            small = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # what Pillow raises on damaged files
        return None
    small.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    return file.getvalue()


@lru_cache(maxsize=256)
def statement(files: FileStore, sha256: str) -> str:
    """The words of a text that the app itself wrote. Raises FileLost and FilesUnavailable."""
    return files.get(sha256).decode("utf-8", errors="replace").strip()
