"""The tabs of a workspace, derived from the records: the one place that names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lib.domain.case import Case
from lib.domain.case_parts import Contact, Evidence, FollowUp, Survey, Task
from lib.domain.fields import Column, columns
from lib.domain.improvement import Action, Check
from lib.domain.people import Account, Client, Staff
from lib.domain.record import Record
from lib.domain.workspace import (
    CalendarDay,
    Counter,
    HistoryLine,
    ImportRun,
    InboxItem,
    ListItem,
    Setting,
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its name, labels, record type and key field. A technical tab is not for people's eyes."""

    name: str
    zh: str
    en: str
    model: type[Record]
    key: str
    technical: bool = False

    @property
    def columns(self) -> dict[str, Column]:
        return columns(self.model)


Schema = Mapping[str, Tab]


def _tab(name: str, zh: str, en: str, model: type[Record], *, technical: bool = False) -> Tab:
    """The key of a record is its first field."""
    return Tab(name, zh, en, model, next(iter(model.model_fields)), technical)


HISTORY = "history"
SCHEMA: Schema = MappingProxyType(
    {
        tab.name: tab
        for tab in (
            _tab("cases", "案件", "Cases", Case),
            _tab("tasks", "任务", "Tasks", Task),
            _tab("follow_ups", "回访", "Follow-ups", FollowUp),
            _tab("surveys", "满意度", "Surveys", Survey),
            _tab("evidence", "证据", "Evidence", Evidence),
            _tab("contacts", "外部单位", "Outside parties", Contact),
            _tab("actions", "改进", "Improvement", Action),
            _tab("checks", "服务监督", "Supervision", Check),
            _tab("clients", "客户", "Clients", Client),
            _tab("staff", "人员", "Staff", Staff),
            _tab("lists", "列表", "Lists", ListItem),
            _tab("calendar", "工作日历", "Calendar", CalendarDay),
            _tab("inbox", "收件箱", "Inbox", InboxItem),
            _tab("settings", "设置", "Settings", Setting, technical=True),
            _tab("imports", "导入记录", "Imports", ImportRun, technical=True),
            _tab("accounts", "账户", "Accounts", Account, technical=True),
            _tab("counters", "编号", "Counters", Counter, technical=True),
            _tab(HISTORY, "历史", "History", HistoryLine, technical=True),
        )
    }
)
HOT_TABS = tuple(name for name in SCHEMA if name != HISTORY)
"""The tabs that a snapshot holds; History is asked for."""
TAB_OF: Mapping[type[Record], Tab] = MappingProxyType({tab.model: tab for tab in SCHEMA.values()})
