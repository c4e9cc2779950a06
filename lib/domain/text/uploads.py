"""What an uploaded file may be. The type is read from the content, and the name follows it: phones and WeChat save
pictures of one kind under the ending of another."""

import hashlib
import io
import re
import struct
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict

MEGABYTE: Final = 1024 * 1024
LONGEST_NAME: Final = 120

_EXTENSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "image/jpeg": (".jpg", ".jpeg", ".jfif", ".jpe"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif", ".hif"),
    "image/avif": (".avif",),
    "image/gif": (".gif",),
    "image/bmp": (".bmp",),
    "image/tiff": (".tif", ".tiff"),
    "application/pdf": (".pdf",),
    # Phones and recorders mark their MP4 files loosely: the same brand is found in all four.
    "video/mp4": (".mp4", ".m4v", ".mov", ".m4a", ".3gp"),
    "video/quicktime": (".mov",),
    "audio/mp4": (".m4a",),
    "audio/mpeg": (".mp3",),
    "audio/wav": (".wav",),
    "audio/amr": (".amr",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "text/plain": (".txt",),
}
"""The extensions of each type; a file without one, or with that of another type, gets the first."""
_PASSIVE: Final = frozenset(extension for extensions in _EXTENSIONS.values() for extension in extensions)

ALL_TYPES: Final = frozenset(_EXTENSIONS)
IMAGE_TYPES: Final = frozenset(kind for kind in _EXTENSIONS if kind.startswith("image/"))


class UploadProblem(StrEnum):
    """Why a file is refused."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"  # facts: size, limit (bytes)
    TOO_MANY = "too_many"  # facts: count, limit
    DANGEROUS = "dangerous"  # a program, a web page, an SVG, or a document with macros; facts: what
    UNKNOWN_TYPE = "unknown_type"
    NOT_ALLOWED = "not_allowed"  # facts: media_type
    WRONG_EXTENSION = "wrong_extension"  # not the ending of any type that is kept; facts: media_type, extension


class BadUpload(ValueError):
    """The file is refused. `name` is safe to show."""

    def __init__(self, problem: UploadProblem, name: str, **facts: str | int) -> None:
        super().__init__(f"{name}: {problem}")
        self.problem = problem
        self.name = name
        self.facts = facts


class UploadRules(BaseModel):
    """Sizes in bytes, of one file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    types: frozenset[str] = ALL_TYPES
    max_image: int = 15 * MEGABYTE
    max_other: int = 50 * MEGABYTE
    max_files: int = 20

    def limit(self, media_type: str) -> int:
        return self.max_image if media_type in IMAGE_TYPES else self.max_other


STAFF: Final = UploadRules()
PUBLIC: Final = UploadRules(
    types=IMAGE_TYPES | {"application/pdf"},
    max_image=8 * MEGABYTE,
    max_other=8 * MEGABYTE,
    max_files=5,
)


class Upload(BaseModel):
    """A file that passed. `size` in bytes, `sha256` in hexadecimal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    media_type: str
    size: int
    sha256: str


def sort_out(files: Sequence[tuple[str, bytes]], rules: UploadRules = STAFF) -> dict[int, BadUpload]:
    """Which of the files chosen together may not be kept, by their place, and why: one does not keep back the rest.

    Of more good files than `rules` allow the last ones are refused.
    """
    refused: dict[int, BadUpload] = {}
    for place, (name, content) in enumerate(files):
        try:
            check_upload(name, content, rules)
            if place - len(refused) >= rules.max_files:
                raise BadUpload(UploadProblem.TOO_MANY, safe_name(name), count=len(files), limit=rules.max_files)
        except BadUpload as bad:
            refused[place] = bad
    return refused


def check_uploads(files: Sequence[tuple[str, bytes]], rules: UploadRules = STAFF) -> tuple[Upload, ...]:
    """Checks (name, content) pairs sent together. Raises BadUpload for the first that is refused."""
    if len(files) > rules.max_files:
        raise BadUpload(
            UploadProblem.TOO_MANY,
            safe_name(files[rules.max_files][0]),
            count=len(files),
            limit=rules.max_files,
        )
    return tuple(check_upload(name, content, rules) for name, content in files)


def check_upload(name: str, content: bytes, rules: UploadRules = STAFF) -> Upload:
    """The file's safe name, true type, size and checksum. Raises BadUpload."""
    shown = safe_name(name)
    if not content:
        raise BadUpload(UploadProblem.EMPTY, shown)
    _check_size(shown, len(content), max(rules.max_image, rules.max_other))
    media_type = _type_of(shown, content)
    if media_type not in rules.types:
        raise BadUpload(UploadProblem.NOT_ALLOWED, shown, media_type=media_type)
    _check_size(shown, len(content), rules.limit(media_type))
    return Upload(
        name=_with_extension(shown, media_type),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def safe_name(name: str) -> str:
    """The last part of the path, without what could mislead people or file systems; at most 120 characters.

    Control and format characters go: a right-to-left override would show "gpj.exe" as "exe.jpg".
    """
    last = re.split(r"[/\\]", name)[-1]
    visible = "".join(char for char in last if char.isspace() or unicodedata.category(char) not in _INVISIBLE)
    composed = unicodedata.normalize("NFC", " ".join(visible.split()))
    plain = re.sub(r'[<>:"|?*]', "_", composed).strip(" .")
    if not plain or _RESERVED.fullmatch(plain.partition(".")[0].rstrip()):
        plain = f"file_{plain}".rstrip("_")
    path = PurePosixPath(plain)
    suffix = path.suffix if len(path.suffix) <= 10 else ""
    return plain[: len(plain) - len(suffix)][: LONGEST_NAME - len(suffix)].rstrip(" .") + suffix


_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs"})
_RESERVED: Final = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)


def _check_size(name: str, size: int, limit: int) -> None:
    if size > limit:
        raise BadUpload(UploadProblem.TOO_LARGE, name, size=size, limit=limit)


def _with_extension(name: str, media_type: str) -> str:
    """The name with an ending of its true type. One that is no ending of any type kept (.exe, .html) is refused."""
    path = PurePosixPath(name)
    extension, allowed = path.suffix.lower(), _EXTENSIONS[media_type]
    if extension in allowed:
        return name
    if extension and extension not in _PASSIVE:
        raise BadUpload(UploadProblem.WRONG_EXTENSION, name, media_type=media_type, extension=extension)
    return path.stem[: LONGEST_NAME - len(allowed[0])].rstrip(" .") + allowed[0]


def _type_of(name: str, content: bytes) -> str:
    danger = _danger(content)
    if danger:
        raise BadUpload(UploadProblem.DANGEROUS, name, what=danger)
    media_type = _by_signature(content) or _iso_media(content)
    if media_type is None and content.startswith(b"PK\x03\x04"):
        media_type = _office_document(name, content)
    if media_type is None and name.lower().endswith(".txt") and _is_text(content):
        media_type = "text/plain"
    if media_type is None:
        raise BadUpload(UploadProblem.UNKNOWN_TYPE, name)
    return media_type


class _Signature(NamedTuple):
    media_type: str
    pattern: re.Pattern[bytes]


_SIGNATURES: Final = (
    _Signature("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    _Signature("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    _Signature("image/gif", re.compile(rb"GIF8[79]a")),
    _Signature("image/bmp", re.compile(rb"BM.{4}\0{4}", re.DOTALL)),
    _Signature("image/tiff", re.compile(rb"II\*\0|MM\0\*")),
    _Signature("image/webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    _Signature("audio/wav", re.compile(rb"RIFF.{4}WAVE", re.DOTALL)),
    _Signature("application/pdf", re.compile(rb"%PDF-\d")),
    _Signature("audio/amr", re.compile(rb"#!AMR(-WB)?\n")),
    # An ID3 tag, or the header of an MPEG layer III frame (11 bits of sync, any version, layer 01).
    _Signature("audio/mpeg", re.compile(rb"ID3[\x02-\x04]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")),
)

_PROGRAMS: Final = (
    b"MZ",  # Windows
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",  # Java, universal macOS
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\x00asm",
    b"L\x00\x00\x00\x01\x14\x02\x00",  # Windows shortcut
)

_MARKUP: Final = re.compile(
    rb"<(\?xml|!--|!doctype|html|head|body|title|script|style|svg|iframe|object|embed|meta|link|table|div|img|a\s)",
    re.IGNORECASE,
)


def _danger(content: bytes) -> str | None:
    if content.startswith(_PROGRAMS) or (content.startswith(b"#!") and not content.startswith(b"#!AMR")):
        return "program"
    # Where a browser looks when it guesses a type: after spaces and byte-order marks. NULs are UTF-16's.
    opening = content[:2048].removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe").replace(b"\x00", b"").lstrip()
    if _MARKUP.match(opening):
        return "svg" if b"<svg" in opening.lower() else "web page"
    return None


def _by_signature(content: bytes) -> str | None:
    return next((kind for kind, pattern in _SIGNATURES if pattern.match(content)), None)


_ISO_BRANDS: Final[Mapping[bytes, str]] = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "image/heic"),
    b"avif": "image/avif",
    **dict.fromkeys((b"M4A ", b"M4B "), "audio/mp4"),
    **dict.fromkeys(
        b"isom iso2 iso4 iso5 iso6 mp41 mp42 avc1 MSNV dash 3gp4 3gp5 3gp6".split(),
        "video/mp4",
    ),
    b"M4V ": "video/mp4",
    b"qt  ": "video/quicktime",
}


def _iso_media(content: bytes) -> str | None:
    """The type of a file that begins with the `ftyp` box of ISO 14496-12, by its major brand."""
    if content[4:8] != b"ftyp":
        return None
    brand = content[8:12]
    if brand in {b"mif1", b"msf1"}:  # any HEIF image: the compatible brands say whether it is HEIC
        others = content[16 : min(int.from_bytes(content[:4], "big"), 256)]
        return "image/heic" if b"heic" in others or b"heix" in others else None
    return _ISO_BRANDS.get(brand)


_OFFICE_PARTS: Final[Mapping[str, str]] = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_MOST_MEMBERS: Final = 10_000  # far above any document; a list of a million would fill the memory


def _office_document(name: str, content: bytes) -> str | None:
    """Reads the list of members only: nothing is unpacked."""
    if content.count(b"PK\x01\x02") > _MOST_MEMBERS:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        return None
    if any(member.lower().endswith("vbaproject.bin") for member in members):
        raise BadUpload(UploadProblem.DANGEROUS, name, what="macros")
    if "[Content_Types].xml" not in members:
        return None
    return next((kind for part, kind in _OFFICE_PARTS.items() if part in members), None)


def _is_text(content: bytes) -> bool:
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    return any(_decodes(content, encoding) for encoding in encodings)


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return not re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", text)
