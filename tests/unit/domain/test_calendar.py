"""Open time: worked examples, among them what went wrong elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from answerby.domain.calendar import Calendar, NeverOpenError, Span, after, is_open, open_time, opens
from tests.builders import HOUR, MINUTE

DAY = timedelta(days=1)
CLOSED: tuple[Span, ...] = ()


def hours(start: float, end: float) -> Span:
    return Span(start=round(start * 60), end=round(end * 60))


def weekdays(*spans: Span, weekend: tuple[Span, ...] = (), zone: str = "UTC", **changes: Any) -> Calendar:
    return Calendar(id="office", time_zone=zone, week=(spans,) * 5 + (weekend,) * 2, **changes)


OFFICE = weekdays(hours(9, 17))
# 2026-03-02 is a Monday.
MONDAY, FRIDAY = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 6, tzinfo=UTC)
NEXT_MONDAY = MONDAY + 7 * DAY


def test_an_hour_from_friday_half_past_four_ends_on_monday_half_past_nine() -> None:
    """Chatwoot's example (chatwoot#13392)."""
    assert after(OFFICE, FRIDAY + 16.5 * HOUR, HOUR) == NEXT_MONDAY + 9.5 * HOUR


def test_half_an_hour_from_friday_a_quarter_to_five_is_over_at_a_quarter_past_nine_on_monday() -> None:
    """Hootsuite's example: breached at 09:16."""
    assert after(OFFICE, FRIDAY + 16.75 * HOUR, 30 * MINUTE) == NEXT_MONDAY + 9.25 * HOUR


def test_a_request_after_closing_starts_its_clock_the_next_morning() -> None:
    """Sprinklr's example: closed at 18:00, said at 18:30."""
    calendar = weekdays(hours(9, 18))
    assert opens(calendar, MONDAY + 18.5 * HOUR) == MONDAY + DAY + 9 * HOUR
    assert after(calendar, MONDAY + 18.5 * HOUR, HOUR) == MONDAY + DAY + 10 * HOUR


def test_forty_eight_hours_at_twelve_a_day_are_four_working_days() -> None:
    """Zammad's example (zammad#390)."""
    calendar = weekdays(hours(8, 20))
    assert after(calendar, MONDAY + 8 * HOUR, 48 * HOUR) == MONDAY + 3 * DAY + 20 * HOUR


def test_a_holiday_pushes_the_end_further() -> None:
    calendar = weekdays(hours(8, 20), exceptions={date(2026, 3, 4): CLOSED})
    assert after(calendar, MONDAY + 8 * HOUR, 48 * HOUR) == MONDAY + 4 * DAY + 20 * HOUR


def test_a_lunch_break_stops_the_clock() -> None:
    """chatwoot#14009."""
    calendar = weekdays(hours(9, 12), hours(13, 17))
    assert after(calendar, MONDAY + 11.5 * HOUR, HOUR) == MONDAY + 13.5 * HOUR
    assert not is_open(calendar, MONDAY + 12.5 * HOUR)


def test_hours_past_midnight_belong_to_the_day_they_begin_with() -> None:
    """chatwoot#5254: Friday 22:00 to Saturday 06:00, and nothing on Saturday evening."""
    calendar = weekdays(hours(22, 30))
    assert is_open(calendar, FRIDAY + DAY + 5.9 * HOUR)
    assert not is_open(calendar, FRIDAY + DAY + 22 * HOUR)
    assert after(calendar, FRIDAY + 23 * HOUR, 8 * HOUR) == NEXT_MONDAY + 23 * HOUR


def test_a_day_that_ends_at_midnight_is_not_a_minute_short() -> None:
    """zammad#3180, where 23:59 was the latest that could be said."""
    calendar = weekdays(hours(0, 24), weekend=(hours(0, 24),))
    assert is_open(calendar, MONDAY + DAY - timedelta(seconds=1))
    assert after(calendar, MONDAY, 10 * DAY) == MONDAY + 10 * DAY


def test_a_public_holiday_is_closed_from_its_first_minute_to_its_last() -> None:
    """chatwoot#6467."""
    calendar = weekdays(hours(0, 24), exceptions={date(2026, 3, 3): CLOSED})
    assert opens(calendar, MONDAY + DAY) == MONDAY + 2 * DAY
    assert open_time(calendar, MONDAY + DAY, MONDAY + 2 * DAY) == timedelta()


def test_a_half_day_is_shorter() -> None:
    calendar = weekdays(hours(9, 17), exceptions={date(2026, 3, 2): (hours(9, 12),)})
    assert after(calendar, MONDAY + 11 * HOUR, 2 * HOUR) == MONDAY + DAY + 10 * HOUR


def test_an_exception_opens_a_day_that_is_closed_otherwise() -> None:
    calendar = weekdays(hours(9, 17), exceptions={date(2026, 3, 7): (hours(10, 14),)})
    assert after(calendar, FRIDAY + 16.5 * HOUR, HOUR) == FRIDAY + DAY + 10.5 * HOUR


def test_an_exception_leaves_what_began_the_day_before() -> None:
    calendar = weekdays(hours(22, 30), exceptions={date(2026, 3, 3): CLOSED})
    assert is_open(calendar, MONDAY + DAY + 5 * HOUR)
    assert not is_open(calendar, MONDAY + DAY + 23 * HOUR)


def test_at_closing_time_it_is_closed_and_at_opening_time_open() -> None:
    assert is_open(OFFICE, MONDAY + 9 * HOUR)
    assert not is_open(OFFICE, MONDAY + 17 * HOUR)
    assert opens(OFFICE, MONDAY + 17 * HOUR) == MONDAY + DAY + 9 * HOUR


def test_a_time_that_ends_with_the_day_ends_at_closing_and_not_the_next_morning() -> None:
    assert after(OFFICE, MONDAY + 16 * HOUR, HOUR) == MONDAY + 17 * HOUR


def test_spans_that_overlap_count_once_in_whatever_order_they_are_given() -> None:
    calendar = weekdays(hours(12, 17), hours(9, 13), hours(10, 11))
    assert open_time(calendar, MONDAY, MONDAY + DAY) == 8 * HOUR
    assert after(calendar, MONDAY, 8 * HOUR) == MONDAY + 17 * HOUR


def test_seconds_count() -> None:
    start = FRIDAY + 16.5 * HOUR + timedelta(seconds=30, milliseconds=250)
    assert after(OFFICE, start, HOUR) == NEXT_MONDAY + 9.5 * HOUR + timedelta(seconds=30, milliseconds=250)


@pytest.mark.parametrize("start", [MONDAY, MONDAY + 10 * HOUR])
def test_no_time_has_passed_at_the_start_itself(start: datetime) -> None:
    assert after(OFFICE, start, timedelta()) == start


def test_without_a_calendar_it_is_always_open() -> None:
    assert after(None, FRIDAY, DAY) == FRIDAY + DAY
    assert (opens(None, FRIDAY), is_open(None, FRIDAY), open_time(None, FRIDAY, FRIDAY + DAY)) == (FRIDAY, True, DAY)


@pytest.mark.parametrize("calendar", [None, OFFICE])
def test_no_time_is_open_between_a_time_and_an_earlier_one(calendar: Calendar | None) -> None:
    assert open_time(calendar, MONDAY + 12 * HOUR, MONDAY + 11 * HOUR) == timedelta()


def test_wall_time_stays_when_the_clocks_change() -> None:
    """Madrid, 2026-03-29: 16:00 UTC+1 on Friday, 09:00 UTC+2 on Monday."""
    calendar = weekdays(hours(9, 17), zone="Europe/Madrid")
    friday = datetime(2026, 3, 27, 16, tzinfo=ZoneInfo("Europe/Madrid")).astimezone(UTC)
    assert after(calendar, friday, 2 * HOUR) == datetime(2026, 3, 30, 8, tzinfo=UTC)


def test_a_night_in_which_the_clocks_change_is_an_hour_shorter_or_longer() -> None:
    calendar = weekdays(hours(22, 30), weekend=(hours(22, 30),), zone="Europe/Madrid")
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert open_time(calendar, spring, spring + DAY) == 7 * HOUR
    assert open_time(calendar, autumn, autumn + DAY) == 9 * HOUR


def test_hours_that_the_clocks_skip_begin_right_after_the_gap() -> None:
    """Madrid goes from 02:00 to 03:00 at 01:00 UTC."""
    calendar = weekdays(weekend=(hours(2.5, 4),), zone="Europe/Madrid")
    assert opens(calendar, datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert open_time(calendar, datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)) == HOUR


def test_hours_that_fall_into_the_gap_are_left_out() -> None:
    calendar = weekdays(weekend=(hours(2.25, 2.75),), zone="Europe/Madrid")
    assert opens(calendar, datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 4, 4, 0, 15, tzinfo=UTC)


def test_hours_that_come_twice_last_from_the_first_time_to_the_last() -> None:
    """Madrid goes from 03:00 back to 02:00 at 01:00 UTC."""
    calendar = weekdays(weekend=(hours(2.25, 2.75),), zone="Europe/Madrid")
    start = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert opens(calendar, start) == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert open_time(calendar, start, start + DAY) == 1.5 * HOUR


def test_hours_reach_over_clocks_that_go_back_across_midnight() -> None:
    """St John's went from 00:01 on 7 November 2010 back to 23:01 on the 6th, at 02:31 UTC."""
    repeated = datetime(2010, 11, 7, 3, tzinfo=UTC)
    before, change = weekdays(hours(23, 46), zone="America/St_Johns"), datetime(2010, 11, 7, 2, 30, 30, tzinfo=UTC)
    assert is_open(weekdays(weekend=(hours(0, 8),), zone="America/St_Johns"), repeated)
    assert not is_open(before, repeated)
    assert is_open(weekdays(hours(23.5, 47.25), zone="America/St_Johns"), change)
    assert not is_open(before, change)


def test_a_day_that_a_zone_skipped_has_no_hours() -> None:
    """Samoa had no 30 December 2011, a Friday."""
    calendar = weekdays(hours(9, 17), zone="Pacific/Apia")
    thursday = datetime(2011, 12, 29, 16, tzinfo=ZoneInfo("Pacific/Apia")).astimezone(UTC)
    assert after(calendar, thursday, 2 * HOUR) == datetime(2012, 1, 2, 10, tzinfo=ZoneInfo("Pacific/Apia"))


def test_the_leap_day_is_a_day_like_any_other() -> None:
    thursday = datetime(2024, 2, 29, tzinfo=UTC)
    assert after(OFFICE, thursday - DAY + 16 * HOUR, 2 * HOUR) == thursday + 10 * HOUR


NEVER = Calendar(id="never", time_zone="UTC", week=((),) * 7)


def test_a_calendar_that_never_opens_is_told_and_not_waited_for() -> None:
    with pytest.raises(NeverOpenError, match="the calendar never is not open at all in the year from 2026-03-02 on"):
        opens(NEVER, MONDAY)
    with pytest.raises(NeverOpenError):
        after(NEVER, MONDAY, MINUTE)
    assert not is_open(NEVER, MONDAY)
    assert open_time(NEVER, MONDAY, MONDAY + 3 * DAY) == timedelta()


def test_a_calendar_that_stops_opening_is_told_too() -> None:
    once = Calendar(id="once", time_zone="UTC", week=((),) * 7, exceptions={date(2026, 3, 3): (hours(9, 17),)})
    assert after(once, MONDAY, 8 * HOUR) == MONDAY + DAY + 17 * HOUR
    with pytest.raises(NeverOpenError):
        after(once, MONDAY, 9 * HOUR)


def test_a_calendar_that_opens_once_in_a_leap_year_is_open() -> None:
    leap = Calendar(id="leap", time_zone="UTC", week=((),) * 7, exceptions={date(2024, 2, 29): (hours(9, 17),)})
    assert opens(leap, datetime(2023, 3, 1, tzinfo=UTC)) == datetime(2024, 2, 29, 9, tzinfo=UTC)


def test_a_target_of_a_year_is_met() -> None:
    assert after(OFFICE, MONDAY, 261 * 8 * HOUR) == datetime(2027, 3, 1, 17, tzinfo=UTC)
