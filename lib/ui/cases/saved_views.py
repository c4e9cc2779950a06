"""Saved views: choosing one, keeping the present filter under a name, forgetting one."""

from urllib.parse import parse_qsl

import streamlit as st

from lib.i18n import t
from lib.services.data import saved_views
from lib.services.data.case_filter import CaseFilter
from lib.ui.cases.filters import query_string
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.widgets.forms import OpenForm, open_form
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words.markdown import plain

_FORM = "save_view"


def show(here: Here, wanted: CaseFilter) -> None:
    """A button that opens the person's views."""
    kept = saved_views.views_of(here.desk, actor=here.actor)
    with st.popover(t("Saved views"), icon=":material/bookmark:"):
        if not kept:
            st.caption(t("Set the filters you need often, then keep them here under a name."))
        for view in kept:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                link("cases", plain(view.name), icon="bookmark", **dict(parse_qsl(view.query)))
                if st.button(
                    t("Forget"), key=f"forget.{view.name}", type="tertiary", icon=":material/delete:", help=view.query
                ):
                    _forget(here, view.name)
        form = open_form(_FORM)
        name = st.text_input(t("Name of this view"), key=f"{form.key}.name", max_chars=saved_views.NAME_LIMIT)
        if st.button(t("Save this view"), icon=":material/bookmark_add:", disabled=not name):
            _keep(here, form, name or "", wanted)


def _keep(here: Here, form: OpenForm[None], name: str, wanted: CaseFilter) -> None:
    with submit(form):
        saved_views.save_view(
            here.desk, actor=here.actor, name=name, query=query_string(wanted), commit_id=form.commit_id
        )
        flash(t("View kept"))


def _forget(here: Here, name: str) -> None:
    with submit():
        saved_views.forget_view(here.desk, actor=here.actor, name=name)
