"""The same cases as a board: one column for each open stage, the most urgent on top."""

from dataclasses import replace

import streamlit as st

from lib.domain.records.case import Case
from lib.i18n import t
from lib.services.data.case_filter import OPEN, CaseFilter, Chosen
from lib.ui.cases import card
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.words.case import stage_text

CARDS = 8  # in one column; the rest is a click away
WIDTH = 270  # pixels


def show(here: Here, wanted: CaseFilter, chosen: Chosen) -> None:
    """Columns side by side, moved sideways where they do not fit."""
    stages = chosen.frame["stage"].array
    codes = stages.codes[chosen.rows]
    with st.container(horizontal=True, wrap=False, vertical_alignment="top", key="board"):
        for code in here.desk.config.workflow.stages:
            if code in stages.categories:
                rows = chosen.rows[codes == stages.categories.get_loc(code)]
                if len(rows):
                    _column(here, wanted, code, list(chosen.frame["case_no"].array[rows[:CARDS]]), len(rows))


def _column(here: Here, wanted: CaseFilter, stage: str, numbers: list[str], count: int) -> None:
    with st.container(width=WIDTH, gap="small"):
        st.markdown(f"{stage_text(here, stage)} **{count}**")
        for number in numbers:
            if case := here.desk.snapshot[Case].get(number):
                card.show(here, case, with_stage=False)
        if count > len(numbers):
            query = replace(wanted, stage=stage, view="table" if wanted.stage == OPEN else "list").to_query()
            link("cases", t("{n} more", n=count - len(numbers)), icon="arrow_forward", **query)
