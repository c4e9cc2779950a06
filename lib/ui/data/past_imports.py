"""What was imported before, and taking one import back as a whole."""

import streamlit as st

from lib.domain.records.workspace import ImportRun
from lib.errors import ChangedSince
from lib.i18n import format_datetime, t, tn
from lib.services.data.importing import undo_import
from lib.ui.session.page import Here
from lib.ui.session.state import IMPORT
from lib.ui.widgets.messages import flash
from lib.ui.widgets.progress import progress
from lib.ui.widgets.submit import submit
from lib.ui.words.markdown import plain

SHOWN = 30  # the latest ones
_WORKED_ON = IMPORT + "worked_on"  # import_id whose undoing was refused


def show(here: Here) -> None:
    """The latest imports, newest first."""
    runs = sorted(here.desk.snapshot[ImportRun].values(), key=lambda run: run.imported_at, reverse=True)
    if not runs:
        st.caption(t("Nothing has been imported yet."))
    for run in runs[:SHOWN]:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(_words(here, run), width="stretch")
            if run.undone_at is None:
                _undo(here, run)


def _words(here: Here, run: ImportRun) -> str:
    when = format_datetime(run.imported_at, here.desk.settings.zone)
    counts = t(
        "{rows} rows: {imported} imported, {skipped} there already, {rejected} rejected",
        rows=run.rows, imported=run.imported, skipped=run.skipped, rejected=run.rejected,
    )  # fmt: skip
    lines = [
        f"**{plain(run.file_name)}**",
        f":small[{when} · {plain(here.person(run.imported_by))}]",
        f":small[{counts}]",
    ]
    if run.undone_at is not None:
        undone = t("undone {time}", time=format_datetime(run.undone_at, here.desk.settings.zone))
        lines.append(f":gray-badge[:material/undo: {undone}]")
    return "  \n".join(lines)


def _undo(here: Here, run: ImportRun) -> None:
    with st.popover(t("Undo"), icon=":material/undo:"):
        st.write(t("All cases of this import are removed. History keeps what they were."))
        force = st.session_state.get(_WORKED_ON) == run.import_id and st.checkbox(
            t("Also the cases that people have worked on"), key=f"{IMPORT}force.{run.import_id}"
        )
        if st.button(t("Undo the import"), type="primary", key=f"{IMPORT}undo.{run.import_id}"):
            _take_back(here, run, force=force)


def _take_back(here: Here, run: ImportRun, *, force: bool) -> None:
    with submit():
        try:
            with progress(t("Removing")) as moving:
                removed = undo_import(
                    here.desk, actor=here.actor, import_id=run.import_id, force=force, progress=moving
                )
        except ChangedSince:
            st.session_state[_WORKED_ON] = run.import_id
            raise
        flash(tn("{n} case removed", "{n} cases removed", removed))
