from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], wanted: Callable[[T], bool], within: float = 10) -> T:
    """What `look` sees once it is as `wanted`, or at the deadline: indexes and queues lag."""
    deadline = monotonic() + within
    pause = Event()
    while not wanted(seen := look()) and monotonic() < deadline:
        pause.wait(0.05)
    return seen
