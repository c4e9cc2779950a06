"""The export of exactly what is filtered, made only when it is asked for."""

import streamlit as st

from lib.i18n import t, tn
from lib.services.data.case_filter import Chosen
from lib.services.data.exporting import Format, export_cases
from lib.ui.frame import downloads
from lib.ui.session.page import Here

MEDIA: dict[Format, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


def show(here: Here, chosen: Chosen) -> None:
    """A button for those who may export; each export is in History."""
    if not here.actor.may("data.export"):
        return
    with st.popover(t("Export"), icon=":material/download:"):
        st.caption(tn("{n} case, as filtered, in this order", "{n} cases, as filtered, in this order", len(chosen)))
        for format, media in MEDIA.items():
            downloads.offer(
                here,
                format.upper(),
                _making(here, chosen, format),
                name=f"cases-{here.now:%Y-%m-%d}.{format}",
                media=media,
                key=f"cases.export.{format}",
                width="stretch",
            )


def _making(here: Here, chosen: Chosen, format: Format) -> downloads.Make:
    desk, language = here.desk, here.language
    return lambda actor: export_cases(desk, actor=actor, cases=chosen.numbers(), format=format, language=language)
