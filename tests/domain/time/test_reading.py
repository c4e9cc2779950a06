from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.time.clock import OFFSETS
from lib.domain.time.reading import BadDate, Order, column_order, parse_date, parse_datetime, read

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019/4/25 9:32:09", "2019-04-25 09:32:09"),
        ("2019-12-31T23:59:11.000", "2019-12-31 23:59:11"),
        ("2019-12-31 23:59:11.25", "2019-12-31 23:59:11.250000"),
        ("2019.12.31", "2019-12-31 00:00:00"),
        ("2020年1月6日 12时9分", "2020-01-06 12:09:00"),
        ("2020年1月6日12:09:38", "2020-01-06 12:09:38"),
        ("2020年1月6号 下午3点", "2020-01-06 15:00:00"),
        ("２０２０年１月６日 上午12点5分", "2020-01-06 00:05:00"),
        ("2020年1月6日 星期一 中午12:30", "2020-01-06 12:30:00"),
        ("2020-01-06(周一) 08:00", "2020-01-06 08:00:00"),
        ("24年1月6日", "2024-01-06 00:00:00"),
        ("20200106", "2020-01-06 00:00:00"),
        ("20200106120938", "2020-01-06 12:09:38"),
        ("20200106 1209", "2020-01-06 12:09:00"),
        ("20200106 12:09:38", "2020-01-06 12:09:38"),
        ("20200106T120938Z", "2020-01-06 20:09:38"),
        ("43836.50669", "2020-01-06 12:09:38"),
        (43836, "2020-01-06 00:00:00"),
        (43836.0, "2020-01-06 00:00:00"),
        (20200106, "2020-01-06 00:00:00"),
        ("Jan 6, 2020 12:09 PM", "2020-01-06 12:09:00"),
        ("6 January 2020", "2020-01-06 00:00:00"),
        ("Mon, 06-Jan-20 08:00:00", "2020-01-06 08:00:00"),
        ("2020-01-06T12:09:38Z", "2020-01-06 20:09:38"),
        ("2020-01-06 12:09:38 +0000", "2020-01-06 20:09:38"),
        ("2020-01-06T12:09:38+08:00", "2020-01-06 12:09:38"),
        (date(2020, 1, 6), "2020-01-06 00:00:00"),
        (datetime(2020, 1, 6, 4, tzinfo=UTC), "2020-01-06 12:00:00"),
    ],
)
def test_forms(text, expected: str):
    moment = parse_datetime(text, tz=SHANGHAI)
    assert moment.tzinfo is SHANGHAI
    assert str(moment.replace(tzinfo=None)) == expected
    if not isinstance(text, str) or not ("Z" in text or "+0000" in text):
        assert str(parse_date(text)) == (expected[:10] if not isinstance(text, datetime) else str(text.date()))


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("05/01/2022 12:00:03 AM", "mdy", "2022-05-01 00:00:03"),
        ("05/01/2022 12:00:03 PM", "dmy", "2022-01-05 12:00:03"),
        ("29-02-2016 01:16", None, "2016-02-29 01:16:00"),
        ("01/22/2018", "dmy", "2018-01-22 00:00:00"),
        ("3/3/24", "dmy", "2024-03-03 00:00:00"),
        ("05.01.2022", None, "2022-01-05 00:00:00"),
    ],
)
def test_day_and_month(text: str, order: Order | None, expected: str):
    moment = parse_datetime(text, tz=SHANGHAI, order=order)
    assert str(moment.replace(tzinfo=None)) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "empty"),
        ("  ", "empty"),
        ("明天", "unknown_format"),
        (True, "unknown_format"),
        ("12", "unknown_format"),
        ("2020-01-06 noon", "unknown_format"),
        ("2020/1-6", "unknown_format"),
        ("2021-02-29", "out_of_range"),
        ("2021-02-28 24:30", "out_of_range"),
        ("20211301", "out_of_range"),
        ("05/01/2022", "ambiguous"),
        ("", "empty"),
    ],
)
def test_bad_dates(text, why: str):
    with pytest.raises(BadDate) as bad:
        parse_datetime(text, tz=SHANGHAI)
    assert bad.value.why == why


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["05/01/2022", "05/13/2022"], "mdy"),
        (["05/01/2022", "13/01/2022", None], "dmy"),
        (["29-02-2016 01:16"], "dmy"),
        (["05/01/2022 12:00:03 AM"], "mdy"),
        (["01/03/2024", "02/03/2024", "03/03/2024", "04/03/2024"], "dmy"),
        (["03/01/2024", "03/02/2024", "03/04/2024"], "mdy"),
        (["05/01/2022"], None),
        (["13/01/2022", "01/13/2022"], None),
        (["13/01/2022"] * 40 + ["01/13/2022"], "dmy"),
        (["2022-01-05", 44000, None], None),
        ([], None),
    ],
)
def test_column_order(values, expected: Order | None):
    assert column_order(values) == expected


@given(st.datetimes(min_value=datetime(1955, 1, 1), max_value=datetime(2068, 1, 1)))  # noqa: DTZ001
def test_what_is_written_in_any_form_is_read_back(moment: datetime):
    moment = moment.replace(microsecond=0)
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
    for value in (
        serial,
        f"{serial:.7f}",
        moment.isoformat(),
        f"{moment.year}/{moment.month}/{moment.day} {moment:%H:%M:%S}",
        f"{moment:%m/%d/%Y %I:%M:%S %p}",
        f"{moment.year}年{moment.month}月{moment.day}日{moment.hour}时{moment.minute}分{moment.second}秒",
        f"{moment:%d %b %Y %H:%M:%S}",
    ):
        assert parse_datetime(value, tz=UTC, order="mdy").replace(tzinfo=None) == moment


@given(st.text())
def test_any_text_is_a_date_or_a_bad_one(text: str):
    try:
        parse_datetime(text, tz=SHANGHAI)
    except BadDate:
        return
    assert any(character.isdigit() for character in text)


@pytest.mark.trial(4)
@pytest.mark.parametrize(
    ("column", "days"),
    [
        (["24/03/05", "24/03/15"], ["2024-03-05", "2024-03-15"]),
        (["24/03/05", "24/03/15", "24/3/5"], ["2024-03-05", "2024-03-15", "2024-03-05"]),
        (["24.03.05", "2024.03.06"], ["2024-03-05", "2024-03-06"]),
        (["24-1-5", "24-02-06", "23-11-07"], ["2024-01-05", "2024-02-06", "2023-11-07"]),
        (["05/03/24", "15/03/24", "25/03/24"], ["2024-03-05", "2024-03-15", "2024-03-25"]),
        (["3/15/24", "3/5/24"], ["2024-03-15", "2024-03-05"]),
        (["24/03/05", "24/03/15", "24/13/05"], ["2024-03-05", "2024-03-15", "out_of_range"]),
        (["24/03/05"], ["ambiguous"]),
        (["01/03/24", "02/03/24"], ["ambiguous", "ambiguous"]),
        (["24/3/5"], ["2024-03-05"]),
        (["24/13/05"], ["out_of_range"]),
        (["31/12/99"], ["1999-12-31"]),
    ],
)
def test_a_two_digit_year_stands_where_the_whole_column_has_it(column: list[str], days: list[str]):
    order = column_order(column)

    def day(text: str) -> str:
        try:
            return parse_date(text, order=order).isoformat()
        except BadDate as bad:
            return bad.why

    assert [day(text) for text in column] == days


@pytest.mark.trial(4)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-03 14:00-15:00", "2026-02-03 14:00"),
        ("2026-02-03 14:00 - 15:00", "2026-02-03 14:00"),
        ("2026-02-03 14:00—15:00", "2026-02-03 14:00"),
        ("2026-02-03 14:00~15:00", "2026-02-03 14:00"),
        ("2026-02-03 09:00-05:00", "2026-02-03 09:00"),
        ("2026-02-03 14:00:00-15:00:00", "2026-02-03 14:00"),
        ("2026年2月3日 上午9:00-11:00", "2026-02-03 09:00"),
        ("2026年2月3日 上午9点到11点", "2026-02-03 09:00"),
        ("2026年2月3日 9-11点", "2026-02-03 09:00"),
        ("2026-02-03 11-1PM", "2026-02-03 11:00"),
        ("2026-02-03 9-11 AM", "2026-02-03 09:00"),
        ("2026年2月3日 上午9:00至下午2:00", "2026-02-03 09:00"),
        ("2026年2月3日 下午2:00-4:00", "2026-02-03 14:00"),
        ("2026-02-03 2:00-4:00 PM", "2026-02-03 14:00"),
        ("2026-02-03 11:00-1:00 PM", "2026-02-03 11:00"),
        ("2026-02-03 24:00", "2026-02-04 00:00"),
        ("2026-02-03 上午9点半", "2026-02-03 09:30"),
        ("2026-02-03 下午3点一刻", "2026-02-03 15:15"),
        ("2026-02-03 上午九点整", "2026-02-03 09:00"),
        ("2026-02-03 下午15:00", "2026-02-03 15:00"),
        ("2026-02-03 晚上12点", "2026-02-04 00:00"),
        ("2026-02-03 晚上8点", "2026-02-03 20:00"),
        ("2026-02-03 3 PM", "2026-02-03 15:00"),
        ("2024、3、5", "2024-03-05 00:00"),
        ("24 年 3 月 5 日", "2024-03-05 00:00"),
        ("二〇二四年三月十五日", "2024-03-15 00:00"),
        ("２０２４／３／５　９：０５", "2024-03-05 09:05"),
        ("2026-02-03T14:00+08:00", "2026-02-03 14:00"),
        ("2026-02-03T14:00-05:00", "2026-02-04 03:00"),
        ("2026-02-03 14:00:00-05:00", "2026-02-04 03:00"),
        ("2026-02-03 14:00 UTC+9", "2026-02-03 13:00"),
        ("2026-02-03 14:00 GMT-05:00", "2026-02-04 03:00"),
        ("2026-02-03 13:00 AM", "out_of_range"),
        ("2026-02-03 上午13:00", "out_of_range"),
        ("2026-02-03 24:30", "out_of_range"),
        ("2026-02-03 25:00-26:00", "out_of_range"),
        ("2026-02-03 晚上1点", "ambiguous_hour"),
        ("2026-02-03T14:00-15:00", "no_such_zone"),
        ("2026-02-03 14:00+15:00", "no_such_zone"),
        ("2026-02-03 14:00+05:17", "no_such_zone"),
        ("2026-02-03 14:00-15:00-16:00", "unknown_format"),
        ("3月5日 14:00", "no_year"),
        ("3/5", "no_year"),
    ],
)
def test_a_time_is_the_one_that_was_written_or_refused_with_the_reason(text: str, expected: str):
    try:
        found = f"{parse_datetime(text, tz=SHANGHAI):%Y-%m-%d %H:%M}"
    except BadDate as bad:
        found = bad.why
    assert found == expected


@pytest.mark.trial(4)
@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("2026-02-03 14:00", True),
        ("2026年2月3日 下午2点", True),
        ("2026-02-03T14:00+08:00", True),
        ("2026-02-03 14:00-15:00", False),
        ("26年2月3日 14:00", False),
        ("31/12/99", False),
        ("46056.5", False),
        ("2026-02-03 晚上12点", False),
    ],
)
def test_what_had_to_be_supposed_is_not_sure(text: str, sure: bool):
    assert read(text).sure is sure


@pytest.mark.trial(4)
def test_the_offsets_are_those_of_the_world():
    moments = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7)]
    now = {at.astimezone(ZoneInfo(name)).utcoffset() for name in available_timezones() for at in moments}
    assert {int(offset.total_seconds()) // 60 for offset in now if offset is not None} <= OFFSETS
    assert OFFSETS - {int(offset.total_seconds()) // 60 for offset in now if offset is not None} <= {-720}


@pytest.mark.trial(4)
@pytest.mark.parametrize("value", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31 23:59", "9999年12月31日"])
def test_a_year_in_which_no_working_time_is_counted_is_no_date(value: str):
    with pytest.raises(BadDate) as refused:
        read(value)
    assert refused.value.why == "out_of_range"


@pytest.mark.trial(4)
@pytest.mark.parametrize("value", [date(1, 1, 1), datetime(9999, 12, 31, 23, 59)])  # noqa: DTZ001 - as a file has it
def test_nor_is_it_one_in_a_typed_cell(value: date):
    with pytest.raises(BadDate):
        read(value)
