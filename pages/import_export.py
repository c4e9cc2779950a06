"""Import and export 导入导出: tables of cases in, undo, and cases as files out."""

import streamlit as st

from lib.i18n import N_, t
from lib.ui.data import exporting, importing, past_imports
from lib.ui.session.page import begin_page
from lib.ui.widgets.url_choice import url_choice

PARTS = {"import": N_("Import"), "past": N_("Past imports"), "export": N_("Export")}
VIEWS = {"import": importing.show, "past": past_imports.show, "export": exporting.show}

here = begin_page("data.export")
offered = [key for key in PARTS if key == "export" or here.actor.may("data.import")]
st.header(t("Import and export"), anchor=False)
part = offered[0]
if len(offered) > 1:
    part = url_choice(t("Part"), {key: t(PARTS[key]) for key in offered}, name="do", default=part)
VIEWS[part](here)
