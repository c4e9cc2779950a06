"""The evidence of a case: photos shown, statements read, every file to be downloaded; new ones checked and kept."""

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.case_parts import Evidence
from lib.domain.text.uploads import MEGABYTE, STAFF
from lib.errors import CasesheetError, FileLost
from lib.i18n import format_datetime, format_number, t
from lib.services.parts import evidence
from lib.store.snapshot.snapshot import by_case
from lib.ui.frame import downloads
from lib.ui.session.page import Here
from lib.ui.widgets import uploads
from lib.ui.widgets.forms import open_held_form, resolve
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.widgets.thumbnails import SHOWN, statement, thumbnail
from lib.ui.words.markdown import plain
from lib.words.errors import explain

SHORT = 12  # characters of a SHA-256 that tell two files of a case apart
ICONS = {
    "photo": "photo_camera", "contract": "contract", "plan": "edit_document", "video": "videocam",
    "recording": "mic", "witness": "record_voice_over",
}  # fmt: skip


def show(here: Here, case: Case) -> None:
    """The files, the newest first, and the place to add more."""
    files: tuple[Evidence, ...] = here.desk.snapshot[Evidence].derive(by_case).get(case.case_no, ())
    if not files:
        st.caption(t("No photos or documents yet."))
    with st.grid(2, min_column_width=220, border=True) as grid:
        for item in sorted(files, key=lambda item: item.added_at, reverse=True):
            with grid.cell():
                _file(here, item)
    if here.actor.may("evidence.add", case):
        _add(here, case)
        _add_statement(here, case)


def _file(here: Here, item: Evidence) -> None:
    """One file; what cannot be had is said instead of offered."""
    try:
        whole = here.desk.files.holds(item.sha256, item.size)
        _look(here, item)
    except CasesheetError as failed:
        whole = False
        _tell(here, item)
        st.markdown(f":red[:material/report: {explain(failed)[0]}]")
        return
    _tell(here, item)
    if not whole:
        st.markdown(f":red[:material/report: {explain(FileLost(item.sha256, 'missing'))[0]}]")
        return
    downloads.offer(
        here,
        t("Download"),
        lambda actor: evidence.content(here.desk, actor=actor, item=item),
        name=item.name,
        media=item.media_type,
        key=f"download.{item.evidence_id}",
    )


def _look(here: Here, item: Evidence) -> None:
    """A photo, small; the words of a statement."""
    if item.media_type in SHOWN and (small := thumbnail(here.desk.files, item.sha256)):
        st.image(small, width="stretch", alt=item.name)
    if item.kind == evidence.WITNESS and item.media_type == "text/plain":
        st.text(statement(here.desk.files, item.sha256))


def _tell(here: Here, item: Evidence) -> None:
    """What it is, who added it when, and its checksum."""
    kind = f":material/{ICONS.get(item.kind, 'description')}: {plain(here.label('evidence_kind', item.kind))}"
    added = f"{format_datetime(item.added_at, here.desk.settings.zone)} · {plain(here.person(item.added_by))}"
    size = f"{format_number(item.size / MEGABYTE, 1)} MB" if item.size >= MEGABYTE else f"{item.size // 1024 + 1} KB"
    told = (f"**{plain(item.name)}**", plain(item.note), f":small[:gray[{kind} · {size} · {added}]]",
            f":small[:gray[SHA-256 {item.sha256[:SHORT]}…]]")  # fmt: skip
    st.markdown("  \n".join(part for part in told if part), help=item.sha256)


def _add(here: Here, case: Case) -> None:
    form = open_held_form(f"evidence.{case.case_no}")
    key = form.key
    chosen = uploads.choose(
        t("Add photos or documents"),
        rules=STAFF,
        key=f"{key}.files",
        help=t("Photos up to {image} MB, other files up to {other} MB.", image=STAFF.max_image // MEGABYTE,
               other=STAFF.max_other // MEGABYTE),
    )  # fmt: skip
    if not chosen.files:
        return
    kind = _kind(here, key)
    note = st.text_input(t("What they show"), key=f"{key}.note")
    if st.button(t("Save these files"), key=f"{key}.add", type="primary", icon=":material/upload:"):
        with submit(form):
            evidence.add(
                here.desk, actor=here.actor, case=case, files=chosen.files, kind=kind, note=note or "",
                commit_id=form.commit_id,
            )  # fmt: skip
            flash(t("Files kept"))


def _kind(here: Here, key: str) -> str:
    """What the files are, "" for what each of them looks like; a statement has a form of its own."""
    codes = [code for code in here.desk.lists.codes("evidence_kind") if code != evidence.WITNESS]
    names = {"": t("By the file itself")} | {code: here.label("evidence_kind", code) for code in codes}
    return str(st.selectbox(t("Kind"), list(names), format_func=names.__getitem__, key=f"{key}.kind") or "")


def _add_statement(here: Here, case: Case) -> None:
    form = open_held_form(f"statement.{case.case_no}")
    key = form.key
    title = t("Write down what a witness says")
    with st.expander(title, icon=":material/record_voice_over:", expanded=form.refused is not None):
        with st.grid(2, min_column_width=220):
            witness = st.text_input(t("Name of the witness") + " *", key=f"{key}.witness") or ""
            numbers = t("Mobile, landline or 400 number")
            phone = st.text_input(t("Telephone"), type="phone", placeholder=numbers, key=f"{key}.phone") or ""
        words = st.text_area(t("What the witness says") + " *", key=f"{key}.statement", height=140) or ""
        st.caption(t("It is kept as it is, with a checksum, and cannot be changed afterwards."))
        resolve(here, form, case, {"witness": witness, "statement": words}, key=key)
        if not st.button(t("Save the statement"), key=f"{key}.add", type="primary", icon=":material/check:"):
            return
        with submit(form):
            evidence.add_statement(
                here.desk, actor=here.actor, case=case, witness=witness, text=words, phone=phone,
                commit_id=form.commit_id,
            )  # fmt: skip
            flash(t("Statement kept"))
