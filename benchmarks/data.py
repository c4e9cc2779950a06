"""A workspace of any size, the same every time: believable cases in Chinese, in every stage."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lib.domain.records.case import Case
from lib.domain.records.workspace import Counter
from lib.store.codec import encode
from lib.store.port import Row, Write
from lib.store.schema import SCHEMA
from lib.store.sql import SqlStore

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2023, 1, 2, 9, 0, tzinfo=ZONE)
CHUNK = 2_000
STAFF = ("handler", "handler2", "head", "manager")
STAGES = (
    ("new", 4), ("need_info", 2), ("declined", 3), ("accepted", 4), ("assigned", 6), ("investigating", 6),
    ("plan_offered", 4), ("in_progress", 8), ("waiting", 4), ("answered", 8), ("in_review", 1), ("closed", 35),
    ("archived", 15),
)  # fmt: skip
_EARLY = {"new", "need_info", "declined"}
_JUDGED = {"accepted"}
_DONE = {"answered", "in_review", "closed", "archived"}
COMMUNITIES = ("阳光花园", "东湖雅苑", "锦绣江南", "翠屏国际", "金色家园", "滨江一号", "学府名邸", "紫薇田园都市")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    "伟",
    "芳",
    "娜",
    "秀英",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀兰",
    "霞",
)
PROBLEMS = (
    (
        "quality.leak",
        "厨房吊顶漏水",
        "厨房吊顶持续滴水，楼下邻居也反映被泡，已经联系物业关闭总阀，希望尽快安排人员上门检修并赔偿橱柜损失。",
    ),
    (
        "quality.crack",
        "客厅墙面开裂",
        "交房不到半年，客厅与主卧之间的墙面出现一条约一米五的裂缝，且有扩大的趋势，担心影响居住安全。",
    ),
    (
        "quality.door_window",
        "阳台窗户关不严",
        "阳台推拉窗变形关不严，下雨天往里渗水，地板已经起翘，报修过两次都没有彻底解决。",
    ),
    (
        "fees",
        "中介费多收",
        "签合同时说好佣金按成交价的百分之一收取，过户当天却被要求多付三千元所谓的服务费，要求退还并说明理由。",
    ),
    (
        "contract",
        "房东提前收房",
        "租期还有四个月，房东要求提前收房，经纪人没有协助沟通，押金与违约金至今没有说法。",
    ),
    (
        "transfer",
        "过户时间一拖再拖",
        "首付款已经付了两个月，过户时间从三月推到五月，权证专员的电话经常无人接听，希望给出明确的时间表。",
    ),
    (
        "service_attitude",
        "经纪人态度恶劣",
        "带看迟到四十分钟且没有道歉，询问学区情况时很不耐烦，要求更换经纪人并由门店负责人道歉。",
    ),
    (
        "property_management",
        "电梯频繁故障",
        "本栋两部电梯一个月内停运五次，家里有老人和小孩，物业一直推诿，请协助与物业公司交涉。",
    ),
)


def cases(count: int, *, seed: int = 2026) -> Iterator[Case]:
    """Cases one after another through three years and more, each with what its stage implies."""
    chance = random.Random(seed)
    stages, weights = zip(*STAGES, strict=True)
    for index in range(count):
        stage = chance.choices(stages, weights)[0]
        yield Case.model_validate(_fields(chance, index, stage, START + index * timedelta(days=1_150) / count))


def _fields(chance: random.Random, index: int, stage: str, taken: datetime) -> dict[str, Any]:
    taken = taken.replace(microsecond=0)
    fields = _intake(chance, index, stage, taken)
    if stage not in _EARLY:
        fields |= _triage(chance, taken)
    if stage not in _EARLY | _JUDGED:
        fields |= _handling(chance, taken)
    if stage in _DONE:
        fields |= _closing(chance, stage, taken)
    if stage in ("need_info", "waiting", "plan_offered"):
        fields |= {"paused_at": taken + timedelta(days=2), "wait_reason": "等待业主提供合同与照片"}
    return fields


def _intake(chance: random.Random, index: int, stage: str, taken: datetime) -> dict[str, Any]:
    category, title, text = chance.choice(PROBLEMS)
    return {
        "case_no": f"TS-{taken.year}-{index + 1:06d}",
        "stage": stage,
        "priority": chance.choice(("P1", "P2", "P3", "P3", "P4")),
        "title": title,
        "kind": chance.choice(("complaint", "complaint", "repair", "consultation")),
        "channel": chance.choice(("hotline", "website", "wechat", "walk_in")),
        "branch": "head_office",
        "taken_at": taken,
        "taken_by": "intake",
        "read_back_at": taken + timedelta(minutes=4),
        "client_name": chance.choice(SURNAMES) + chance.choice(GIVEN),
        "client_phone": f"13{chance.randrange(10**8, 10**9)}",
        "relation": chance.choice(("buyer", "seller", "landlord", "tenant", "owner")),
        "community": chance.choice(COMMUNITIES),
        "building": f"{chance.randrange(1, 30)}栋",
        "unit": f"{chance.randrange(1, 4)}单元",
        "room": f"{chance.randrange(1, 33)}0{chance.randrange(1, 5)}",
        "deal_no": f"CJ{taken:%y%m}{chance.randrange(10**4):04d}",
        "description": f"{text}（{taken:%m}月{taken:%d}日来电反映，房屋位于{chance.choice(COMMUNITIES)}）",
        "location": chance.choice(("厨房", "客厅", "主卧", "卫生间", "阳台", "公共区域")),
        "occurred_on": taken.date() - timedelta(days=chance.randrange(20)),
        "stated_cause": "施工质量问题",
        "wanted_outcome": "尽快维修并书面说明原因",
        "category": category,
        "acknowledge_due": taken + timedelta(hours=2),
        "stage_since": taken + timedelta(days=1),
        "source_ref": f"12345-{index:07d}",
    }


def _triage(chance: random.Random, taken: datetime) -> dict[str, Any]:
    factors = ("severity_scope", "severity_safety", "severity_loss", "severity_legal", "severity_reputation")
    return {
        **{name: chance.randrange(1, 6) for name in factors},
        "severity_score": chance.randrange(200, 1000) / 10,
        "responsible_party": chance.choice(("developer", "contractor", "property_manager", "agency")),
        "handover_on": taken.date() - timedelta(days=chance.randrange(90, 1500)),
        "acknowledged_at": taken + timedelta(minutes=chance.randrange(5, 150)),
        "contact_due": taken + timedelta(days=1),
        "resolve_due": taken + timedelta(days=7),
    }


def _handling(chance: random.Random, taken: datetime) -> dict[str, Any]:
    return {
        "department": chance.choice(("service", "sales", "rental", "transfer")),
        "assignee": chance.choice(STAFF),
        "assigned_at": taken + timedelta(hours=5),
        "contacted_at": taken + timedelta(hours=chance.randrange(6, 40)),
        "visit_at": taken + timedelta(days=2, hours=5),
        "visit_findings": "现场查看，吊顶内给水管接头老化渗水，橱柜底板受潮变形，已拍照留存。",
        "promised_on": taken.date() + timedelta(days=6),
        "plan_measures": "更换老化接头并做二十四小时闭水试验，修复受潮的橱柜底板。",
        "plan_compensation": float(chance.randrange(0, 30) * 100),
        "plan_effect": "施工一天，期间厨房停水约四小时",
        "plan_deadline": taken.date() + timedelta(days=6),
        "consent_at": taken + timedelta(days=3),
        "plan_due": taken + timedelta(days=3),
        "planned_at": taken + timedelta(days=2, hours=8),
    }


def _closing(chance: random.Random, stage: str, taken: datetime) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "answer_text": "已完成维修并经您现场确认，若再出现渗水请随时联系我们。",
        "prevention": "对同批次房屋的接头进行排查",
        "answer_accepted": chance.choice(("yes", "yes", "no")),
        "answered_at": taken + timedelta(days=chance.randrange(4, 12)),
        "cause": chance.choice(("construction", "material", "ageing", "attitude", "procedure")),
        "lesson": "交付前应对隐蔽管线做压力测试",
    }
    if stage in ("closed", "archived"):
        fields |= {"closed_at": taken + timedelta(days=14), "retain_until": taken.date() + timedelta(days=1_095)}
    if stage == "in_review":
        asked = taken + timedelta(days=13)
        fields |= {"review_reason": "对赔偿金额有异议", "reviewer": "reviewer", "review_asked_at": asked}
        fields |= {"review_due": asked + timedelta(days=10)}
    return fields


def fill(store: SqlStore, count: int) -> None:
    """Put cases with their History into an empty store, `CHUNK` in a write."""
    store.provision(SCHEMA)
    source = cases(count)
    given_out: dict[int, int] = {}
    seq = store.pull(None).seq
    while chunk := list(islice(source, CHUNK)):
        for case in chunk:
            given_out[case.taken_at.year] = int(case.case_no.rpartition("-")[2])
        counters = [encode(Counter(series=f"case:{year}", last=last)) for year, last in given_out.items()]
        rows = {"cases": [encode(case) for case in chunk], "counters": counters}
        store.write(Write(seq, f"fill-{seq}", rows, {}, _explained(rows["cases"], seq + 1), {}))
        seq += 1


def _explained(rows: Sequence[Row], seq: int) -> list[Row]:
    return [
        {
            "seq": seq,
            "commit_id": f"fill-{seq}",
            "line": line,
            "at": str(row["taken_at"]),
            "actor": "intake",
            "action": "intake",
            "tab": "cases",
            "record_id": str(row["case_no"]),
            "case_no": str(row["case_no"]),
            "audience": "client",
            "text": str(row["title"]),
            "changes": json.dumps({name: [None, cell] for name, cell in row.items()}, ensure_ascii=False),
        }
        for line, row in enumerate(rows)
    ]


def workspace(folder: Path, count: int) -> str:
    """The address of a new SQLite file with so many cases."""
    address = f"sqlite:///{folder}/cases-{count}.db"
    store = SqlStore(address)
    fill(store, count)
    store.close()
    return address
