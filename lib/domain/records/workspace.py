"""The workspace's own records: lists, calendar, settings, counters, imports, inbox and history."""

from typing import Literal

from lib.domain.records.fields import column
from lib.domain.records.record import Choice, Key, Record, Text, Time


class ListItem(Record):
    """One choice of one list. `code` is what records keep, labels may change freely; an inactive one is not offered."""

    item_id: Key = column("text", "条目编号", "Item", default=..., locked=True)
    list_name: Choice = column("text", "列表", "List", default=...)
    code: Choice = column("text", "代码", "Code", default=...)
    zh: Text = column("text", "中文", "Chinese", limit=100)
    en: Text = column("text", "英文", "English", limit=100)
    parent: Choice = column("text", "上级代码", "Parent code")
    position: int = column("number", "顺序", "Position", default=0)
    active: bool = column("flag", "启用", "Active", default=True)

    def label(self, language: str) -> str:
        """The label in a language; the other one, or the code, where it is missing."""
        first, second = (self.zh, self.en) if language.startswith("zh") else (self.en, self.zh)
        return first or second or self.code


class CalendarDay(Record):
    """A manual override of one day of the calendar: its spans ("09:00-12:00 13:30-18:30"), closed if there are none."""

    day: Key = column("date", "日期", "Day", default=...)
    name: Text = column("text", "名称", "Name", limit=80)
    spans: Text = column("text", "工作时段", "Working spans")


class InboxItem(Record):
    """A report that arrived from outside (a form, a website) and is not a case yet."""

    inbox_id: Key = column("text", "收件编号", "Inbox item", default=..., locked=True)
    received_at: Time = column("time", "收到时间", "Received at", default=...)
    source: Text = column("text", "来源", "Source")
    payload: Text = column("json", "内容", "Content", width=320)
    case_no: Text = column("text", "案件编号", "Case number", locked=True)
    problem: Text = column("text", "未受理原因", "Why not taken in", locked=True)


class Setting(Record):
    """One setting of the workspace that people change in the app: a key and a JSON value."""

    key: Key = column("text", "设置项", "Setting", default=..., locked=True)
    value: Text = column("json", "值", "Value", width=320)


class Counter(Record):
    """The last number given out in a series such as "case:2026". Written only together with the row that uses it."""

    series: Key = column("text", "序列", "Series", default=..., locked=True)
    last: int = column("number", "最后编号", "Last number", default=0, ge=0, locked=True)


class ImportRun(Record):
    """One import of a file: what it was, who did it, what came of it, and whether it was undone."""

    import_id: Key = column("text", "导入批次", "Import", default=..., locked=True)
    file_name: Text = column("text", "文件名", "File name", locked=True)
    sha256: Text = column("text", "SHA-256", "SHA-256", locked=True)
    imported_at: Time = column("time", "导入时间", "Imported at", default=..., locked=True)
    imported_by: Text = column("person", "导入人", "Imported by", locked=True)
    rows: int = column("number", "行数", "Rows", default=0, ge=0, locked=True)
    imported: int = column("number", "已导入", "Imported", default=0, ge=0, locked=True)
    skipped: int = column("number", "已跳过", "Skipped", default=0, ge=0, locked=True)
    rejected: int = column("number", "未通过", "Rejected", default=0, ge=0, locked=True)
    undone_at: Time | None = column("time", "撤销时间", "Undone at", default=None, locked=True)


class HistoryLine(Record):
    """One line of History: the timeline of a case, the audit log, and what a rebuild uses. Append-only.

    `changes` is compact JSON {field: [before, after]}, longer than a cell where a long text was changed; `audience`
    says whether the client may see the line. `line` counts through everything written at `seq`.
    """

    seq: int = column("number", "序号", "Sequence", default=..., ge=0, locked=True)
    commit_id: Key = column("text", "提交编号", "Commit", default=..., locked=True)
    line: int = column("number", "行", "Line", default=0, ge=0, locked=True)
    at: Time = column("time", "时间", "At", default=..., locked=True)
    actor: Text = column("person", "操作人", "Actor", locked=True)
    action: Choice = column("choice", "动作", "Action", choices="action", locked=True)
    tab: Choice = column("text", "数据表", "Tab", locked=True)
    record_id: Text = column("text", "记录编号", "Record", locked=True)
    case_no: Text = column("text", "案件编号", "Case number", locked=True)
    audience: Literal["internal", "client"] = column("choice", "可见范围", "Audience", default="internal", locked=True)
    text: Text = column("long_text", "内容", "Text", locked=True, width=320)
    changes: str = column("json", "变更", "Changes", locked=True, width=320)
