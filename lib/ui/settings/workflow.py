"""The state machine as it is configured, drawn from the data, and how many cases stand in each stage."""

from collections.abc import Mapping
from itertools import product

import streamlit as st

from lib.analytics.frames.stages import StageLoad, stage_loads
from lib.domain.rules.workflow import Move, Stage, Workflow
from lib.i18n import N_, format_duration, format_number, t, tn
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.words.case import PHASE_ICONS, stage_text
from lib.ui.words.markdown import plain

PHASES = {
    "open": N_("Somebody works on it"),
    "paused": N_("Waits for somebody outside"),
    "answered": N_("The client was told"),
    "closed": N_("Finished"),
}
# Fill, border and text, readable on a light and on a dark page: the colours of the stage badges.
_COLOURS = {
    "open": ("#efe9fb", "#7a5cc2", "#2f1f57"),
    "paused": ("#e3f0fb", "#2f7fc1", "#123a5c"),
    "answered": ("#e2f4e6", "#3d9a57", "#134023"),
    "closed": ("#eceef1", "#7b8794", "#2b333b"),
}

# The drawing is made as narrow as the screen, and its letters with it; longer words would be cut within a box.
_SHAPE = """%%{init: {
    "flowchart": {"nodeSpacing": 14, "rankSpacing": 34, "padding": 6}, "themeVariables": {"fontSize": "19px"}
}}%%"""


def show(here: Here) -> None:
    """The drawing, and the stages with their cases and steps. The steps are named below it: with names
    on its arrows the letters of the drawing are too small to read."""
    st.header(t("Workflow"), anchor=False)
    loads = stage_loads(here.desk, actor=here.actor, now=here.now)
    workflow = here.desk.config.workflow
    st.mermaid_chart(
        diagram(workflow, loads, here.language),
        alt=t("The stages of a case and the steps between them, with the number of cases in each stage"),
    )
    st.subheader(t("Cases by stage"), anchor=False)
    for phase, meaning in PHASES.items():
        st.markdown(f"**:material/{PHASE_ICONS[phase]}: {t(meaning)}**")
        with st.grid("auto", min_column_width=210, border=True) as grid:
            for stage in (stage for stage in workflow.stage if stage.phase == phase):
                with grid.cell():
                    _stage(here, stage, loads[stage.key])
    st.caption(t("Stages and steps come from config/workflow.toml; a change there is drawn here after a restart."))


def _stage(here: Here, stage: Stage, load: StageLoad) -> None:
    """The number leads to the cases."""
    st.markdown(stage_text(here, stage.key))
    count = tn("{n} case", "{n} cases", load.count)
    if load.count:
        link("cases", f"**{count}**", icon="arrow_forward", stage=stage.key)
    else:
        st.markdown(f":gray[{count}]")
    if load.age is not None:
        st.caption(t("on average {time} in this stage", time=format_duration(load.age)))
    steps = [move for move in here.desk.config.workflow.move if stage.key in move.sources]
    st.markdown("  \n".join(f":small[{plain(_step(here, move))}]" for move in steps))


def _step(here: Here, move: Move) -> str:
    """A step and where it leads; one that stays in the stage has no arrow, and none in the drawing."""
    name = move.label(here.language)
    leads = t("the stage before") if move.back else here.label("stage", move.to)
    return f"{name} → {leads}" if leads else name


def diagram(workflow: Workflow, loads: Mapping[str, StageLoad], language: str) -> str:
    """The state machine in Mermaid's words: a box for each stage with its count, an arrow for each pair of stages."""
    return "\n".join(
        [
            _SHAPE,
            "flowchart TB",
            *(_box(stage, loads[stage.key].count, language) for stage in workflow.stage),
            *_arrows(workflow),
            *(
                f"classDef {phase} fill:{fill},stroke:{border},color:{text}"
                for phase, (fill, border, text) in _COLOURS.items()
            ),
        ]
    )


def _box(stage: Stage, count: int, language: str) -> str:
    return f'{_id(stage.key)}("{_quoted(stage.label(language))}<br/>{format_number(count)}"):::{stage.phase}'


def _arrows(workflow: Workflow) -> list[str]:
    """Steps between the same two stages share an arrow."""
    pairs = dict.fromkeys(pair for move in workflow.move for pair in product(move.sources, workflow.targets(move)))
    return [f"{_id(source)} --> {_id(target)}" for source, target in pairs]


def _id(stage: str) -> str:
    """A stage may be called "end", which is a word of Mermaid's own."""
    return f"s_{stage}"


def _quoted(text: str) -> str:
    """A label of the configuration, whatever signs it has: Mermaid reads entities with # for &."""
    return "".join(c if c.isalnum() or c in " -/" or not c.isascii() else f"#{ord(c)};" for c in text)
