"""Files of cases, kept by the SHA-256 of their content: the same file twice is kept once, and what is read is checked.

They are kept in a folder, or wherever else fsspec reaches: a bucket of any S3-compatible service
(`s3://bucket/prefix`), or memory (`memory://name`), for tests.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from lib.errors import ConfigError, FileLost, FilesUnavailable

CONNECT_SECONDS = 5
READ_SECONDS = 20
TRIES = 2
_MARKS = "kept"  # the folder of the marks
_DIGEST = re.compile("[0-9a-f]{64}")
LONGEST_SECONDS = 60  # for one file, whatever the layers below try again


class FileStore:
    """A store of files; safe with several processes, because a file appears under its name only when it is complete."""

    def __init__(self, place: Path | str, options: Mapping[str, Any] | None = None) -> None:
        """`place` is a folder or an address; `options` are those of its file system. Raises ConfigError."""
        url = str(place)
        protocol = url.partition("://")[0] if "://" in url else "file"
        try:
            self._system: Any = fsspec.filesystem(protocol, **(options or {}))
        except (ImportError, ValueError) as unknown:
            raise ConfigError("app.toml", "files_dir", str(unknown)) from None
        self._root = str(self._system._strip_protocol(url)).rstrip("/")
        self._limit = {"timeout": LONGEST_SECONDS} if self._system.async_impl else {}
        self._foreign = _foreign_errors(protocol)
        self._seen: set[str] = set()

    def put(self, content: bytes, *, mark: str = "") -> str:
        """Keep the content; returns its SHA-256 in hexadecimal. Raises FilesUnavailable.

        A `mark` stands beside it, from before it is written, until `settle` says that a record names the file.
        """
        digest = hashlib.sha256(content).hexdigest()
        with self._translated():
            if mark:
                self._write(self._mark(digest), mark.encode())
            if not self._is_whole(digest, len(content)):
                self._write(self._path(digest), content)
        self._seen.add(digest)
        return digest

    def get(self, digest: str) -> bytes:
        """The content. Raises FileLost where it is missing or is not what was put in, and FilesUnavailable."""
        with self._translated():
            content = self._read(digest)
        if hashlib.sha256(content).hexdigest() != digest:
            self._seen.discard(digest)
            raise FileLost(digest, "damaged")
        return content

    def holds(self, digest: str, size: int) -> bool:
        """Whether the file is there in full length (bytes); asked of the place once. Raises FilesUnavailable."""
        if digest not in self._seen:
            with self._translated():
                if not self._is_whole(digest, size):
                    return False
            self._seen.add(digest)
        return True

    def marks(self) -> dict[str, str]:
        """The marks that stand, by digest. Raises FilesUnavailable."""
        with self._translated():
            try:
                found = self._system.ls(f"{self._root}/{_MARKS}", detail=False)
            except FileNotFoundError:
                return {}
            digests = [name.rstrip("/").rpartition("/")[2] for name in found]
            marks = {digest: self._mark_of(digest) for digest in digests if _DIGEST.fullmatch(digest)}
        return {digest: mark for digest, mark in marks.items() if mark}

    def settle(self, digests: Iterable[str]) -> None:
        """Records name these files: their marks go. Raises FilesUnavailable."""
        with self._translated():
            for digest in digests:
                self._remove(self._mark(digest))

    def drop(self, digest: str, *, mark: str) -> bool:
        """Remove a file that no record names, unless it has another mark by now: then somebody has just kept it again.
        Raises FilesUnavailable."""
        with self._translated():
            if self._mark_of(digest) != mark:
                return False
            self._seen.discard(digest)
            self._remove(self._path(digest))
            self._remove(self._mark(digest))
        return True

    def _mark_of(self, digest: str) -> str:
        try:
            return bytes(self._system.cat_file(self._mark(digest), **self._limit)).decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self._system.rm_file(path)

    def _mark(self, digest: str) -> str:
        return f"{self._root}/{_MARKS}/{digest}"

    def _read(self, digest: str) -> bytes:
        try:
            return bytes(self._system.cat_file(self._path(digest), **self._limit))
        except FileNotFoundError:
            self._seen.discard(digest)
            raise FileLost(digest, "missing") from None

    def _is_whole(self, digest: str, size: int) -> bool:
        try:
            return bool(self._system.info(self._path(digest), **self._limit)["size"] == size)
        except FileNotFoundError:
            return False

    def _write(self, path: str, content: bytes) -> None:
        if isinstance(self._system, LocalFileSystem):
            _write_whole(Path(path), content)
        else:
            self._system.pipe_file(path, content, **self._limit)  # one upload, seen when it is complete

    def _path(self, digest: str) -> str:
        return f"{self._root}/{digest[:2]}/{digest}"

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._foreign as failed:
            raise FilesUnavailable(f"{type(failed).__name__}: {failed}") from failed


def s3_options(*, endpoint: str, key: str, secret: str, addressing: str) -> dict[str, Any]:
    """What s3fs takes: whose service, which account, and how long to wait for an answer.

    Without a key the usual places of the environment are looked at. Services other than Amazon's do not know the
    checksums that new clients send unasked.
    """
    settings = {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "retries": {"max_attempts": TRIES, "mode": "standard"},
        "s3": {"addressing_style": addressing},
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
    }
    account = {"key": key, "secret": secret} if key else {}
    where = {"endpoint_url": endpoint} if endpoint else {}
    return {**account, **where, "config_kwargs": settings, "use_listings_cache": False}


def _foreign_errors(protocol: str) -> tuple[type[Exception], ...]:
    """What the library behind a protocol raises when it fails: s3fs lets errors of botocore through."""
    if protocol not in ("s3", "s3a"):
        return (OSError,)
    from botocore.exceptions import BotoCoreError, ClientError

    return (OSError, BotoCoreError, ClientError)


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
