"""Cases as a file: which ones, in which form, in which language."""

from datetime import date
from functools import partial
from typing import get_args

import streamlit as st

from lib.desk.access import require
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.errors import CasesheetError
from lib.i18n import LANGUAGES, N_, t, tn
from lib.services.data.exporting import Format, export_cases
from lib.tabular.writing import CellTooLong
from lib.ui.frame import downloads
from lib.ui.frame.languages import NAMES
from lib.ui.session.page import Here
from lib.ui.session.state import EXPORT
from lib.ui.widgets.messages import show_error

WHICH = {"all": N_("All"), "open": N_("Open cases"), "closed": N_("Closed")}
FORMATS = {"xlsx": N_("Excel (XLSX)"), "csv": "CSV", "jsonl": "JSON Lines"}
MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
}
_FILE = EXPORT + "ready"


def show(here: Here) -> None:
    """Choices, then the file: it is made on demand, because every export is recorded."""
    which = st.segmented_control(
        t("Cases"), list(WHICH), default="all", format_func=lambda key: t(WHICH[key]), key=EXPORT + "which",
        required=True,
    )  # fmt: skip
    period = st.date_input(t("Logged between"), [], key=EXPORT + "period", format="YYYY-MM-DD", width=320)
    format = st.segmented_control(
        t("Format"), list(get_args(Format)), default="xlsx", format_func=lambda key: t(FORMATS[key]),
        key=EXPORT + "format", required=True,
    )  # fmt: skip
    language = st.segmented_control(
        t("Language of headers and labels"), LANGUAGES, default=here.language, format_func=lambda key: NAMES[key],
        key=EXPORT + "language", required=True,
    )  # fmt: skip
    cases = _chosen(here, which, period)
    wanted = (which, period, format, language)
    st.caption(t("Personal data is masked where your role does not see it. The export is recorded with your name."))
    label = tn("Prepare {n} case", "Prepare {n} cases", len(cases))
    if st.button(label, type="primary", icon=":material/table_view:", disabled=not cases, key=EXPORT + "prepare"):
        _prepare(here, cases, format, language, wanted)
    _download(here, format, wanted)


def _chosen(here: Here, which: str, period: tuple[date, ...]) -> list[Case]:
    """The cases that the actor may export, by state and day of intake."""
    zone, closed = here.desk.settings.zone, here.desk.config.workflow.keys_in("closed")
    first, last = (*period, None, None)[:2]

    def fits(case: Case) -> bool:
        day = case.taken_at.astimezone(zone).date()
        in_period = (first is None or day >= first) and (last is None or day <= last)
        return in_period and which in ("all", "closed" if case.stage in closed else "open")

    return [case for case in here.desk.snapshot[Case].values() if fits(case) and here.actor.may("data.export", case)]


def _prepare(here: Here, cases: list[Case], format: Format, language: str, wanted: tuple[object, ...]) -> None:
    try:
        with st.spinner(t("Writing the file")):
            content = export_cases(here.desk, actor=here.actor, cases=cases, format=format, language=language)
    except (CasesheetError, CellTooLong) as failed:
        show_error(failed)
        return
    st.session_state[_FILE] = (wanted, content)


def _download(here: Here, format: str, wanted: tuple[object, ...]) -> None:
    ready = st.session_state.get(_FILE)
    if ready is None or ready[0] != wanted:
        return
    name = f"{t('cases')}-{here.now:%Y%m%d-%H%M}.{format}"
    downloads.offer(here, t("Download"), partial(_ready, ready[1]), name=name, media=MIME[format], key=EXPORT + "file")


def _ready(content: bytes, actor: Actor) -> bytes:
    require(actor, "data.export")
    return content
