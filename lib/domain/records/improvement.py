"""What the weekly review decides and what supervision finds."""

from lib.domain.records.fields import column
from lib.domain.records.record import Choice, Day, Key, Record, Text


class Action(Record):
    """An improvement action (plan, do, check, act) decided at a review."""

    action_id: Key = column("text", "改进编号", "Action number", default=..., locked=True)
    week: Day = column("date", "周会日期", "Week of", default=...)
    title: Text = column("text", "改进事项", "Action", width=240, limit=200)
    owner: Text = column("person", "负责人", "Owner")
    due_on: Day | None = column("date", "截止日期", "Due on", default=None)
    phase: Choice = column("choice", "阶段", "Phase", choices="action_phase")
    measure: Text = column("text", "衡量指标", "Measure")
    before: float | None = column("number", "改进前", "Before", default=None)
    after: float | None = column("number", "改进后", "After", default=None)
    done_on: Day | None = column("date", "完成日期", "Done on", default=None)


class Check(Record):
    """A supervision check of a member of staff, with its finding and re-check."""

    check_id: Key = column("text", "监督编号", "Check", default=..., locked=True)
    staff_id: Text = column("person", "被检查人", "Staff")
    case_no: Text = column("text", "案件编号", "Case number")
    checked_on: Day = column("date", "检查日期", "Checked on", default=...)
    finding: Text = column("long_text", "发现问题", "Finding")
    due_on: Day | None = column("date", "整改期限", "Due on", default=None)
    rechecked_on: Day | None = column("date", "复查日期", "Re-checked on", default=None)
    result: Text = column("text", "复查结果", "Result")
