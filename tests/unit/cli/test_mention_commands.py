"""When a snooze ends, as people write it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import typer
from typer.testing import CliRunner

from answerby.cli.main import app
from answerby.cli.mention_commands import _ends
from tests.builders import HOUR, NOW


@pytest.fixture
def madrid(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Madrid")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("written", "length"), [("45m", timedelta(minutes=45)), ("1h 30m", 1.5 * HOUR), ("2d", timedelta(days=2))]
)
def test_a_snooze_may_last_so_long(written: str, length: timedelta) -> None:
    assert _ends(None, written, NOW) == NOW + length


def test_a_time_with_an_offset_is_that_time() -> None:
    assert _ends("2026-03-03T09:00+05:30", None, NOW) == datetime(2026, 3, 3, 3, 30, tzinfo=UTC)
    assert _ends("2026-03-03T09:00Z", None, NOW) == datetime(2026, 3, 3, 9, tzinfo=UTC)


@pytest.mark.usefixtures("madrid")
def test_a_time_without_an_offset_is_one_of_this_computer() -> None:
    assert _ends("2026-03-03T09:00", None, NOW) == datetime(2026, 3, 3, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "length"),
    [
        (None, None),
        ("2026-03-03T09:00", "1h"),
        (None, "an hour"),
        (None, "90"),
        ("tomorrow", None),
    ],
)
def test_what_is_no_end_is_refused(until: str | None, length: str | None) -> None:
    with pytest.raises(typer.BadParameter):
        _ends(until, length, NOW)


def test_a_snooze_without_an_end_says_what_is_missing() -> None:
    result = CliRunner().invoke(app, ["mention", "snooze", "facebook:1"])
    assert result.exit_code == 2
    assert "--until" in result.output
