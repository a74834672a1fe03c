from datetime import datetime

import pytest

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.record import BEIJING
from pipeline.danmu.tables.dates import instant

SENT = datetime(2020, 6, 17, 10, 38, 21, tzinfo=BEIJING)


@pytest.mark.parametrize(
    "spelled",
    [
        "1592361501", "1592361501000", "1592361501000000", "1592361501000000000", "1.592361501e9", "1592361501.0",
        "20200617103821", "20200617103821000", "2020-06-17 10:38:21", "2020/6/17 10:38:21", "2020.06.17 10:38:21",
        "2020年6月17日 10:38:21", "2020年06月17日10时38分21秒", "2020年6月17日 星期三 上午10:38:21",
        "Wed Jun 17 10:38:21 2020", "Wed Jun 17 10:38:21 CST 2020", "Wed Jun 17 10:38:21 +0800 2020",
        "Wed Jun 17 2020 10:38:21 GMT+0800 (中国标准时间)", "Wed, 17 Jun 2020 02:38:21 +0000", "17 June 2020 10:38:21",
        "06/17/2020 10:38:21", "17/06/2020 10:38:21", "6/17/2020 10:38:21 AM", "17.06.2020 10:38:21",
        "2020-06-17T02:38:21Z", "2020-06-17 10:38:21+08:00", "2020-06-17 02:38:21 UTC", "'2020-06-17 10:38:21",
    ],
)  # fmt: skip
def test_one_time_in_many_spellings(spelled: str) -> None:
    assert instant(spelled, BEIJING) == SENT


@pytest.mark.parametrize(
    ("spelled", "time"),
    [
        ("20200617", "2020-06-17T00:00"),
        ("2020061710", "2020-06-17T10:00"),
        ("202006171038", "2020-06-17T10:38"),
        ("2020年6月17日下午3:05", "2020-06-17T15:05"),
        ("6/17/2020 12:05 AM", "2020-06-17T00:05"),
        ("20200617.0", "2020-06-17T00:00"),  # in a column of floats
    ],
)
def test_a_day_or_a_minute_is_its_beginning(spelled: str, time: str) -> None:
    assert instant(spelled, BEIJING) == datetime.fromisoformat(time).replace(tzinfo=BEIJING)


@pytest.mark.parametrize("spelled", ["", " ", "0", "0.0", "-1", "NULL", "None", "nan", "\\N"])
def test_nothing_is_no_time(spelled: str) -> None:
    assert instant(spelled) is None


@pytest.mark.parametrize(
    "spelled",
    [
        "1", "-5", "1999-12-31", "946684800", "2999-01-01", "99999999999999999", "20201399", "2020-02-30", "昨天",
        "25:00",
        "4102444800", "2100-01-02", "1e9999", "Wed Foo 17 10:38:21 2020",
    ],
)  # fmt: skip
def test_what_cannot_be_a_time_of_sending_is_refused(spelled: str) -> None:
    with pytest.raises(BadField, match="sent_at"):
        instant(spelled)


def test_ten_digits_that_are_no_date_are_unix_time() -> None:
    late = datetime(2077, 7, 10, 5, 56, 40, tzinfo=BEIJING)
    assert instant(str(int(late.timestamp()))) == late
    assert instant("2020061799").year == 2034  # type: ignore[union-attr]
