"""Ladders and manners, as a desk file writes them: whom to call, by what, and how often."""

from __future__ import annotations

from functools import partial

from answerby.cli.desk_file import values
from answerby.cli.desk_file.defaults import DEFAULT_LADDER
from answerby.cli.desk_file.fields import Fields, Reader, entries
from answerby.cli.desk_file.names import Names
from answerby.cli.desk_file.problems import Problems
from answerby.cli.desk_file.shapes import CHANNELS, LADDER, MANNERS, RUNG
from answerby.cli.desk_file.tree import Node, Sequence
from answerby.domain.desk import Ladder, Manners, Rung
from answerby.domain.mention import Channel, Priority

MOST_RUNGS = 50
MOST_ROUNDS = 20


def read_ladders(node: Node | None, names: Names, problems: Problems) -> dict[str, Ladder]:
    ladders = {DEFAULT_LADDER.id: DEFAULT_LADDER}
    who = partial(values.references, names.reader("role", "person", "team", "rotation"), "people to call")
    for id_, key, value in entries(node, "ladders", problems):
        fields = Fields(value, f"ladder {id_}", LADDER, problems, key.place)
        rungs = fields.required("rungs", partial(_rungs, who))
        repeat_every = fields.optional("repeat_every", values.duration)
        if rungs:
            ladders[id_] = Ladder(id=id_, rungs=rungs, repeat_every=repeat_every)
    return ladders


def read_manners(node: Node | None, problems: Problems) -> Manners:
    usual = Manners()
    if node is None:
        return usual
    fields = Fields(node, "`manners`", MANNERS, problems)
    bundle_for, sms_every = (fields.optional(name, values.pause) for name in ("bundle_for", "sms_every"))
    return Manners(
        channels=fields.optional("channels", _channels_by_priority) or usual.channels,
        bundle_for=usual.bundle_for if bundle_for is None else bundle_for,
        sms_every=usual.sms_every if sms_every is None else sms_every,
    )


def _rungs(who: Reader[tuple[str, ...]], node: Node, problems: Problems) -> tuple[Rung, ...] | None:
    if not isinstance(node, Sequence) or not node.items:
        problems.error(node.place, "a ladder needs rungs", "Write `- {call: [owner], wait: 10m}` for each")
        return None
    if len(node.items) > MOST_RUNGS:
        problems.error(node.items[MOST_RUNGS].place, f"more than {MOST_RUNGS} rungs", "The last one repeats by itself")
    rungs = []
    for item in node.items[:MOST_RUNGS]:
        fields = Fields(item, "a rung", RUNG, problems)
        call, wait = fields.required("call", who), fields.required("wait", values.duration)
        rounds = fields.optional("rounds", _round_count)
        channels = fields.optional("channels", _channels)
        if call and wait:
            rungs.append(Rung(who=call, wait=wait, rounds=rounds or 1, channels=channels or ()))
    return tuple(rungs)


def _channels_by_priority(node: Node, problems: Problems) -> dict[Priority, tuple[Channel, ...]]:
    fields = Fields(node, "`channels`", CHANNELS, problems)
    return {priority: fields.optional(priority, _channels) or Manners().channels[priority] for priority in Priority}


def _channels(node: Node, problems: Problems) -> tuple[Channel, ...] | None:
    return values.references(_channel, "channels", node, problems)


def _channel(node: Node, problems: Problems) -> Channel | None:
    return values.choice(node, Channel, "channel", problems)


def _round_count(node: Node, problems: Problems) -> int | None:
    return values.whole_number(node, MOST_ROUNDS, problems, lowest=1)
