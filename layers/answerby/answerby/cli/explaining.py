"""Why a post would go where it goes, and whom it would call when, by a desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from answerby.cli.errors import CommandError
from answerby.domain.desk import Desk
from answerby.domain.forecast import Again, Skip, Step, forecast
from answerby.domain.mention import Kind, Mention, Post
from answerby.domain.public import time
from answerby.domain.rules import Trial

EXAMPLE = "example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`routed` is the mention as routing leaves it, `trials` the rules up to the one that took it."""

    at: datetime
    trials: tuple[Trial, ...]
    routed: Mention
    steps: tuple[Step, ...]


def explained(mention: Mention, desk: Desk, at: datetime) -> Explanation:
    """For a new mention that is routed at a time."""
    routed, steps = forecast(mention, desk, at)
    return Explanation(at=at, trials=tuple(desk.matcher.trials(mention, at)), routed=routed, steps=steps)


def post_of(given: Mapping[str, Any], at: datetime) -> Post:
    """The post of a document in the shape of the API, of which only `network` and `text` must be there.

    Raises CommandError.
    """
    network = given.get("network")
    defaults: dict[str, Any] = {
        "id": f"{network}:{EXAMPLE}",
        "kind": Kind.POST.value,
        "source": network,
        "brand_account": EXAMPLE,
        "author": {},
        "conversation_id": f"{network}:{EXAMPLE}",
        "received_at": time(at),
    }
    try:
        return msgspec.convert({**defaults, **{name: each for name, each in given.items() if each is not None}}, Post)
    except msgspec.ValidationError as error:
        raise CommandError(f"This is no post as the API shows it: {error}.") from None


def explanation_document(of: Explanation) -> dict[str, Any]:
    routed, plan = of.routed, of.routed.plan
    return {
        "mention": routed.id,
        "at": time(of.at),
        "trials": [{"rule": each.rule.id, "holds": each.holds, "why": each.why} for each in of.trials],
        "rule": routed.rule,
        "topic": routed.topic,
        "tags": list(routed.tags),
        "crisis": routed.crisis,
        "priority": str(routed.priority),
        "team": routed.team,
        "owner": routed.assignee,
        "policy": routed.policy,
        "answer_by": time(routed.answer_by),
        "remind_at": [time(at) for at in routed.remind_at],
        "digest": bool(plan and plan.digest),
        "repeat_every_seconds": plan.repeat_every.total_seconds() if plan else None,
        "steps": [_step(step) for step in of.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    if isinstance(step, Skip):
        return {"at": time(step.at), "skipped": step.why}
    if isinstance(step, Again):
        return {"at": time(step.at), "until": time(step.until), "again": list(step.rungs)}
    return {
        "at": time(step.at),
        "rung": step.rung,
        "reason": str(step.reason),
        "people": list(step.people),
        "channels": list(map(str, step.channels)),
    }
