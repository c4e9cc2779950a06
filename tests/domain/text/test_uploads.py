import hashlib
import io
import wave
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image

from lib.domain.text.uploads import (
    MEGABYTE,
    PUBLIC,
    STAFF,
    BadUpload,
    UploadProblem,
    UploadRules,
    check_upload,
    check_uploads,
    safe_name,
    sort_out,
)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, kind)
    return out.getvalue()


def archive(*members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for member in members:
            file.writestr(member, "<x/>")
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0" * 80)
    return out.getvalue()


def iso(brand: bytes, *compatible: bytes) -> bytes:
    size = 16 + 4 * len(compatible)
    return size.to_bytes(4, "big") + b"ftyp" + brand + b"\0\0\0\0" + b"".join(compatible) + b"\0" * 64


def problem(name: str, content: bytes, rules: UploadRules = STAFF) -> UploadProblem:
    with pytest.raises(BadUpload) as caught:
        check_upload(name, content, rules)
    return caught.value.problem


GOOD = [
    ("a.jpg", picture("JPEG"), "image/jpeg"),
    ("a.JPEG", picture("JPEG"), "image/jpeg"),
    ("a.png", picture("PNG"), "image/png"),
    ("a.gif", picture("GIF"), "image/gif"),
    ("a.webp", picture("WEBP"), "image/webp"),
    ("IMG_1.HEIC", iso(b"heic", b"mif1", b"heic"), "image/heic"),
    ("a.heic", iso(b"mif1", b"mif1", b"heic"), "image/heic"),
    ("合同.pdf", b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
    ("a.mp4", iso(b"isom", b"iso2"), "video/mp4"),
    ("a.mp4", iso(b"mp42"), "video/mp4"),
    ("a.mov", iso(b"qt  "), "video/quicktime"),
    ("a.m4a", iso(b"M4A "), "audio/mp4"),
    ("recorder.m4a", iso(b"mp42"), "video/mp4"),
    ("a.mp3", b"ID3\x04\0\0\0\0\0\0", "audio/mpeg"),
    ("a.mp3", b"\xff\xfb\x90\x64" + b"\0" * 100, "audio/mpeg"),
    ("a.wav", sound(), "audio/wav"),
    ("a.amr", b"#!AMR\n\x3c", "audio/amr"),
    ("a.docx", archive("[Content_Types].xml", "word/document.xml"), DOCX),
    ("a.xlsx", workbook(), XLSX),
    ("a.txt", "业主说：厨房漏水。\r\n".encode(), "text/plain"),
    ("a.txt", "\ufeff业主说".encode(), "text/plain"),
    ("a.txt", "业主说：厨房漏水。".encode("gb18030"), "text/plain"),
    ("a.txt", "业主说".encode("utf-16"), "text/plain"),
]


@pytest.mark.parametrize(("name", "content", "media_type"), GOOD)
def test_accepted(name: str, content: bytes, media_type: str) -> None:
    upload = check_upload(name, content)
    assert (upload.name, upload.media_type, upload.size) == (name, media_type, len(content))
    assert upload.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(("name", "content", "media_type"), GOOD)
def test_the_public_may_send_pictures_and_pdf_only(name: str, content: bytes, media_type: str) -> None:
    if media_type.startswith("image/") or media_type == "application/pdf":
        assert check_upload(name, content, PUBLIC).media_type == media_type
    else:
        assert problem(name, content, PUBLIC) is UploadProblem.NOT_ALLOWED


HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"MZ\x90\x00\x03", "program"),
        (b"\x7fELF\x02\x01", "program"),
        (b"#!/bin/sh\nrm -rf /\n", "program"),
        (b"\xca\xfe\xba\xbe\x00\x00", "program"),
        (b"L\x00\x00\x00\x01\x14\x02\x00\x00", "program"),
        (HTML, "web page"),
        (b"\xef\xbb\xbf \n" + HTML, "web page"),
        (HTML.decode().encode("utf-16"), "web page"),
        (b"<script>1</script>", "web page"),
        (SVG, "svg"),
        (b"<svg onload='x'>", "svg"),
    ],
)
@pytest.mark.parametrize("name", ["a.jpg", "a.txt", "a.exe", "a.svg", "a"])
def test_dangerous_whatever_its_name(name: str, content: bytes, what: str) -> None:
    with pytest.raises(BadUpload) as caught:
        check_upload(name, content)
    assert (caught.value.problem, caught.value.facts) == (UploadProblem.DANGEROUS, {"what": what})


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.docm"])
def test_macros(name: str) -> None:
    content = archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")
    assert problem(name, content) is UploadProblem.DANGEROUS


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", picture("JPEG")),
        ("a.pdf.exe", b"%PDF-1.4"),
        ("a.html", picture("GIF")),
        ("a.svg", picture("PNG")),
        ("a.js", b"%PDF-1.4"),
    ],
)
def test_a_name_that_could_do_harm(name: str, content: bytes) -> None:
    assert problem(name, content) is UploadProblem.WRONG_EXTENSION


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.zip", archive("a.txt")),
        ("a.docx", archive("word/document.xml")),
        ("a.docx", b"PK\x03\x04 but no archive"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a.jpg", b"not a picture"),
        ("a.heic", iso(b"mif1", b"mif1", b"avif")),
        ("a.txt", b"with a NUL \x00"),
        ("a.txt", b"\xff\xff\xff"),
        ("a.bat", b"@echo off"),
        ("a.csv", b"a,b"),
        ("text", b"no extension"),
        ("a.webp", b"RIFF\0\0\0\0AVI "),
    ],
)
def test_unknown(name: str, content: bytes) -> None:
    assert problem(name, content) is UploadProblem.UNKNOWN_TYPE


def test_a_list_of_members_that_would_fill_the_memory_is_not_read() -> None:
    content = archive("[Content_Types].xml", "word/document.xml", *(f"{n}" for n in range(10_000)))
    assert problem("a.docx", content) is UploadProblem.UNKNOWN_TYPE


def test_empty() -> None:
    assert problem("a.jpg", b"") is UploadProblem.EMPTY


def test_sizes_are_inclusive_and_by_type() -> None:
    rules = UploadRules(max_image=100, max_other=200)
    jpeg, pdf = b"\xff\xd8\xff", b"%PDF-1.7"
    assert check_upload("a.jpg", jpeg.ljust(100), rules).size == 100
    assert check_upload("a.pdf", pdf.ljust(200), rules).size == 200
    assert problem("a.jpg", jpeg.ljust(101), rules) is UploadProblem.TOO_LARGE
    with pytest.raises(BadUpload) as caught:
        check_upload("a.pdf", pdf.ljust(201), rules)
    assert caught.value.facts == {"size": 201, "limit": 200}


def test_default_limits() -> None:
    assert (STAFF.limit("image/png"), STAFF.limit("video/mp4")) == (15 * MEGABYTE, 50 * MEGABYTE)
    assert (PUBLIC.limit("image/png"), PUBLIC.limit("application/pdf")) == (8 * MEGABYTE, 8 * MEGABYTE)


def test_number_of_files() -> None:
    files = [(f"{n}.png", picture("PNG")) for n in range(6)]
    assert [one.name for one in check_uploads(files[:5], PUBLIC)] == [name for name, _ in files[:5]]
    with pytest.raises(BadUpload) as caught:
        check_uploads(files, PUBLIC)
    assert (caught.value.problem, caught.value.facts) == (UploadProblem.TOO_MANY, {"count": 6, "limit": 5})
    assert check_uploads([], PUBLIC) == ()


def test_a_name_without_extension_gets_the_right_one() -> None:
    assert check_upload("现场照片", picture("JPEG")).name == "现场照片.jpg"
    assert check_upload("", picture("PNG")).name == "file.png"
    assert len(check_upload("长" * 300, picture("PNG")).name) == 120


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\王\\照片.jpg", "照片.jpg"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\x00b\r\n.jpg", "ab.jpg"),
        ("  a   b .jpg ", "a b.jpg"),
        ("...", "file"),
        (".htaccess", "htaccess"),
        ('<a href="x">.jpg', "_a href=_x__.jpg"),
        ("CON.pdf", "file_CON.pdf"),
        ("nul", "file_nul"),
        ("Con .pdf", "file_Con.pdf"),
        ("e\u200d\u0301.jpg", "é.jpg"),
        ("\ud800.jpg", "jpg"),
        ("x" * 200 + ".jpeg", "x" * 115 + ".jpeg"),
        ("x." + "y" * 200, "x." + "y" * 118),
        ("厨房漏水（3号楼）.jpg", "厨房漏水（3号楼）.jpg"),
    ],
)
def test_safe_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=200))
def test_safe_names_are_safe_and_stay_so(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 120
    assert not set(safe) & set('/\\<>:"|?*\0\r\n\u202e\u2066\u200b')
    assert safe not in {".", ".."}
    assert safe == safe.strip()
    assert safe_name(safe) == safe


@given(st.data())
def test_damaged_files_never_break_the_check(data: st.DataObject) -> None:
    name, content, _ = data.draw(st.sampled_from(GOOD))
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    try:
        upload = check_upload(name, cut)
    except BadUpload as refused:
        assert refused.name == name  # noqa: PT017  (either outcome is right, any other error is not)
    else:
        assert upload.size == len(cut)


CASES = Path(__file__).parents[4] / "shared" / "cases"


@pytest.mark.trial(29)
@pytest.mark.parametrize("rules", [STAFF, PUBLIC])
@pytest.mark.parametrize(
    ("name", "kept", "media_type"),
    [
        ("mmexport1700000000000.jpg", "mmexport1700000000000.webp", "image/webp"),
        ("截图.jpg", "截图.png", "image/png"),
        ("IMG_0001.JPG", "IMG_0001.heic", "image/heic"),
        ("下载.jfif", "下载.jfif", "image/jpeg"),
    ],
)
def test_files_as_phones_name_them(name: str, kept: str, media_type: str, rules: UploadRules) -> None:
    if not (CASES / name).is_file():
        pytest.skip(f"not here: {CASES / name}")
    upload = check_upload(name, (CASES / name).read_bytes(), rules)
    assert (upload.name, upload.media_type) == (kept, media_type)


@pytest.mark.trial(29)
@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("mmexport1.jpg", picture("WEBP"), "mmexport1.webp"),
        ("截图.jpg", picture("PNG"), "截图.png"),
        ("IMG_1.JPG", iso(b"heic", b"mif1", b"heic"), "IMG_1.heic"),
        ("a.jfif", picture("JPEG"), "a.jfif"),
        ("a.heic", picture("JPEG"), "a.jpg"),
        ("扫描.jpg", picture("TIFF"), "扫描.tif"),
        ("a.png", picture("BMP"), "a.bmp"),
        ("a.avif", iso(b"avif"), "a.avif"),
        ("a.mp4", iso(b"qt  "), "a.mov"),
        ("a.3gp", iso(b"3gp5"), "a.3gp"),
        ("a.txt", b"%PDF-1.4", "a.pdf"),
        ("a.xlsx", archive("[Content_Types].xml", "word/document.xml"), "a.docx"),
        ("长" * 130 + ".jpg", picture("WEBP"), "长" * 115 + ".webp"),
    ],
)
def test_a_harmless_file_is_kept_under_its_true_kind(name: str, content: bytes, kept: str) -> None:
    assert check_upload(name, content).name == kept


@pytest.mark.trial(29)
def test_one_refused_file_keeps_back_no_other() -> None:
    files = [("a.jpg", picture("PNG")), ("b.jpg", b"MZ\x90"), ("c.exe", picture("JPEG")), ("d.png", picture("PNG"))]
    refused = sort_out(files)
    assert {place: bad.problem for place, bad in refused.items()} == {
        1: UploadProblem.DANGEROUS,
        2: UploadProblem.WRONG_EXTENSION,
    }
    many = [(f"{n}.png", picture("PNG")) for n in range(7)]
    assert [*sort_out(many, PUBLIC)] == [5, 6]
    assert [*sort_out([("x.exe", b"MZ"), *many], PUBLIC)] == [0, 6, 7]
