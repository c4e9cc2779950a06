"""Who was faster: the people behind a conflict, and behind a case that moved on, as History knows them."""

from collections.abc import Sequence

from lib.domain.records.case import Case
from lib.domain.records.record import Record
from lib.domain.records.workspace import HistoryLine
from lib.errors import Clash
from lib.i18n import relative, t
from lib.services.story.changes import raw_change
from lib.services.story.timeline import timeline
from lib.ui.session.page import Here
from lib.ui.words.markdown import plain


def title(here: Here, current: Record, clashes: Sequence[Clash]) -> str:
    """Names whoever changed the fields of a conflict; of what belongs to no case nobody is named."""
    lines = [_latest(here, str(getattr(current, "case_no", "")), clash) for clash in clashes]
    names = dict.fromkeys(here.person(line.actor) for line in lines if line is not None)
    if not names:
        return t("Somebody else changed this")
    return t("{names} changed this meanwhile", names=plain(" · ".join(names)))


def moved_on(here: Here, case: Case) -> str:
    """Who brought a case into its stage, and when: one sentence, "" where History does not tell."""
    lines = timeline(here.desk, case.case_no)
    line = next((line for line in lines if line.tab == "cases" and raw_change(line, "stage")), None)
    if line is None:
        return ""
    return t("{name} did that {ago}.", name=plain(here.person(line.actor)), ago=relative(line.at, here.now))


def _latest(here: Here, case_no: str, clash: Clash) -> HistoryLine | None:
    lines = timeline(here.desk, case_no) if case_no else ()
    return next(
        (
            line
            for line in lines
            if (line.tab, line.record_id) == (clash.tab, clash.record_id) and raw_change(line, clash.field)
        ),
        None,
    )
