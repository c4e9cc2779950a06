"""The evidence of a case: photos shown, every file to be downloaded, new files checked before they are kept."""

from functools import partial

import streamlit as st

from lib.domain.case import Case
from lib.domain.case_parts import Evidence
from lib.domain.uploads import MEGABYTE, STAFF, BadUpload
from lib.errors import CasesheetError, NotFound
from lib.i18n import format_datetime, format_number, t
from lib.services import intake
from lib.store.snapshot import by_case
from lib.ui.forms import close_form, open_form
from lib.ui.messages import flash, show_error
from lib.ui.page import Here
from lib.ui.plain import plain
from lib.ui.thumbnails import SHOWN, thumbnail

SHORT = 12  # characters of a SHA-256 that tell two files of a case apart


def show(here: Here, case: Case) -> None:
    """The files, the newest first, and the place to add more."""
    files: tuple[Evidence, ...] = here.desk.snapshot[Evidence].derive(by_case).get(case.case_no, ())
    if not files:
        st.caption(t("No photos or documents yet."))
    with st.grid(2, min_column_width=220, border=True) as grid:
        for item in sorted(files, key=lambda item: item.added_at, reverse=True):
            with grid.cell():
                _file(here, item)
    if here.actor.may("evidence.add", case) and here.actor.may("case.note", case):
        _add(here, case)


def _file(here: Here, item: Evidence) -> None:
    small = _thumbnail(here, item)
    if small:
        st.image(small, width="stretch", alt=item.name)
    added = f"{format_datetime(item.added_at, here.desk.settings.zone)} · {plain(here.person(item.added_by))}"
    size = f"{format_number(item.size / MEGABYTE, 1)} MB" if item.size >= MEGABYTE else f"{item.size // 1024 + 1} KB"
    st.markdown(
        f"**{plain(item.name)}**  \n:small[:gray[{size} · {added}  \nSHA-256 {item.sha256[:SHORT]}…]]", help=item.sha256
    )
    st.download_button(
        t("Download"),
        partial(here.desk.files.get, item.sha256),
        file_name=item.name,
        mime=item.media_type,
        key=f"download.{item.evidence_id}",
        icon=":material/download:",
        on_click="ignore",
    )


def _thumbnail(here: Here, item: Evidence) -> bytes | None:
    if item.media_type not in SHOWN:
        return None
    try:
        return thumbnail(here.desk.files, item.sha256)
    except NotFound:
        st.caption(f":material/report: {t('The file is missing from the store.')}")
        return None


def _add(here: Here, case: Case) -> None:
    form = open_form(f"evidence.{case.case_no}")
    key = f"evidence.{form.commit_id}"
    chosen = st.file_uploader(
        t("Add photos or documents"),
        accept_multiple_files=True,
        key=f"{key}.files",
        help=t("Photos up to {image} MB, other files up to {other} MB.", image=STAFF.max_image // MEGABYTE,
               other=STAFF.max_other // MEGABYTE),
    )  # fmt: skip
    note = st.text_input(t("What they show"), key=f"{key}.note") if chosen else ""
    if chosen and st.button(t("Keep these files"), key=f"{key}.add", type="primary", icon=":material/upload:"):
        files = [(file.name, file.getvalue()) for file in chosen]
        try:
            intake.add_to_case(
                here.desk, actor=here.actor, case_no=case.case_no, text=note or "", files=files,
                commit_id=form.commit_id,
            )  # fmt: skip
        except (CasesheetError, BadUpload) as failed:
            show_error(failed)
            return
        close_form(f"evidence.{case.case_no}")
        flash(t("Files kept"))
        st.rerun()
