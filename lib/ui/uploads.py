"""Choosing files: what is refused is said at once and keeps back nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from lib.domain.uploads import MEGABYTE, BadUpload, UploadRules, sort_out
from lib.i18n import t, tn
from lib.services.evidence import File
from lib.ui.plain import plain
from lib.ui.state import NOT_KEPT
from lib.wording import explain


@dataclass(frozen=True, slots=True)
class Chosen:
    """The files that may be kept, and in words why the others are not."""

    files: tuple[File, ...] = ()
    refused: tuple[str, ...] = ()


def choose(label: str, *, rules: UploadRules, key: str, **more: Any) -> Chosen:
    """The uploader; `more` goes to Streamlit."""
    largest = max(rules.max_image, rules.max_other) // MEGABYTE
    found = st.file_uploader(label, accept_multiple_files=True, max_upload_size=largest, key=key, **more)
    chosen = _sorted_out(found, rules, key)
    lost = _lost(key)
    if lost:
        words = tn("{n} file did not arrive whole. Choose it again.",
                   "{n} files did not arrive whole. Choose them again.", lost)  # fmt: skip
        chosen = Chosen(chosen.files, (*chosen.refused, words))
    tell(chosen.refused)
    return chosen


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


def _sorted_out(found: list[UploadedFile], rules: UploadRules, key: str) -> Chosen:
    """Checked once for the files chosen, not at every rerun."""
    files = [(one.name, one.getvalue()) for one in found]
    ids, checked = [one.file_id for one in found], f"{key}.checked"
    if st.session_state.get(checked, ([], {}))[0] != ids:
        st.session_state[checked] = (ids, sort_out(files, rules))
    refused: Mapping[int, BadUpload] = st.session_state.get(checked, ([], {}))[1]
    words = dict.fromkeys(line for bad in refused.values() for line in explain(bad))
    return Chosen(tuple(file for place, file in enumerate(files) if place not in refused), tuple(words))


def _lost(key: str) -> int:
    """Files that the browser shows and the server no longer has, because it was started again meanwhile."""
    raw = st.session_state.get(key)
    return sum(isinstance(one, DeletedFile) for one in raw) if isinstance(raw, list) else 0
