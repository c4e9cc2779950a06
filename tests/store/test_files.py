"""Files by their checksum: in a folder, in memory as a stand-in for a bucket, damaged, missing, out of reach."""

import hashlib
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest

from lib.app.bootstrap import open_files
from lib.config.settings import load_settings
from lib.errors import ConfigError, FileLost, FilesUnavailable
from lib.store.files import FileStore, s3_options

CONTENT = "第一条 合同".encode()
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=["folder", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "files") if request.param == "folder" else f"memory://{uuid4().hex}"


def write(place: str, content: bytes) -> None:
    """Straight into the place, behind the store's back."""
    system, root = fsspec.core.url_to_fs(place)
    system.makedirs(f"{root}/{DIGEST[:2]}", exist_ok=True)
    system.pipe_file(f"{root}/{DIGEST[:2]}/{DIGEST}", content)


def test_what_is_put_in_comes_out(place: str) -> None:
    files = FileStore(place)
    assert files.put(CONTENT) == DIGEST
    assert files.put(CONTENT) == DIGEST
    assert files.get(DIGEST) == CONTENT
    assert FileStore(place).get(DIGEST) == CONTENT
    assert FileStore(place).holds(DIGEST, len(CONTENT))


def test_a_missing_file_is_said_to_be_missing(place: str) -> None:
    files = FileStore(place)
    assert not files.holds(DIGEST, len(CONTENT))
    with pytest.raises(FileLost) as lost:
        files.get(DIGEST)
    assert lost.value.why == "missing"


def test_other_content_under_the_name_is_noticed(place: str) -> None:
    write(place, CONTENT[::-1])
    with pytest.raises(FileLost) as lost:
        FileStore(place).get(DIGEST)
    assert lost.value.why == "damaged"


def test_half_a_file_is_no_file_and_is_made_whole_when_it_comes_again(place: str) -> None:
    write(place, CONTENT[:5])
    files = FileStore(place)
    assert not files.holds(DIGEST, len(CONTENT))
    files.put(CONTENT)
    assert files.get(DIGEST) == CONTENT


def test_a_folder_never_shows_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = FileStore(tmp_path)
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(FilesUnavailable, match="No space left"):
        files.put(CONTENT)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not files.holds(DIGEST, len(CONTENT))


def test_a_place_out_of_reach_is_one_error_of_ours(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = FileStore(place)
    system = fsspec.core.url_to_fs(place)[0]

    def silent(*_: object, **__: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(type(system), "cat_file", silent)
    monkeypatch.setattr(type(system), "info", silent)
    with pytest.raises(FilesUnavailable, match="timed out"):
        files.get(DIGEST)
    with pytest.raises(FilesUnavailable):
        files.holds(DIGEST, 1)
    with pytest.raises(FilesUnavailable):
        files.put(CONTENT)


@pytest.mark.parametrize("address", ["nowhere://bucket", "gopher://x/y"])
def test_an_unknown_kind_of_place_is_refused_at_start(address: str) -> None:
    with pytest.raises(ConfigError) as refused:
        FileStore(address)
    assert (refused.value.file, refused.value.key) == ("app.toml", "files_dir")


def test_the_place_comes_from_the_settings(tmp_path: Path) -> None:
    kept = open_files(load_settings(files_dir=tmp_path / "here")).put(CONTENT)
    assert (tmp_path / "here" / kept[:2] / kept).read_bytes() == CONTENT
    address = f"memory://{uuid4().hex}/prefix"
    open_files(load_settings(files_dir=address)).put(CONTENT)
    assert FileStore(address).get(DIGEST) == CONTENT


def test_a_bucket_waits_only_so_long() -> None:
    options = s3_options(endpoint="https://oss.example.cn", key="me", secret="pst", addressing="virtual")
    assert options["endpoint_url"] == "https://oss.example.cn"
    assert options["config_kwargs"]["connect_timeout"] <= 10
    assert options["config_kwargs"]["read_timeout"] <= 60
    assert options["config_kwargs"]["s3"] == {"addressing_style": "virtual"}
    assert "key" not in s3_options(endpoint="", key="", secret="", addressing="auto")


@pytest.mark.trial(27)
def test_a_mark_stands_until_a_record_names_the_file(place: str) -> None:
    files = FileStore(place)
    assert files.marks() == {}
    files.put(CONTENT, mark="monday")
    assert FileStore(place).marks() == {DIGEST: "monday"}
    files.settle([DIGEST])
    files.settle([DIGEST])
    assert files.marks() == {}
    assert files.get(DIGEST) == CONTENT

    files.put(CONTENT, mark="tuesday")
    assert not files.drop(DIGEST, mark="monday")
    assert files.drop(DIGEST, mark="tuesday")
    assert files.marks() == {}
    assert not files.holds(DIGEST, len(CONTENT))
