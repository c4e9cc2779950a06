from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.i18n import (
    Language,
    format_date,
    format_datetime,
    format_duration,
    format_number,
    format_percent,
    in_language,
    relative,
    time_left_words,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKING_DAY = timedelta(hours=8)
NOW = datetime(2026, 3, 5, 18, 30, tzinfo=UTC)


def both(call: object) -> tuple[str, str]:
    texts = []
    for language in ("zh_CN", "en"):
        with in_language(language):
            texts.append(call())  # type: ignore[operator]
    return texts[0], texts[1]


def test_dates() -> None:
    assert both(lambda: format_date(date(2026, 3, 5))) == ("2026年3月5日", "5 Mar 2026")
    # 18:30 UTC is the next morning in Shanghai.
    assert both(lambda: format_datetime(NOW, SHANGHAI)) == ("2026年3月6日 02:30", "6 Mar 2026, 02:30")


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        format_datetime(NOW.replace(tzinfo=None), SHANGHAI)
    with pytest.raises(TypeError):
        format_date(NOW)


def test_numbers() -> None:
    assert both(lambda: format_number(1234567)) == ("1,234,567", "1,234,567")
    assert both(lambda: format_number(1234.5, 2)) == ("1,234.50", "1,234.50")
    assert both(lambda: format_percent(0.853)) == ("85%", "85%")
    assert both(lambda: format_percent(0.8534, 1)) == ("85.3%", "85.3%")


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (timedelta(hours=2), "还剩2小时", "2 h left"),
        (timedelta(hours=2, minutes=59), "还剩2小时", "2 h left"),
        (timedelta(minutes=59, seconds=59), "还剩59分钟", "59 min left"),
        (timedelta(hours=8), "还剩1天", "1 day left"),
        (timedelta(hours=23), "还剩2天", "2 days left"),
        (timedelta(hours=-8), "逾期1天", "late by 1 day"),
        (timedelta(hours=-17), "逾期2天", "late by 2 days"),
        (timedelta(hours=-3), "逾期3小时", "late by 3 h"),
        (timedelta(minutes=-1), "逾期1分钟", "late by 1 min"),
        (timedelta(0), "现在到期", "due now"),
        (timedelta(seconds=-30), "现在到期", "due now"),
    ],
)
def test_time_left(left: timedelta, zh: str, en: str) -> None:
    assert both(lambda: time_left_words(left, WORKING_DAY)) == (zh, en)


@pytest.mark.parametrize(
    ("age", "zh", "en"),
    [
        (timedelta(seconds=8), "8秒前", "8 s ago"),
        (timedelta(minutes=5), "5分钟前", "5 min ago"),
        (timedelta(hours=23, minutes=59), "23小时前", "23 h ago"),
        (timedelta(days=1), "1天前", "1 day ago"),
        (timedelta(days=30), "30天前", "30 days ago"),
        (timedelta(milliseconds=10), "刚刚", "just now"),
        (timedelta(seconds=-3), "刚刚", "just now"),
    ],
)
def test_relative(age: timedelta, zh: str, en: str) -> None:
    assert both(lambda: relative(NOW - age, NOW)) == (zh, en)


def test_duration_counts_the_days_it_is_told() -> None:
    assert both(lambda: format_duration(timedelta(hours=16), WORKING_DAY)) == ("2天", "2 days")
    assert both(lambda: format_duration(timedelta(hours=16))) == ("16小时", "16 h")
    with pytest.raises(ValueError, match="day"):
        format_duration(timedelta(hours=16), timedelta(0))


@given(left=st.timedeltas(timedelta(days=-400), timedelta(days=400)), language=st.sampled_from(["zh_CN", "en"]))
def test_late_is_said_exactly_when_the_deadline_has_passed(left: timedelta, language: Language) -> None:
    with in_language(language):
        words = time_left_words(left, WORKING_DAY)
    late = "逾期" in words or "late" in words
    assert late == (left <= timedelta(minutes=-1))
    assert "{" not in words
