"""The tabs of a workspace, derived from the records: the one place that names them.

The custom fields of the workspace are added when it is opened (`declare`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from lib.domain.records.case import Case
from lib.domain.records.case_parts import Alert, Contact, Evidence, FollowUp, Survey, Task
from lib.domain.records.custom_fields import undeclared
from lib.domain.records.extras import extra_name, header_of, is_extra
from lib.domain.records.fields import Column, columns
from lib.domain.records.improvement import Action, Check
from lib.domain.records.people import Account, Client, Staff
from lib.domain.records.record import Record
from lib.domain.records.workspace import CalendarDay, Counter, HistoryLine, ImportRun, InboxItem, ListItem, Setting
from lib.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its name, labels, record type, key field and custom fields. A technical tab is not for people's eyes.

    `later`: columns that only a later version of the app knows. They are left alone and carried along; here they have
    no more than a name and labels.
    """

    name: str
    zh: str
    en: str
    model: type[Record]
    key: str
    technical: bool = False
    custom: tuple[Column, ...] = ()
    later: tuple[Column, ...] = ()

    def label(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en

    @property
    def columns(self) -> dict[str, Column]:
        """The fields of the record, and after them the custom fields."""
        return _with_custom(self) if self.custom else columns(self.model)

    @property
    def own(self) -> dict[str, Column]:
        """The fields of the record alone."""
        return columns(self.model)

    def column(self, name: str) -> Column | None:
        """The column of that name, also of an extra one that nobody declared, or of a later version's."""
        known = self.columns.get(name) or next((column for column in self.later if column.key == name), None)
        return known or (undeclared(name) if is_extra(name) else None)

    def carries(self, name: str) -> bool:
        """Whether it is a column beside those of the record: one that people added, or a later version's."""
        return is_extra(name) or any(column.key == name for column in self.later)

    def keeps(self, name: str) -> bool:
        """Whether its records have a value of that name."""
        return name in self.own or is_extra(name)


@cache
def _with_custom(tab: Tab) -> dict[str, Column]:
    return {**columns(tab.model), **{column.key: column for column in tab.custom}}


Schema = Mapping[str, Tab]


def _tab(name: str, zh: str, en: str, model: type[Record], *, technical: bool = False) -> Tab:
    """The key of a record is its first field."""
    return Tab(name, zh, en, model, next(iter(model.model_fields)), technical)


HISTORY = "history"
_TABS = {
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
        _tab("alerts", "提醒", "Alerts", Alert, technical=True),
        _tab("settings", "设置", "Settings", Setting, technical=True),
        _tab("imports", "导入记录", "Imports", ImportRun, technical=True),
        _tab("accounts", "账户", "Accounts", Account, technical=True),
        _tab("counters", "编号", "Counters", Counter, technical=True),
        _tab(HISTORY, "历史", "History", HistoryLine, technical=True),
    )
}
SCHEMA: Schema = MappingProxyType(_TABS)
HOT_TABS = tuple(name for name in SCHEMA if name != HISTORY)
"""The tabs that a snapshot holds; History is asked for."""
_TAB_OF = {tab.model: tab for tab in _TABS.values()}
TAB_OF: Mapping[type[Record], Tab] = MappingProxyType(_TAB_OF)


def declare(fields: Mapping[str, Sequence[Column]]) -> None:
    """Make these custom fields, by tab, the workspace's own; a process works on one workspace. Raises ConfigError."""
    for name, custom in fields.items():
        tab = _TABS.get(name)
        if tab is None or tab.technical:
            raise ConfigError("fields.toml", name, "no such tab")
        for column in custom:
            _require_free(tab, column, custom)
    for name, tab in _TABS.items():
        _TABS[name] = _TAB_OF[tab.model] = replace(tab, custom=tuple(fields.get(name, ())))


def carry(labels: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
    """Take note of columns as another version of the app declares them, {tab: {name: [Chinese, English]}}: those that
    are not ours are a later version's."""
    for name, tab in _TABS.items():
        known = {column.key for column in tab.later} | tab.own.keys()
        fresh = [Column(key, "text", zh, en) for key, (zh, en) in labels.get(name, {}).items() if key not in known]
        if fresh:
            _TABS[name] = _TAB_OF[tab.model] = replace(tab, later=(*tab.later, *fresh))


def _require_free(tab: Tab, column: Column, custom: Sequence[Column]) -> None:
    """A header must lead to one column."""
    if extra_name(header_of(column.key)) != column.key or '"' in column.key:  # formulas name it
        raise ConfigError("fields.toml", f"{tab.name}.{column.key}", "no header")
    for text in _texts(column):
        if any(text in _texts(other) for other in (*tab.own.values(), *custom) if other.key != column.key):
            raise ConfigError("fields.toml", f"{tab.name}.{header_of(column.key)}", f"{text} is taken")


def _texts(column: Column) -> set[str]:
    return {text.casefold() for text in (header_of(column.key), column.zh, column.en)}
