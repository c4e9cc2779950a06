"""Importing a table of cases: the file, what its columns become, the dry run, the import and its report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lib.desk.access import require
from lib.domain.rules.permissions import Actor
from lib.errors import CasesheetError, InvalidFields
from lib.i18n import current_language, format_number, in_language, t, tn
from lib.services.data.importing import (
    Checked,
    ColumnRule,
    ImportMapping,
    ImportPlan,
    ImportReport,
    Remark,
    RowRefusal,
    check_rows,
    plan_import,
    rejected_file,
    run_import,
    save_mapping,
    saved_mapping,
    saved_mappings,
)
from lib.services.data.importing.fields import importable
from lib.services.data.importing.remarks import remark_words
from lib.services.data.importing.values import counted
from lib.tabular.table import MB, Limits, UnreadableTable
from lib.ui.data import import_mapping
from lib.ui.data.exporting import MIME
from lib.ui.frame import downloads
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.session.state import IMPORT
from lib.ui.widgets import uploads
from lib.ui.widgets.messages import flash, show_error
from lib.ui.widgets.progress import progress
from lib.ui.widgets.submit import submit
from lib.ui.words.markdown import plain
from lib.words.names import field_name, reason_words

TYPES = ["csv", "tsv", "txt", "xlsx", "xls", "ods"]
LARGEST = Limits().bytes // MB
NEW_SHOWN = 30
SHOWN = 500  # problems in the table; the file of rejected rows has all
_PLAN, _DRY, _DONE = IMPORT + "plan", IMPORT + "dry", IMPORT + "done"
_FILES = IMPORT + "files"  # how many files were imported, so that the next upload begins afresh


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file read once: `suggested` is where the mapping begins, without a column that was only put in to read it."""

    token: str
    plan: ImportPlan
    suggested: ImportMapping | None
    counts: dict[tuple[str, str], Mapping[str, int]] = field(default_factory=dict)

    def counted(self, header: str, name: str) -> Mapping[str, int]:
        """The distinct values of a column that fills a field; counted once."""
        if (header, name) not in self.counts:
            self.counts[header, name] = counted(self.plan, header, name)
        return self.counts[header, name]


@dataclass(frozen=True, slots=True)
class _Dry:
    """A dry run and the mapping that it is good for."""

    token: str
    mapping: ImportMapping
    checked: Checked


def show(here: Here) -> None:
    """One step below the other; each appears when the one above is done."""
    _report(here)
    opened = _file(here)
    if opened is None:
        st.caption(
            t("CSV, XLSX, XLS or ODS, with one row for each case and the names of the columns on top. "
              "Nothing is saved before you have seen the result.")
        )  # fmt: skip
        return
    mapping = _mapping(here, opened)
    if mapping is None:
        return
    dry = _dry_run(here, opened, mapping)
    if dry is not None:
        _outcome(here, dry)


def _file(here: Here) -> _Opened | None:
    key = f"{IMPORT}file.{st.session_state.get(_FILES, 0)}"
    with uploads.offered(key, files=1, largest=LARGEST * MB) as note:
        upload: UploadedFile | None = note(st.file_uploader(t("File"), TYPES, key=key, max_upload_size=LARGEST))
    if upload is None:
        st.session_state.pop(_PLAN, None)
        return None
    kept = st.session_state.get(_PLAN)
    first = f"{upload.file_id}"
    sheet = st.session_state.get(f"{IMPORT}sheet.{first}")
    token = f"{first}.{sheet or ''}"
    if not isinstance(kept, _Opened) or kept.token != token:
        kept = _read(here, upload.name, upload.getvalue(), sheet, token)
        st.session_state[_PLAN] = kept
    if kept is not None:
        _about(kept.plan, f"{IMPORT}sheet.{first}")
    return kept


def _read(here: Here, name: str, content: bytes, sheet: str | None, token: str) -> _Opened | None:
    """Read and judge the file; where nothing tells what a case is about, the person is to say it."""
    try:
        with st.spinner(t("Reading the file")):
            plan, certain = _planned(here, name, content, sheet)
    except (CasesheetError, UnreadableTable) as failed:
        show_error(failed)
        return None
    return _Opened(token, plan, plan.mapping if certain else None)


def _planned(here: Here, name: str, content: bytes, sheet: str | None) -> tuple[ImportPlan, bool]:
    try:
        return plan_import(here.desk, actor=here.actor, content=content, filename=name, sheet=sheet), True
    except InvalidFields as unclear:
        facts = unclear.problems[0].facts or {}
        if unclear.problems[0].code != "no_column" or not facts.get("columns"):
            raise
        first = ImportMapping(columns={facts["columns"][0]: ColumnRule(field="description")})
        plan = plan_import(here.desk, actor=here.actor, content=content, filename=name, sheet=sheet, mapping=first)
        return plan, False


def _about(plan: ImportPlan, sheet_key: str) -> None:
    table = plan.table
    if len(table.sheets) > 1:
        st.selectbox(t("Sheet"), table.sheets, index=table.sheets.index(table.name), key=sheet_key, width=320)
    rows = tn("{n} row", "{n} rows", len(table.rows))
    columns = tn("{n} column", "{n} columns", len(table.headers))
    st.caption(" · ".join(filter(None, [rows, columns, table.encoding])))


def _mapping(here: Here, opened: _Opened) -> ImportMapping | None:
    st.subheader(t("What the columns become"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            t("Mapping"),
            ["", *saved_mappings(here.desk)],
            format_func=lambda text: text or t("as suggested"),
            key=f"{IMPORT}mapping.{opened.token}",
            width=260,
        )
        saving = st.popover(t("Save mapping"), icon=":material/bookmark_add:")
    try:
        begin = saved_mapping(here.desk, name) if name else opened.suggested or _guessed(opened.plan)
        key = f"{IMPORT}{opened.token}.{name}"
        mapping = import_mapping.edit(here, opened.plan, begin, opened.counted, key=key)
    except CasesheetError as failed:
        show_error(failed)
        return None
    if mapping is not None:
        with saving:
            _save_mapping(here, mapping, name)
    return mapping


def _guessed(plan: ImportPlan) -> ImportMapping:
    """What is suggested for the other columns where none tells what a case is about."""
    found = {header: guess.target for header, guess in plan.suggestions.items() if guess.target}
    rules = {header: ColumnRule.model_validate(target) for header, target in found.items()}
    return ImportMapping.model_construct(columns=rules)


def _save_mapping(here: Here, mapping: ImportMapping, name: str) -> None:
    wanted = st.text_input(t("Name"), name, max_chars=60, key=IMPORT + "mapping_name")
    if not st.button(t("Save"), type="primary", disabled=not (wanted or "").strip(), key=IMPORT + "save_mapping"):
        return
    with submit():
        save_mapping(here.desk, actor=here.actor, name=wanted or "", mapping=mapping)
        flash(t("Mapping saved"))


def _dry_run(here: Here, opened: _Opened, mapping: ImportMapping) -> _Dry | None:
    """The dry run of this file with this mapping; an older one no longer counts."""
    dry = st.session_state.get(_DRY)
    current = isinstance(dry, _Dry) and dry.token == opened.token and dry.mapping == mapping
    if st.button(t("Dry run"), type="secondary" if current else "primary", icon=":material/rule:", key=IMPORT + "try"):
        plan = replace(opened.plan, mapping=mapping, actor=here.actor)
        try:
            with progress(t("Checking the rows")) as moving:
                checked = check_rows(here.desk, plan, moving)
        except CasesheetError as failed:
            show_error(failed)
            return None
        st.session_state[_DRY] = dry = _Dry(opened.token, mapping, checked)
        current = True
    return dry if current else None


def _outcome(here: Here, dry: _Dry) -> None:
    """What would come of it, and the button that does it."""
    checked = dry.checked
    counts = {
        t("Rows"): checked.rows,
        t("Can be imported"): len(checked.ready) + checked.done,
        t("There already"): len(checked.skipped),
        t("Rejected"): len(checked.rejected_rows),
    }
    with st.container(horizontal=True):
        for name, count in counts.items():
            st.metric(name, format_number(count), border=True, width=150)
    _columns(checked.plan)
    _remarks(checked.remarks)
    _problems(here, checked, key="dry")
    ready = len(checked.ready)
    wanted = _new_entries(here, checked)
    label = tn("Import {n} row", "Import {n} rows", ready)
    off = not ready or not wanted
    if st.button(label, type="primary", icon=":material/upload:", disabled=off, key=IMPORT + "run"):
        _run(here, checked, new_entries=wanted)


def _new_entries(here: Here, checked: Checked) -> bool:
    """Whether the person wants what the rows add to lists, or nothing is added: how many, and which."""
    items = checked.additions
    if not items:
        return True
    names = {item.list_name for item in items}
    fields = [column.label(here.language) for column in importable().values() if column.choices in names]
    shown = " · ".join(plain(item.zh or item.en) for item in items[:NEW_SHOWN]) + (
        "…" if len(items) > NEW_SHOWN else ""
    )
    count = tn("{n} new list entry", "{n} new list entries", len(items))
    st.warning(f"**{count}** ({', '.join(dict.fromkeys(fields))}): {shown}", icon=":material/playlist_add:")
    key = f"{IMPORT}new.{checked.import_id}.{len(items)}"
    return st.checkbox(t("Add them to the lists; they go again if the import is undone"), key=key)


def _run(here: Here, checked: Checked, *, new_entries: bool) -> None:
    try:
        with progress(t("Importing")) as moving:
            report = run_import(here.desk, actor=here.actor, checked=checked, new_entries=new_entries, progress=moving)
    except CasesheetError as failed:
        show_error(failed)
        st.caption(t("What was imported so far stays. Press the button again to go on; no row comes in twice."))
        return
    st.session_state[_DONE] = (report, checked)
    st.session_state[_FILES] = st.session_state.get(_FILES, 0) + 1
    for name in (_PLAN, _DRY):
        st.session_state.pop(name, None)
    st.rerun()


def _report(here: Here) -> None:
    done = st.session_state.get(_DONE)
    if done is None:
        return
    report: ImportReport = done[0]
    checked: Checked = done[1]
    with st.container(border=True):
        st.success(
            t(
                "{rows} rows: {imported} imported, {skipped} there already, {rejected} rejected",
                rows=report.rows, imported=report.imported, skipped=report.skipped,
                rejected=len(checked.rejected_rows),
            ),
            title=checked.plan.filename,
        )  # fmt: skip
        _columns(checked.plan)
        _remarks(checked.remarks)
        _problems(here, checked, key="done")
        with st.container(horizontal=True, vertical_alignment="center"):
            link("cases", t("To the cases"), icon="folder_open")
            if st.button(t("Import another file"), key=IMPORT + "next"):
                del st.session_state[_DONE]
                st.rerun()


def _remarks(remarks: Sequence[Remark]) -> None:
    """What is done with unknown values, and which rows are no cases."""
    if not remarks:
        return
    with st.expander(tn("{n} remark", "{n} remarks", len(remarks)), icon=":material/help:"):
        rows = [
            {
                t("Row"): item.row or None,
                t("Column"): item.column,
                t("Value"): item.value,
                t("What is done"): remark_words(item),
                t("Cells"): item.count,
            }
            for item in remarks[:SHOWN]
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=t("Remarks"))
        if len(remarks) > SHOWN:
            st.caption(t("The first {n} are shown.", n=SHOWN))


def _columns(plan: ImportPlan) -> None:
    """What became of the columns, after the table where it was chosen is gone."""
    names = [f"{plain(rule['header'])} → {field_name('cases', rule['field'])}" for rule in plan.told()]
    with st.expander(t("What the columns became"), icon=":material/table_view:"):
        st.markdown("  \n".join(names))
        if plan.left_out:
            st.caption(t("Not imported: {columns}", columns=", ".join(map(plain, plan.left_out))))
        if plan.absent:
            st.caption(t("In the mapping, not in the file: {columns}", columns=", ".join(map(plain, plan.absent))))


def _problems(here: Here, checked: Checked, *, key: str) -> None:
    """The rejected rows cell by cell, and as a file to correct."""
    if not checked.refusals:
        return
    count = len(checked.rejected_rows)
    st.markdown(f":orange[:material/warning: **{tn('{n} row rejected', '{n} rows rejected', count)}**]")
    rows = [_refusal(item) for item in checked.refusals[:SHOWN]]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=t("Rejected rows"))
    if len(checked.refusals) > SHOWN:
        st.caption(t("The first {n} are shown.", n=SHOWN))
    name = checked.plan.filename.rpartition(".")[0] or checked.plan.filename
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            t("Correct them in the file and load it again; rows that are in already are skipped."), width="stretch"
        )
        for format in ("xlsx", "csv"):
            downloads.offer(
                here, t("Rejected rows ({format})", format=format.upper()), _making(checked, format),
                name=f"{name}-{t('rejected')}.{format}", media=MIME[format], key=f"{IMPORT}{key}.{format}",
            )  # fmt: skip


def _refusal(item: RowRefusal) -> dict[str, str | int]:
    return {
        t("Row"): item.row,
        t("Column"): item.column,
        t("Value"): item.value,
        t("Why not"): reason_words(item.reason),
    }


def _making(checked: Checked, format: str) -> downloads.Make:
    """The file is made when it is asked for; in the language that the page had."""
    language = current_language()

    def make(actor: Actor) -> bytes:
        require(actor, "data.import")
        with in_language(language):
            return rejected_file(checked, format=format)

    return make
