from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.tabular.dates import BadDate, infer_day_first, parse_date, parse_datetime

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
        ("20200106T120938Z", None),
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
def test_forms(text, expected: str | None):
    if expected is None:
        with pytest.raises(BadDate):
            parse_datetime(text, tz=SHANGHAI)
        return
    moment = parse_datetime(text, tz=SHANGHAI)
    assert moment.tzinfo is SHANGHAI
    assert str(moment.replace(tzinfo=None)) == expected
    if not isinstance(text, str) or not ("Z" in text or "+0000" in text):
        assert str(parse_date(text)) == (expected[:10] if not isinstance(text, datetime) else str(text.date()))


@pytest.mark.parametrize(
    ("text", "day_first", "expected"),
    [
        ("05/01/2022 12:00:03 AM", False, "2022-05-01 00:00:03"),
        ("05/01/2022 12:00:03 PM", True, "2022-01-05 12:00:03"),
        ("29-02-2016 01:16", None, "2016-02-29 01:16:00"),
        ("01/22/2018", True, "2018-01-22 00:00:00"),
        ("3/3/24", None, "2024-03-03 00:00:00"),
        ("05.01.2022", None, "2022-01-05 00:00:00"),
    ],
)
def test_day_and_month(text: str, day_first: bool | None, expected: str):
    moment = parse_datetime(text, tz=SHANGHAI, day_first=day_first)
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
        (["05/01/2022", "05/13/2022"], False),
        (["05/01/2022", "13/01/2022", None], True),
        (["29-02-2016 01:16"], True),
        (["05/01/2022 12:00:03 AM"], False),
        (["01/03/2024", "02/03/2024", "03/03/2024", "04/03/2024"], True),
        (["03/01/2024", "03/02/2024", "03/04/2024"], False),
        (["05/01/2022"], None),
        (["13/01/2022", "01/13/2022"], None),
        (["13/01/2022"] * 40 + ["01/13/2022"], True),
        (["2022-01-05", 44000, None], None),
        ([], None),
    ],
)
def test_column_order(values, expected: bool | None):
    assert infer_day_first(values) is expected


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
        assert parse_datetime(value, tz=UTC, day_first=False).replace(tzinfo=None) == moment


@given(st.text())
def test_any_text_is_a_date_or_a_bad_one(text: str):
    try:
        parse_datetime(text, tz=SHANGHAI)
    except BadDate:
        return
    assert any(character.isdigit() for character in text)
