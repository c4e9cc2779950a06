"""What belongs to a case: tasks, follow-ups, surveys, evidence, outside parties and alerts."""

from lib.domain.records.fields import column
from lib.domain.records.record import Choice, Day, Key, Phone, Record, Text, Time


class Task(Record):
    """A milestone inside a case, with an owner and a due time."""

    task_id: Key = column("text", "任务编号", "Task number", default=..., locked=True)
    case_no: Key = column("text", "案件编号", "Case number", default=..., locked=True)
    title: Text = column("text", "任务", "Task", width=240, limit=200)
    owner: Text = column("person", "负责人", "Owner")
    due_at: Time | None = column("time", "截止时间", "Due at", default=None)
    done_at: Time | None = column("time", "完成时间", "Done at", default=None)
    done_by: Text = column("person", "完成人", "Done by", locked=True)


class FollowUp(Record):
    """A planned call to a client, after a deal, a handover or a closed case. Open until `done_at` is set:
    it was made, or is `withdrawn` because the case goes on, was merged, or withdrawn by the client."""

    follow_up_id: Key = column("text", "回访编号", "Follow-up", default=..., locked=True)
    case_no: Text = column("text", "案件编号", "Case number")
    deal_no: Text = column("text", "成交编号", "Deal number")
    client_name: Text = column("text", "客户姓名", "Client name", personal=True)
    client_phone: Phone = column("phone", "客户电话", "Client phone", personal=True)
    branch: Choice = column("choice", "门店", "Branch", choices="branch")
    purpose: Choice = column("choice", "回访类型", "Purpose", choices="follow_up_purpose")
    due_on: Day = column("date", "应回访日期", "Due on", default=...)
    assignee: Text = column("person", "回访人", "Assignee")
    tries: int = column("number", "已尝试次数", "Tries", default=0, ge=0)
    done_at: Time | None = column("time", "完成时间", "Done at", default=None)
    done_by: Text = column("person", "完成人", "Done by", locked=True)
    outcome: Choice = column("choice", "回访结果", "Outcome", choices="follow_up_outcome")
    note: Text = column("long_text", "回访记录", "Note", width=240)
    withdrawn: Choice = column("choice", "撤回原因", "Withdrawn because", choices="follow_up_withdrawn", locked=True)
    opened_case: Text = column("text", "新开案件", "Case opened", locked=True)


class Survey(Record):
    """One request for the client's opinion. Scores are 1-5, effort 1-7, recommend 0-10 (see config/survey.toml).

    `source` is "link" if the client answered and "phone" if staff recorded the answer; a phone answer
    never counts for the score of the person who recorded it.
    """

    survey_id: Key = column("text", "问卷编号", "Survey", default=..., locked=True)
    case_no: Key = column("text", "案件编号", "Case number", default=..., locked=True)
    sent_at: Time = column("time", "发送时间", "Sent at", default=..., locked=True)
    sent_by: Text = column("person", "发送人", "Sent by", locked=True)
    expires_at: Time = column("time", "有效期至", "Valid until", default=..., locked=True)
    answered_at: Time | None = column("time", "回答时间", "Answered at", default=None, locked=True)
    source: Choice = column("choice", "来源", "Source", choices="survey_source", locked=True)
    recorded_by: Text = column("person", "记录人", "Recorded by", locked=True)
    handler: Text = column("person", "责任人", "Handler", locked=True)
    department: Choice = column("choice", "部门", "Department", choices="department", locked=True)
    attitude: int | None = column("number", "态度与专业", "Attitude and professionalism", default=None, ge=1, le=5)
    speed: int | None = column("number", "效率", "Speed", default=None, ge=1, le=5)
    quality: int | None = column("number", "结果质量", "Quality of the result", default=None, ge=1, le=5)
    after_sales: int | None = column("number", "售后支持", "After-sales", default=None, ge=1, le=5)
    process: int | None = column("number", "对处理过程", "Handling overall", default=None, ge=1, le=5)
    outcome: int | None = column("number", "对处理结果", "Outcome overall", default=None, ge=1, le=5)
    effort: int | None = column("number", "费力程度", "Effort (CES)", default=None, ge=1, le=7)
    recommend: int | None = column("number", "推荐意愿", "Would recommend (NPS)", default=None, ge=0, le=10)
    comment: Text = column("long_text", "意见", "Comment", width=240)


class Evidence(Record):
    """A file of a case. The content is kept by its SHA-256; the row says what it is and who added it."""

    evidence_id: Key = column("text", "证据编号", "Evidence", default=..., locked=True)
    case_no: Key = column("text", "案件编号", "Case number", default=..., locked=True)
    name: Text = column("text", "文件名", "File name", locked=True, width=200)
    kind: Choice = column("choice", "证据类型", "Kind", choices="evidence_kind")
    media_type: Text = column("text", "格式", "Media type", locked=True)
    size: int = column("number", "大小（字节）", "Size (bytes)", default=0, ge=0, locked=True)
    sha256: Text = column("text", "SHA-256", "SHA-256", locked=True, width=200)
    added_by: Text = column("person", "上传人", "Added by", locked=True)
    added_at: Time = column("time", "上传时间", "Added at", default=..., locked=True)
    note: Text = column("text", "说明", "Note")


class Contact(Record):
    """An outside party in a case: what was asked of it and what it promised."""

    contact_id: Key = column("text", "外部联系编号", "Outside party", default=..., locked=True)
    case_no: Key = column("text", "案件编号", "Case number", default=..., locked=True)
    party: Choice = column("choice", "单位类型", "Party", choices="party")
    name: Text = column("text", "名称", "Name", limit=80)
    phone: Phone = column("phone", "电话", "Phone")
    asked: Text = column("long_text", "请求事项", "What was asked")
    asked_at: Time | None = column("time", "请求时间", "Asked at", default=None)
    promised_on: Day | None = column("date", "承诺日期", "Promised on", default=None)
    done_on: Day | None = column("date", "完成日期", "Done on", default=None)


class Alert(Record):
    """An alert about a case: a step of the ladder was reached, or the client has had no update for too long.

    `clock` is empty for a silence. `told` are the recipients at that moment, `seen_by` those of them who have seen it.
    Open until `ended_at`: all of them have seen it, or its matter is over. See `lib.domain.clocks.escalation`.
    """

    alert_id: Key = column("text", "提醒编号", "Alert", default=..., locked=True, width=220)
    case_no: Key = column("text", "案件编号", "Case number", default=..., locked=True)
    clock: Text = column("text", "时限", "Clock", locked=True)
    step: Text = column("text", "提醒级别", "Step", locked=True)
    due_at: Time | None = column("time", "截止时间", "Due at", default=None, locked=True)
    raised_at: Time = column("time", "提醒时间", "Raised at", default=..., locked=True)
    told: Text = column("people", "提醒对象", "Told", locked=True, width=200)
    ended_at: Time | None = column("time", "结束时间", "Ended at", default=None, locked=True)
    seen_by: Text = column("people", "处理人", "Seen by", locked=True)
