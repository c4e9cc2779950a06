"""Files of cases, kept by the SHA-256 of their content: the same file twice is kept once."""

import hashlib
import os
import tempfile
from pathlib import Path

from lib.errors import NotFound


class FileStore:
    """A folder of files; safe with several processes, because a file appears under its name only when it is whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep the content; returns its SHA-256 in hexadecimal."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        return digest

    def get(self, digest: str) -> bytes:
        """The content. Raises NotFound."""
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFound("files", digest) from None

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest
