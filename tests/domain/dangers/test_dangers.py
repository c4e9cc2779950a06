"""Words of danger and of haste: which count, which ask a question, and which mean something else."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from lib.config.settings import CONFIG, load_config, load_settings
from lib.domain.dangers.config import DangersConfig, fill
from lib.domain.dangers.reading import Urgency, read_urgency
from lib.toml_files import read_toml

SHIPPED = load_config(load_settings()).dangers
WINTER, SUMMER = date(2026, 1, 15), date(2026, 7, 15)


def read(text: str, day: date = WINTER) -> Urgency:
    return read_urgency(text, SHIPPED, day)


def seen(text: str, day: date = WINTER) -> list[str]:
    """The dangers in order, a question with its mark."""
    return [one.danger.key + ("" if one.certain else "?") for one in read(text, day).dangers]


@pytest.mark.trial(13)
@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("燃气味, 头晕", "gas"),
        ("厨房漏气，燃气味特别大", "gas"),
        ("家里天然气报警一直响", "gas"),
        ("There is a smell of Gas", "gas"),
        ("楼道着火了", "fire"),
        ("老人叫不醒，屋里有一氧化碳", "poisoning"),
        ("阳台掉下来砸到人，流血不止", "injury"),
        ("卫生间插座漏电，手一碰就麻", "electric"),
        ("插座漏电，孩子差点触电", "electric"),
        ("电梯里有人被困", "lift_trapped"),
        ("电梯突然停在三楼，我妈在里面", "lift_trapped"),
        ("没有人接电话电梯里有人被困了", "lift_trapped"),
        ("we are stuck in the lift", "lift_trapped"),
        ("阳台要坍塌了", "collapse"),
        ("水管爆了，楼下都淹了", "flood"),
        ("房东带人堵门，要动手", "violence"),
        ("我不想活了", "self_harm"),
        ("我想自杀", "self_harm"),
        ("对方冒充房东，我刚转账五万", "fraud_now"),
        ("房东今天带人撬锁，把我东西扔出来，我回不了家", "lockout"),
        ("家里已经停水两天", "no_supply"),
        ("没水没电两天了", "no_supply"),
        ("没有暖气，冻死了", "no_supply"),
        ("液化气泄漏了", "gas"),
        ("瓦斯有味道", "gas"),
        ("厨房管子漏气", "gas"),
        ("There is a fire in the kitchen", "fire"),
        ("老人晕过去了", "poisoning"),
        ("孩子没有呼吸了", "poisoning"),
        ("he is not breathing", "poisoning"),
        ("吊顶掉下来，孩子被砸伤", "injury"),
        ("我妈在楼道摔伤了", "injury"),
        ("插座打火花", "electric"),
        ("不是漏水是漏电", "electric"),
        ("老人在电梯里出不来", "lift_trapped"),
        ("房顶塌下来了", "collapse"),
        ("暖气管爆了", "flood"),
        ("家里被淹，水淹到膝盖", "flood"),
        ("中介打我", "violence"),
        ("中介带人拿刀上门", "violence"),
        ("我想死", "self_harm"),
        ("再不解决我要跳楼", "self_harm"),
        ("我刚把钱转给骗子", "fraud_now"),
        ("房东把锁换了", "lockout"),
        ("我被赶出来了", "lockout"),
    ],
)
def test_words_of_danger_are_an_alarm(text: str, danger: str) -> None:
    urgency = read(text)
    assert urgency.alarm is not None
    assert (urgency.alarm.danger.key, urgency.priority) == (danger, "P1")
    assert urgency.alarm.words


@pytest.mark.trial(13)
@pytest.mark.parametrize(
    "text",
    [
        "燃气过户怎么办理", "燃气费谁出", "燃气灶打不着火", "燃气灶漏水", "孩子一直流鼻血，甲醛超标", "鼻子流血",
        "密码锁没电了", "你们服务没水平", "小区没有电梯", "停车场的电梯坏了", "关于电梯的问题", "楼道停电动车",
        "拨打人工客服没人接", "没有跟踪进度", "自己动手修好了", "老人出行困难，电梯太慢", "中介费打骨折",
        "窗户漏气，门缝漏气", "他们天天打我电话", "以前有人要跳楼，没告诉我", "房价塌了", "买到泡水车",
        "以前有人自杀过，没告诉我", "漏电保护器跳闸", "an outburst of anger", "normal smoker next door",
    ],
)  # fmt: skip
def test_words_that_mean_something_else_are_no_danger(text: str) -> None:
    assert seen(text) == []


@pytest.mark.trial(13)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("检查过，没有漏电", ["electric?"]),
        ("没有着火、漏电", ["fire?", "electric?"]),
        ("不是煤气味吧", ["gas?"]),
        ("担心电线老化会触电", ["electric?"]),
        ("会不会爆炸", ["fire?"]),
        ("there is no smoke", ["fire?"]),
        ("不是因为漏电", ["electric?"]),
        ("没有漏电，但是燃气味很大", ["gas", "electric?"]),
        ("没有水，也没有电", ["no_supply"]),
    ],
)
def test_what_is_denied_or_feared_is_a_question(text: str, expected: list[str]) -> None:
    assert seen(text) == expected
    assert read(text).priority == "P1", "shown to the staff, who ask"


@pytest.mark.trial(13)
def test_no_heating_is_a_danger_in_the_heating_season_only() -> None:
    assert seen("家里没暖气", WINTER) == ["no_supply"]
    assert seen("家里没暖气", SUMMER) == []


def test_the_gravest_danger_comes_first() -> None:
    assert seen("停电了，电线冒火花，已经起火")[:2] == ["fire", "electric"]
    assert seen("断水断电赶人") == ["lockout", "no_supply"]


@pytest.mark.parametrize(
    ("text", "haste", "priority"),
    [
        ("再不处理我找记者曝光", "public", "P2"),
        ("卖方的房子昨天被法院查封了，明天要过户怎么办", "money_out", "P1"),
        ("明天到期了", "deadline", "P2"),
        ("整栋都这样", "many", "P2"),
        ("这是第三次报修", "again", "P2"),
    ],
)
def test_words_of_haste(text: str, haste: str, priority: str) -> None:
    urgency = read(text)
    assert urgency.haste is not None
    assert (urgency.haste.key, urgency.priority, urgency.alarm) == (haste, priority, None)


@pytest.mark.parametrize(
    "text",
    [
        "主卧飘窗下面的墙一下雨就渗水，墙皮都鼓包了", "公积金能贷多少，首付比例是几成？", "天天打电话让我卖房，骚扰",
        "谢谢小李，周末还陪我们去物业办交接，很负责", "请问房产证一般多久可以领？", "", "您好",
    ],
)  # fmt: skip
def test_ordinary_reports_are_not_urgent(text: str) -> None:
    assert not read(text)


def test_people_who_cannot_help_themselves_are_noticed() -> None:
    assert read("停电了，家里有婴儿").vulnerable
    assert not read("停电了").vulnerable


def test_advice_closes_up_where_a_number_is_not_known() -> None:
    gas = SHIPPED.dangers["gas"]
    assert "抢修电话96777；" in fill(gas.advice("zh_CN"), {"gas_phone": "96777"})
    assert "抢修电话；" in fill(gas.advice("zh_CN"), {})
    assert "emergency line; if" in fill(gas.advice("en"), {})
    assert fill(SHIPPED.dangers["lift_trapped"].advice("en"), {}).endswith("by the wall.")


def test_every_danger_says_what_to_do_and_which_number_to_call() -> None:
    for danger in SHIPPED.danger:
        assert danger.numbers or danger.local, danger.key
        assert danger.checklist, danger.key
        assert danger.advice_zh != danger.advice_en


def changed(**parts: Any) -> dict[str, Any]:
    return {**read_toml(CONFIG / "dangers.toml"), **parts}


@pytest.mark.parametrize(
    "wrong",
    [
        changed(danger=[{"key": "none", "zh": "无", "en": "None", "advice_zh": "无", "advice_en": "none"}]),
        changed(danger=[{"key": "x", "zh": "某", "en": "X", "advice_zh": "打{no_phone}", "advice_en": "call"}]),
        changed(danger=[{"key": "x", "zh": "某", "en": "X", "advice_zh": "打", "advice_en": "call", "words": [""]}]),
        changed(haste=[{"key": "x", "zh": "急", "en": "now", "priority": "P7", "words": ["急"]}]),
        changed(haste=[{"key": "x", "zh": "急", "en": "now", "priority": "P1", "words": []}]),
    ],
)
def test_impossible_dangers_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DangersConfig.model_validate(wrong)
