"""The people: staff, their accounts, and clients."""

from lib.domain.records.fields import column
from lib.domain.records.record import Choice, Day, Key, Phone, Record, Text, Time


class Staff(Record):
    """A member of the team. `staff_id` is what other records name; it never changes, also when the e-mail does."""

    staff_id: Key = column("text", "人员编号", "Staff id", default=..., locked=True)
    email: Text = column("email", "邮箱", "E-mail", width=200, limit=254)
    name: Text = column("text", "姓名", "Name", limit=80)
    role: Choice = column("choice", "角色", "Role", choices="role")
    branch: Choice = column("choice", "门店", "Branch", choices="branch")
    department: Choice = column("choice", "部门", "Department", choices="department")
    phone: Phone = column("phone", "电话", "Phone")
    capacity: int = column("number", "可承接案件数", "Capacity", default=15, ge=0)
    away_from: Day | None = column("date", "休假开始", "Away from", default=None)
    away_until: Day | None = column("date", "休假结束", "Away until", default=None)
    language: Choice = column("choice", "语言", "Language", choices="language")
    active: bool = column("flag", "在职", "Active", default=True)

    def is_away(self, day: Day) -> bool:
        """Away on `day`; both ends of the leave count."""
        return self.away_from is not None and self.away_from <= day <= (self.away_until or self.away_from)


class Account(Record):
    """How a member of staff signs in with a password. Never shown, exported or opened in a sheet."""

    staff_id: Key = column("text", "人员编号", "Staff id", default=..., locked=True)
    password_hash: Text = column("text", "密码哈希", "Password hash", locked=True, secret=True)
    must_change: bool = column("flag", "须改密码", "Must change", default=False, locked=True)
    epoch: int = column("number", "会话批次", "Session epoch", default=0, ge=0, locked=True)
    failures: Text = column("json", "失败时间", "Failed at", locked=True)
    locked_until: Time | None = column("time", "锁定至", "Locked until", default=None, locked=True)
    one_time_until: Time | None = column(
        "time", "一次性密码有效至", "One-time password until", default=None, locked=True
    )
    sessions_since: Time | None = column(
        "time", "此前会话作废", "Sessions begun before ended", default=None, locked=True
    )
    ended_sessions: Text = column("json", "已退出的会话", "Ended sessions", locked=True)


class Client(Record):
    """A client whom the brokerage knows. Cases carry their own copy of name and phone, as told at intake."""

    client_id: Key = column("text", "客户编号", "Client id", default=..., locked=True)
    name: Text = column("text", "姓名", "Name", personal=True, limit=80)
    phone: Phone = column("phone", "电话", "Phone", personal=True)
    relation: Choice = column("choice", "身份", "Relation", choices="relation")
    property: Text = column("text", "物业", "Property", personal=True)
    note: Text = column("long_text", "备注", "Note")
