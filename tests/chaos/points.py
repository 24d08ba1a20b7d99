"""Where a function is killed on purpose: what it has just done, and what it was about to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    function: str
    moment: str

    def __str__(self) -> str:
        return f"{self.function} {self.moment}"

    @property
    def is_rare(self) -> bool:
        """Passed once a minute, and not with every post."""
        return self.function == "sweep_overdue"


POINTS = (
    Point("receive_webhook", "before mentions.add"),
    # Stored, and the network hears nothing of it.
    Point("receive_webhook", "after mentions.add"),
    Point("receive_webhook", "after mentions.add_notice"),
    Point("route_mention", "before mentions.save"),
    # Decided, and no timer.
    Point("route_mention", "after mentions.save"),
    Point("route_mention", "after timers.set"),
    Point("route_mention", "before mentions.save_notice"),
    Point("route_mention", "amid a batch"),
    Point("send_alert", "before notifier.send"),
    # Published, and not marked as sent.
    Point("send_alert", "after notifier.send"),
    Point("send_alert", "after mentions.save"),
    Point("send_alert", "amid a batch"),
    Point("follow_up", "before mentions.save"),
    Point("follow_up", "after mentions.save"),
    Point("follow_up", "after timers.set"),
    Point("follow_up", "amid a batch"),
    Point("sweep_overdue", "before timers.check_now"),
    Point("sweep_overdue", "after timers.check_now"),
    Point("serve_api", "before mentions.save"),
    # Committed, and the person hears nothing of it.
    Point("serve_api", "after mentions.save"),
)
FUNCTIONS = sorted({point.function for point in POINTS})
