"""The plan of a case: what will be done, by when, at what compensation, and whether and how the client agreed."""

import streamlit as st

from lib.domain.records.case import Case
from lib.i18n import format_datetime, t
from lib.services.parts import plans
from lib.services.story.audit import visible
from lib.ui.case import facts
from lib.ui.session.page import Here
from lib.ui.words.markdown import plain


def show(here: Here, case: Case) -> None:
    """Where the plan stands, and its facts, edited in place; it is offered to the client by the action."""
    st.markdown(_state(here, case))
    facts.show_group(here, case, "plan", t("Plan"), always=True)
    move = here.desk.config.workflow.moves.get(plans.OFFER)
    if move is not None and plans.needs_document(move, case):
        _document(here, case)


def _state(here: Here, case: Case) -> str:
    if not case.plan_measures:
        return t("A plan is written with the action “Offer a plan”, and the client's consent recorded after it.")
    if case.consent_at is None:
        if case.stage == "plan_offered":
            return f":blue[:material/hourglass_top: {t('The client has not agreed yet.')}]"
        return f":gray[:material/edit_document: {t('No consent of the client to this plan. Work needs one.')}]"
    shown = visible(here.actor, case, "consent_by")
    who = plain(case.consent_by) if shown and case.consent_by else ""
    when = format_datetime(case.consent_at, here.desk.settings.zone)
    parts = (who, plain(here.label("consent_way", case.consent_how)), when)
    return f":green[:material/handshake: {t('The client agreed')}] · " + " · ".join(part for part in parts if part)


def _document(here: Here, case: Case) -> None:
    """Whether a major case has its written plan."""
    attached = plans.latest(here.desk, case)
    if attached is None:
        words = t("A case of this priority needs a written plan before it is offered: attach one, or print one.")
        st.markdown(f":orange[:material/report: {words}]")
        return
    added = format_datetime(attached.added_at, here.desk.settings.zone)
    st.markdown(f":green[:material/task: {t('Written plan: {name}', name=plain(attached.name))}] · {added}")
