"""Choosing files: what is refused is said at once and keeps back nothing else."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from lib.api.uploads import Allowance, allowances
from lib.app import process
from lib.domain.text.uploads import MEGABYTE, BadUpload, UploadRules, sort_out
from lib.i18n import t, tn
from lib.services.parts.evidence import File
from lib.ui.session.identity import at_screen, staff_now
from lib.ui.session.state import NOT_KEPT
from lib.ui.words.markdown import plain
from lib.words.errors import explain


@dataclass(frozen=True, slots=True)
class KeptUploads:
    """The files that may be kept, and in words why the others are not."""

    files: tuple[File, ...] = ()
    refused: tuple[str, ...] = ()


def choose(label: str, *, rules: UploadRules, key: str, public: bool = False, **more: Any) -> KeptUploads:
    """The uploader; `more` goes to Streamlit. `public`: on a page for clients."""
    largest = max(rules.max_image, rules.max_other)
    with offered(key, files=rules.max_files, largest=largest, public=public) as note:
        most = largest // MEGABYTE
        found = note(st.file_uploader(label, accept_multiple_files=True, max_upload_size=most, key=key, **more))
    chosen = _sorted_out(found, rules, key)
    lost = _lost(key)
    if lost:
        words = tn("{n} file did not arrive whole. Choose it again.",
                   "{n} files did not arrive whole. Choose them again.", lost)  # fmt: skip
        chosen = KeptUploads(chosen.files, (*chosen.refused, words))
    tell(chosen.refused)
    return chosen


Files = TypeVar("Files", list[UploadedFile], UploadedFile | None)


@contextmanager
def offered(key: str, *, files: int, largest: int, public: bool = False) -> Iterator[Callable[[Files], Files]]:
    """While an uploader is drawn: the server takes files of this page for it, so many of so many bytes, from whoever is
    signed in (`public`: from anybody). What it returns is passed through the function given."""
    page = _page()
    desk = process.desk()
    identity = None if public else at_screen(desk)
    allowances.give(
        page, key, Allowance(files, largest, lambda: public or staff_now(desk, identity) is not None, public=public)
    )

    def note(found: Files) -> Files:
        chosen = found if isinstance(found, list) else [found] if found else []
        allowances.chosen(page, key, (one.file_id for one in chosen))
        return found

    yield note


@contextmanager
def page_run() -> Iterator[None]:
    """Around the run of a page: files chosen in an uploader that is not there any more leave the memory."""
    try:
        yield
    except StopException:
        _finish()
        raise
    _finish()


def _finish() -> None:
    page = _page()
    for file in allowances.finish(page):
        _memory().remove_file(page, file)
        allowances.release(page, file)


def _page() -> str:
    """Streamlit's number of this page, which stands in the address that it uploads to."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def stored() -> int:
    """The bytes of all files in memory that pages have taken in."""
    return sum(stat.byte_length for family in _memory().get_stats().values() for stat in family)


def _memory() -> MemoryUploadedFileManager:
    return cast(MemoryUploadedFileManager, get_instance().uploaded_file_mgr)


def remember(case_no: str, refused: tuple[str, ...]) -> None:
    """For the receipt of the case, which is drawn in a run of its own."""
    st.session_state[NOT_KEPT] = (case_no, refused)


def tell_of(case_no: str) -> None:
    """What was remembered for this case."""
    number, refused = st.session_state.get(NOT_KEPT, ("", ()))
    if number == case_no:
        tell(refused)


def tell(refused: Iterable[str]) -> None:
    """Which files are not kept, and why; nothing where there are none."""
    lines = [f"- {plain(line)}" for line in refused]
    if lines:
        st.warning("\n".join(lines), title=t("These files are not kept"), icon=":material/block:")


def _sorted_out(found: list[UploadedFile], rules: UploadRules, key: str) -> KeptUploads:
    """Checked once for the files chosen, not at every rerun."""
    files = [(one.name, one.getvalue()) for one in found]
    ids, checked = [one.file_id for one in found], f"{key}.checked"
    if st.session_state.get(checked, ([], {}))[0] != ids:
        st.session_state[checked] = (ids, sort_out(files, rules))
    refused: Mapping[int, BadUpload] = st.session_state.get(checked, ([], {}))[1]
    words = dict.fromkeys(line for bad in refused.values() for line in explain(bad))
    return KeptUploads(tuple(file for place, file in enumerate(files) if place not in refused), tuple(words))


def _lost(key: str) -> int:
    """Files that the browser shows and the server no longer has, because it was started again meanwhile."""
    raw = st.session_state.get(key)
    return sum(isinstance(one, DeletedFile) for one in raw) if isinstance(raw, list) else 0
