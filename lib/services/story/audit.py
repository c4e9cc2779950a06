"""Clients' personal data (K3) and the audit log of what changes no record (K6): reveals, exports, sign-ins."""

import re

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp
from lib.domain.records.fields import columns
from lib.domain.records.record import Record
from lib.domain.rules.permissions import Actor
from lib.domain.text import phones
from lib.errors import InvalidFields, Problem
from lib.store.commit.batch import Change, Receipt

HIDDEN = "***"
_HAN = re.compile(r"[\u3400-\u9fff]")
_TWO_CHARACTER_SURNAMES = frozenset(
    """
    欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 司空 夏侯 端木 百里 东郭 南宫 呼延 轩辕 独孤
    拓跋 申屠 闻人 濮阳 淳于 单于 太史 钟离 澹台 公冶 宗政 赫连 万俟 闾丘 仲孙 鲜于 西门 公羊 即墨 第五 纳兰
    """.split()  # noqa: SIM905  (a block of words is easier to read and extend)
)


def record(
    desk: Desk, *, actor: Actor, action: str, text: str = "", case_no: str = "", tab: str = "", record_id: str = ""
) -> Receipt:
    """Write a line that changes nothing into History. It is saved before the thing it tells of is handed out."""
    return desk.save(actor, [Change(action, tab, record_id, case_no, text=text)])


def visible(actor: Actor, case: Case, field: str) -> bool:
    """Whether the actor sees this field of this case without asking."""
    return not columns(Case)[field].personal or actor.may("personal.view", case)


def sees(desk: Desk, actor: Actor, record: Record, field: str) -> bool:
    """Whether the actor sees this field of any record without asking: the case decides about all that belongs to it,
    and whoever is to make a call sees whom."""
    if not columns(type(record))[field].personal or (actor.staff_id and actor.staff_id == _caller(record)):
        return True
    case = record if isinstance(record, Case) else desk.snapshot[Case].get(getattr(record, "case_no", ""))
    return actor.may("personal.view", case)


def _caller(record: Record) -> str:
    return record.assignee if isinstance(record, FollowUp) else ""


def shown(desk: Desk, actor: Actor, record: Record, field: str) -> str:
    """A field as the actor may see it; the one home of every mask on a page."""
    return str(getattr(record, field) or "") if sees(desk, actor, record, field) else masked(record, field)


def masked(record: Record, field: str) -> str:
    """A field for eyes that may not see it: a name by its surname, a phone by its last four digits, the rest hidden.

    What is not personal comes back as it is.
    """
    column, value = columns(type(record))[field], str(getattr(record, field) or "")
    if not column.personal or not value:
        return value
    if column.kind == "phone":
        return phones.mask(value)
    return mask_name(value) if field in ("client_name", "name") else HIDDEN


def mask_name(name: str) -> str:
    """张三丰 -> 张**, 欧阳锋 -> 欧阳*, Anna Bell -> A***."""
    plain = name.strip()
    if not plain:
        return ""
    if not _HAN.match(plain):
        return plain[0] + HIDDEN
    kept = 2 if len(plain) > 2 and plain[:2] in _TWO_CHARACTER_SURNAMES else 1
    return plain[:kept] + "*" * max(1, len(plain) - kept)


def reveal_personal(desk: Desk, *, actor: Actor, case: Case, field: str) -> str:
    """The value of a personal field; who asked for it is in the case's timeline before it is shown.

    Raises NotAllowed (neither `personal.view` nor `personal.reveal` for this case) and InvalidFields.
    """
    if not actor.may("personal.view", case):
        require(actor, "personal.reveal", case)
    column = columns(Case).get(field)
    if column is None or not column.personal:
        raise InvalidFields("cases", [Problem(field, "not_personal")])
    record(desk, actor=actor, action="reveal", text=field, case_no=case.case_no, tab="cases", record_id=case.case_no)
    return str(getattr(case, field))
