"""The case: one client's problem, from intake to archive."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator

from lib.domain.records.fields import column, people_in
from lib.domain.records.record import Choice, Day, Key, Phone, Record, Text, Time
from lib.domain.records.severity import Priority
from lib.domain.text.places import Home, home
from lib.domain.time.earlier_runs import check_runs

COMPLAINT = "complaint"
"""The kind of case that is about what somebody did."""
DECLINED = "declined"
"""The stage of a case that was declined."""
ARCHIVED = "archived"
"""The stage of a complete file, which is read-only."""


class Case(Record):
    """One case. A due time is the end of a clock's allowed time; a pause moves it (see `lib.domain.clocks.clocks`).

    `priority` is preliminary until `severity_score` is set. Times carry their zone; days are calendar days of the
    workspace.
    """

    case_no: Key = column("text", "案件编号", "Case number", default=..., group="header", locked=True, width=150)
    stage: Choice = column(
        "choice", "阶段", "Stage", default="new", group="header", choices="stage", locked=True, min_length=1
    )
    priority: Priority = column("choice", "优先级", "Priority", default="P3", group="header", choices="priority")
    title: Text = column("text", "标题", "Title", group="header", width=220, limit=200)
    kind: Choice = column("choice", "类型", "Kind", group="intake", choices="kind")
    channel: Choice = column("choice", "渠道", "Channel", group="intake", choices="channel")
    branch: Choice = column("choice", "门店", "Branch", group="intake", choices="branch")
    taken_at: Time = column("time", "受理时间", "Taken in at", default=..., group="intake", locked=True)
    taken_by: Text = column("person", "受理人", "Taken in by", group="intake", locked=True)
    parent_no: Text = column("text", "牵头案件", "Leading case", group="intake", locked=True)
    read_back_at: Time | None = column(
        "time", "复述确认时间", "Read back at", default=None, group="intake", locked=True
    )

    client_name: Text = column("text", "客户姓名", "Client name", group="client", personal=True, limit=80)
    client_phone: Phone = column("phone", "客户电话", "Client phone", group="client", personal=True)
    relation: Choice = column("choice", "客户身份", "Relation", group="client", choices="relation")
    community: Text = column("text", "小区", "Community", group="property", limit=80)
    building: Text = column("text", "楼栋", "Building", group="property", width=80, limit=40)
    unit: Text = column("text", "单元", "Unit", group="property", width=80, limit=40)
    room: Text = column("text", "房号", "Room", group="property", width=80, personal=True, limit=40)
    deal_no: Text = column("text", "成交编号", "Deal number", group="property", limit=80)

    description: Text = column("long_text", "问题描述", "Description", group="report", width=320)
    location: Text = column("text", "问题位置", "Location of the problem", group="report", limit=200)
    occurred_on: Day | None = column("date", "发生日期", "Happened on", default=None, group="report")
    stated_cause: Text = column("text", "客户陈述原因", "Stated cause", group="report")
    wanted_outcome: Text = column("long_text", "客户诉求", "Wanted outcome", group="report", width=220)

    category: Choice = column("choice", "分类", "Category", group="triage", choices="category")
    responsible_party: Choice = column("choice", "责任方", "Responsible party", group="triage", choices="party")
    complained_about: Text = column("person", "被投诉人", "Complaint about", group="triage")
    severity_scope: int | None = column("number", "影响范围", "Scope", default=None, group="triage", ge=1, le=5)
    severity_safety: int | None = column(
        "number", "居住安全", "Living and safety", default=None, group="triage", ge=1, le=5
    )
    severity_loss: int | None = column("number", "经济损失", "Loss", default=None, group="triage", ge=1, le=5)
    severity_legal: int | None = column("number", "法律风险", "Legal risk", default=None, group="triage", ge=1, le=5)
    severity_reputation: int | None = column(
        "number", "品牌影响", "Reputation", default=None, group="triage", ge=1, le=5
    )
    severity_score: float | None = column(
        "number", "严重度", "Severity score", default=None, group="triage", ge=0, le=100, locked=True
    )
    danger: Choice = column("choice", "危险", "Danger", group="triage", choices="danger")
    danger_at: Time | None = column(
        "time", "发现危险时间", "Danger noticed at", default=None, group="triage", locked=True
    )
    danger_taken_at: Time | None = column(
        "time", "应急接手时间", "Emergency taken at", default=None, group="triage", locked=True
    )
    danger_taken_by: Text = column("person", "应急接手人", "Emergency taken by", group="triage", locked=True)
    handover_on: Day | None = column(
        "date", "交房日期", "Handed over on", default=None, group="triage",
        hint_zh="开发商首次把这套房屋交付给第一任业主的日期，保修期从这天起算；买二手房的客户拿钥匙的日期填在“客户收房日期”。",
        hint_en="The day on which the developer handed the home over to its first owner: the warranty counts from it. "
        "The day on which a later owner got the keys goes into its own field.",
    )  # fmt: skip
    keys_on: Day | None = column(
        "date", "客户收房日期", "Client got the keys on", default=None, group="triage",
        hint_zh="本案客户自己拿到钥匙的日期；二手房的保修期不从这天起算。",
        hint_en="The day on which this client got the keys. The warranty of a second-hand home does not count from it.",
    )  # fmt: skip
    accept_text: Text = column("long_text", "受理告知", "Told at acceptance", group="triage")
    decline_ground: Choice = column(
        "choice", "不予受理原因", "Ground for declining", group="triage", choices="decline_ground"
    )
    decline_reason: Text = column("long_text", "不予受理说明", "Reason for declining", group="triage")

    department: Choice = column("choice", "部门", "Department", group="assignment", choices="department")
    assignee: Text = column("person", "责任人", "Assignee", group="assignment")
    assigned_at: Time | None = column("time", "派单时间", "Assigned at", default=None, group="assignment", locked=True)

    wait_reason: Text = column("text", "等待原因", "Reason for waiting", group="handling")
    promised_on: Day | None = column("date", "承诺日期", "Promised on", default=None, group="handling")
    wait_approved_until: Day | None = column(
        "date", "批准等待至", "Wait approved until", default=None, group="handling", locked=True
    )
    wait_approved_by: Text = column("person", "等待批准人", "Wait approved by", group="handling", locked=True)
    longer_until: Day | None = column(
        "date", "申请等待至", "Longer wait asked until", default=None, group="handling", locked=True
    )
    longer_reason: Text = column("text", "申请延长理由", "Reason for a longer wait", group="handling", locked=True)
    visit_at: Time | None = column("time", "上门时间", "Site visit at", default=None, group="visit")
    visit_minutes: int | None = column(
        "number", "上门时长（分钟）", "Length of the visit, minutes", default=None, group="visit", ge=5, le=1440
    )
    visit_by: Text = column("person", "上门人员", "Who goes there", group="visit")
    visit_place: Text = column("text", "上门地址", "Address of the visit", group="visit", personal=True, limit=200)
    visit_done_at: Time | None = column(
        "time", "现场记录时间", "Findings recorded at", default=None, group="visit", locked=True
    )
    visit_findings: Text = column("long_text", "现场情况", "Findings on site", group="visit")
    plan_measures: Text = column("long_text", "处理措施", "Measures planned", group="plan", width=220)
    plan_compensation: float | None = column("money", "补偿金额", "Compensation", default=None, group="plan", ge=0)
    plan_days: int | None = column("number", "工期（天）", "Duration, days", default=None, group="plan", ge=0, le=3650)
    plan_effect: Text = column("text", "对客户的影响", "Effect on the client", group="plan")
    plan_deadline: Day | None = column("date", "方案完成日期", "Plan to be done by", default=None, group="plan")
    consent_at: Time | None = column("time", "客户同意时间", "Client agreed at", default=None, group="plan")
    consent_how: Choice = column("choice", "同意方式", "How the client agreed", group="plan", choices="consent_way")
    consent_by: Text = column("text", "同意人", "Who agreed", group="plan", personal=True, limit=80)

    answer_text: Text = column("long_text", "答复客户", "Answer to the client", group="answer", width=220)
    answer_measures: Text = column("long_text", "已采取措施", "Measures taken", group="answer")
    prevention: Text = column("text", "预防措施", "Prevention", group="answer")
    answer_told_how: Choice = column(
        "choice", "告知方式", "How the client was told", group="answer", choices="told_how"
    )
    answer_accepted: Choice = column(
        "choice", "客户是否接受", "Accepted by the client", group="answer", choices="yes_no"
    )
    refusal_reason: Text = column("text", "客户不接受的原因", "Why the client does not accept", group="answer")
    review_reason: Text = column("text", "复核理由", "Reason for review", group="review")
    reviewer: Text = column("person", "复核人", "Reviewer", group="review")
    review_result: Choice = column("choice", "复核结论", "Review result", group="review", choices="review_result")
    review_findings: Text = column("long_text", "复核意见", "Reasons of the review", group="review")
    review_told_due: Time | None = column(
        "time", "复核结果告知时限", "Tell the outcome by", default=None, group="review", locked=True
    )
    review_told_at: Time | None = column("time", "复核结果告知时间", "Outcome told at", default=None, group="review")
    merged_into: Text = column("text", "并入案件", "Merged into", group="closing", locked=True)
    withdraw_ground: Choice = column(
        "choice", "撤诉原因", "Ground for withdrawing", group="closing", choices="withdraw_ground", locked=True
    )
    withdraw_reason: Text = column("text", "撤诉说明", "Words on the withdrawal", group="closing", locked=True)
    cause: Choice = column("choice", "原因代码", "Cause code", group="closing", choices="cause")
    lesson: Text = column("long_text", "经验教训", "Lesson", group="closing", width=220)
    close_reason: Text = column("text", "未获认可结案原因", "Reason for closing without acceptance", group="closing")
    reopen_reason: Text = column("text", "重开原因", "Reason for reopening", group="closing")
    reopen_count: int = column("number", "重开次数", "Times reopened", default=0, group="closing", ge=0, locked=True)
    archive_reason: Text = column(
        "text", "资料不全归档原因", "Reason for archiving an incomplete file", group="closing"
    )
    retain_until: Day | None = column("date", "保存至", "Keep until", default=None, group="closing", locked=True)

    acknowledge_due: Time | None = column(
        "time", "应答时限", "Acknowledge by", default=None, group="clocks", locked=True
    )
    acknowledged_at: Time | None = column(
        "time", "应答时间", "Acknowledged at", default=None, group="clocks", locked=True
    )
    contact_due: Time | None = column(
        "time", "首次联系时限", "First contact by", default=None, group="clocks", locked=True
    )
    contacted_at: Time | None = column("time", "首次联系时间", "First contact at", default=None, group="clocks")
    plan_due: Time | None = column("time", "方案时限", "Plan by", default=None, group="clocks", locked=True)
    planned_at: Time | None = column("time", "方案时间", "Planned at", default=None, group="clocks", locked=True)
    resolve_due: Time | None = column("time", "办结时限", "Resolve by", default=None, group="clocks", locked=True)
    answered_at: Time | None = column("time", "答复时间", "Answered at", default=None, group="clocks", locked=True)
    review_due: Time | None = column("time", "复核时限", "Review by", default=None, group="clocks", locked=True)
    review_asked_at: Time | None = column(
        "time", "申请复核时间", "Review asked at", default=None, group="clocks", locked=True
    )
    reviewed_at: Time | None = column("time", "复核时间", "Reviewed at", default=None, group="clocks", locked=True)
    told_client_at: Time | None = column(
        "time", "最近告知客户时间", "Client last told at", default=None, group="clocks", locked=True
    )
    stage_since: Time | None = column(
        "time", "阶段开始", "In this stage since", default=None, group="clocks", locked=True
    )
    paused_at: Time | None = column("time", "暂停开始", "Paused since", default=None, group="clocks", locked=True)
    paused_stage: Choice = column(
        "choice", "暂停前阶段", "Stage before the pause", group="clocks", choices="stage", locked=True
    )
    paused_work: int = column(
        "number", "暂停工时（分钟）", "Paused, minutes of work", default=0, group="clocks", ge=0, locked=True
    )
    paused_before_answer: int | None = column(
        "number", "首次答复前暂停工时（分钟）", "Paused before the first answer, minutes", default=None,
        group="clocks", ge=0, locked=True,
    )  # fmt: skip
    broken_promises: Text = column(
        "text", "未兑现承诺日期", "Promises not kept", group="clocks", locked=True, limit=0,
        pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2}(,[0-9]{4}-[0-9]{2}-[0-9]{2})*)?$",
    )  # fmt: skip
    closed_at: Time | None = column("time", "结案时间", "Closed at", default=None, group="clocks", locked=True)

    earlier_runs: Annotated[Text, AfterValidator(check_runs)] = column(
        "json", "历次时限", "Earlier runs of the clocks", group="clocks", locked=True
    )

    handled_by: Text = column("people", "经手人员", "Everybody who handled it", group="assignment", locked=True)

    unalerted: bool = column("flag", "暂不提醒", "No alerts yet", default=False, group="origin", locked=True)
    source_ref: Text = column("text", "外部编号", "External number", group="origin", limit=120)
    import_id: Text = column("text", "导入批次", "Import", group="origin", locked=True)
    import_key: Text = column("text", "导入标识", "Import key", group="origin", locked=True)

    @property
    def report(self) -> str:
        """What the client reports, in which words of danger are looked for."""
        return "\n".join((self.title, self.description, self.location, self.stated_cause, self.wanted_outcome))

    @property
    def handlers(self) -> tuple[str, ...]:
        """Everybody who handled the case or decided on it, by staff id: the assignees, and those who answered."""
        return tuple(dict.fromkeys(person for person in (*people_in(self.handled_by), self.assignee) if person))

    @property
    def answer_known_at(self) -> datetime | None:
        """When the client was answered. Imported closed cases often have no time of the answer; then it is the
        time of closing, unless the case was declined."""
        if self.answered_at is not None or self.import_id == "" or self.stage == DECLINED:
            return self.answered_at
        return self.closed_at

    @property
    def not_to_review(self) -> frozenset[str]:
        """Those who must not review it (requirement E2): everybody who handled it or is complained about."""
        return frozenset({*self.handlers, self.complained_about} - {""})

    @property
    def under_review(self) -> bool:
        """Whether a review was asked for that is not done."""
        return self.review_asked_at is not None and self.reviewed_at is None

    @property
    def home(self) -> Home:
        """The property in the form in which places are compared."""
        return home(self.community, self.building, self.unit, self.room)

    @property
    def property_label(self) -> str:
        """The property as people say it: community, building, unit and room in one line."""
        return " ".join(part for part in (self.community, self.building, self.unit, self.room) if part)
