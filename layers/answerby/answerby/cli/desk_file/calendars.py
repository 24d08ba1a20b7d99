"""Calendars, with the public holidays of the coming years written into them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, partial

from answerby.cli.desk_file import hours, values
from answerby.cli.desk_file.fields import Fields, entries
from answerby.cli.desk_file.problems import Problems, one_of, quoted
from answerby.cli.desk_file.shapes import CALENDAR, HOLIDAYS
from answerby.cli.desk_file.tree import Mapping as Tree
from answerby.cli.desk_file.tree import Node
from answerby.domain.calendar import Calendar, Span
from answerby.domain.desk import ALWAYS

MOST_CALENDARS = 40
MOST_EXCEPTIONS = 1_000
MOST_COUNTRIES = 3
YEARS = 4
"""This year and the next three have their public holidays: whoever applies a desk once a year always has enough."""

_YEAR = 366
Openings = dict[date, tuple[Span, ...]]


def read_calendars(node: Node | None, today: date, problems: Problems) -> dict[str, Calendar]:
    calendars = {}
    for id_, key, value in entries(node, "calendars", problems, MOST_CALENDARS):
        fields = Fields(value, f"calendar {id_}", CALENDAR, problems, key.place)
        if id_ == ALWAYS:
            problems.error(key.place, f"{quoted(id_)} is the calendar that is always open", "Give it another id")
        before = problems.count
        time_zone = fields.required("time_zone", values.time_zone)
        week = fields.required("hours", hours.week)
        closed = fields.optional("holidays", partial(_holidays, today.year)) or ()
        exceptions = fields.optional("exceptions", _exceptions) or {}
        if time_zone is None or week is None or problems.count > before:
            continue
        calendar = Calendar(
            id=id_, time_zone=time_zone, week=week, exceptions={**dict.fromkeys(closed, ()), **exceptions}
        )
        if not _opens(calendar, today):
            what = f"calendar {id_} is closed for a whole year: its clocks would never run"
            problems.error(key.place, what, "Shorten its exceptions")
        calendars[id_] = calendar
    return calendars


def _opens(calendar: Calendar, today: date) -> bool:
    """Whether anything begins within a year."""
    days = (today + timedelta(days=day) for day in range(_YEAR))
    return any(calendar.exceptions.get(day, calendar.week[day.weekday()]) for day in days)


def _exceptions(node: Node, problems: Problems) -> Openings | None:
    if not isinstance(node, Tree):
        problems.error(node.place, "exceptions are written by dates", "Write `2026-12-24: closed` below it")
        return None
    found: Openings = {}
    for key, value in node.values.values():
        opening = hours.spans(value, problems)
        for day in hours.dates(key, problems):
            if day in found:
                problems.error(key.place, f"{day} is here twice", "Name each day once")
                break
            found[day] = opening or ()
        if len(found) > MOST_EXCEPTIONS:
            problems.error(key.place, f"more than {MOST_EXCEPTIONS} dates", "Remove those that are over")
            return None
    return found


def _holidays(year: int, node: Node, problems: Problems) -> Sequence[date]:
    if isinstance(node, Tree):
        return _holidays_of(year, node, problems)
    countries = values.items(node, "countries", problems)
    if len(countries) > MOST_COUNTRIES:
        problems.error(
            countries[MOST_COUNTRIES].place, f"more than {MOST_COUNTRIES} countries", "Use several calendars"
        )
    return [day for country in countries[:MOST_COUNTRIES] for day in _holidays_of(year, country, problems)]


def _holidays_of(year: int, node: Node, problems: Problems) -> Sequence[date]:
    """`DE`, or `{country: DE, subdivision: BY}`."""
    place, subdivision = node, None
    if isinstance(node, Tree):
        fields = Fields(node, "a country's holidays", HOLIDAYS, problems)
        country = fields.required("country", values.text)
        subdivision = fields.optional("subdivision", values.text)
        place = fields.node("country") or node
    else:
        fields = None
        country = values.text(node, problems)
    if country is None:
        return ()
    if country not in _countries():
        code = _countries_by_name().get(country.lower().replace(" ", ""))
        advice = f"Write {code}" if code else one_of(country, _countries())
        problems.error(place.place, f"no holidays are known for {quoted(country)}", advice)
        return ()
    if subdivision is not None and subdivision not in _subdivisions(country):
        what = f"{country} has no subdivision {quoted(subdivision)}"
        at = fields.value_place("subdivision") if fields else place.place
        problems.error(at, what, one_of(subdivision, _subdivisions(country)))
        return ()
    return _public_holidays(country, subdivision, year)


@cache
def _countries() -> Collection[str]:
    # Imported here, because it takes a third of a second and most desks are read without it.
    from holidays.registry import COUNTRIES

    return {code: None for codes in COUNTRIES.values() for code in codes if len(code) == 2}  # noqa: PLR2004


def _countries_by_name() -> Mapping[str, str]:
    from holidays.registry import COUNTRIES

    return {name.lower(): code for name, code, *_ in COUNTRIES.values()}


def _subdivisions(country: str) -> Collection[str]:
    import holidays

    return holidays.country_holidays(country).subdivisions


@cache
def _public_holidays(country: str, subdivision: str | None, year: int) -> Sequence[date]:
    """Days off in place of a holiday on a weekend are among them."""
    import holidays

    return sorted(
        holidays.country_holidays(country, subdiv=subdivision, years=range(year, year + YEARS), observed=True)
    )
