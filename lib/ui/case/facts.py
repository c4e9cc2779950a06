"""The facts of a case in groups, each edited in place."""

from lib.domain.records.case import Case
from lib.domain.records.fields import Column, columns
from lib.domain.rules.workflow import CLOCK_FIELDS
from lib.i18n import N_, t
from lib.services.alerts.deadlines import is_confirmed
from lib.services.cases import handling
from lib.services.story.audit import visible
from lib.ui.case import extras
from lib.ui.case.fact_group import card, form, is_edited
from lib.ui.case.severity import show_warranty
from lib.ui.session.page import Here
from lib.ui.widgets.fields import fields
from lib.ui.words.case import personal_text, unconfirmed_text
from lib.ui.words.markdown import plain

GROUPS = {
    "report": N_("Report"),
    "client": N_("Client"),
    "property": N_("Property"),
    "header": N_("Case"),
    "intake": N_("Intake"),
    "triage": N_("Triage"),
    "assignment": N_("Assignment"),
    "handling": N_("Handling"),
    "answer": N_("Answer"),
    "review": N_("Review"),
    "closing": N_("Closing"),
    "clocks": N_("Clocks"),
    "origin": N_("Origin"),
}
ALWAYS = frozenset({"report", "client", "property", "header", "intake"})  # shown also when nothing is filled in
ICONS = {
    "report": "description", "client": "person", "property": "home", "header": "folder_open", "intake": "call",
    "triage": "balance", "assignment": "assignment_ind", "handling": "construction", "answer": "mark_chat_read",
    "review": "gavel", "closing": "task_alt", "clocks": "schedule", "origin": "input", "plan": "edit_document",
}  # fmt: skip
IN_HEADER = frozenset({"case_no", "stage"})
_CLOCK_OF = {due: clock for clock, (due, _) in CLOCK_FIELDS.items()}


def show(here: Here, case: Case) -> None:
    """Every group that has something to show."""
    for group, name in GROUPS.items():
        show_group(here, case, group, t(name), always=group in ALWAYS)
        if group == "triage":
            show_warranty(here, case, {})
    extras.show(here, case)


def show_group(here: Here, case: Case, group: str, title: str, *, always: bool) -> None:
    """One group: its facts, or the form that edits them."""
    mine_to_edit = editable(here, case, group)
    if mine_to_edit and is_edited(case, group):
        form(
            here, case, group, title=title,
            entries=lambda opened, key: fields(here, Case, mine_to_edit, key=key, record=opened.opened, form=opened),
        )  # fmt: skip
        return
    lines = [_line(here, case, column) for column in _columns(group) if _tells(case, column)]
    if lines or always:
        card(case, group, title=title, icon=ICONS[group], lines=lines, may_edit=bool(mine_to_edit))


def editable(here: Here, case: Case, group: str) -> list[str]:
    """The fields of a group that this person may edit in place; personal data only where she sees it."""
    if not here.actor.may("case.edit", case):
        return []
    return [
        column.key for column in _columns(group) if handling.is_fact(column) and visible(here.actor, case, column.key)
    ]


def _columns(group: str) -> list[Column]:
    """What people read; JSON is for the app alone."""
    read = (column for column in columns(Case).values() if column.kind != "json" and column.key not in IN_HEADER)
    return [column for column in read if column.group == group]


def _tells(case: Case, column: Column) -> bool:
    """Whether the value says anything: a count that nobody has begun to count does not."""
    value = getattr(case, column.key)
    return value not in ("", None) and not (value == 0 and Case.model_fields[column.key].default == 0)


def _line(here: Here, case: Case, column: Column) -> str:
    if column.personal and not visible(here.actor, case, column.key):
        value = personal_text(here, case, column.key)
    elif column.key in handling.SEVERITY_FIELDS:
        value = _factor_text(here, column, getattr(case, column.key))
    else:
        value = f"{here.value(column, getattr(case, column.key))}{_due_note(here, case, column)}"
    return f":gray[{column.label(here.language)}]  {plain(value)}"


def _due_note(here: Here, case: Case, column: Column) -> str:
    """What a due time does not know yet: the holidays of its year."""
    clock, due = _CLOCK_OF.get(column.key), getattr(case, column.key)
    if clock is None or due is None or here.desk.config.sla.target(clock, case.priority).elapsed:
        return ""
    return "" if is_confirmed(here.desk, due) else f" · {unconfirmed_text(here, due)}"


def _factor_text(here: Here, column: Column, value: int) -> str:
    factor = next((f for f in here.desk.config.severity.factors if f"severity_{f.key}" == column.key), None)
    if factor is None:
        return str(value)
    step = factor.scale[value - 1]
    return f"{value} · {step.zh if here.language.startswith('zh') else step.en}"
