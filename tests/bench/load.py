"""A million posts a day and a burst of a hundred times as much for a minute, against the quotas of AWS.

Pure arithmetic: units, calls and times of an invocation come from the counted lives (tests/bench/life.py). Quotas are
the defaults of us-east-1, or of smaller Regions where that is told; most can be raised on request.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from answerby.adapters.shards import listed_in
from answerby.ports import SHARDS
from answerby.usecases.sweep import SHARE
from infra.local.layout import ROOT
from tests.bench import prices
from tests.bench.cost import MIX, blended, seconds
from tests.bench.life import Invocation, Record
from tests.bench.measure import Measure, exactly

MEAN = 1_000_000 / 86_400
BURST = 100 * MEAN
BURST_SECONDS = 60

STREAM_SHARDS = 4
"""Of a new table on demand: one for each partition."""
PEOPLE = 500
"""Who share the calls of a million posts a day."""
TIMED = MIX["urgent"]
"""Timers for each post, if few ladders have rungs of less than ten minutes."""
SCHEDULED = TIMED
"""Timers of EventBridge Scheduler for each post, where every rung waits longer than SQS can: at most."""
ACCEPT, ROUTE, ALERT = 2, 1, 4
"""Write units (tests/bench/flow.py)."""
FRESH = len(listed_in("ana")) - 1
SCHEDULED_FOR = 4 * 3600
"""Seconds that such a timer is alive, on average."""

DYNAMODB_LIMITS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"
DYNAMODB_PARTITION = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"
DYNAMODB_NEW = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
LAMBDA_LIMITS = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
LAMBDA_ADDRESSES = "https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html"
LAMBDA_RESERVED = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"
LAMBDA_STREAMS = "https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html"
SCHEDULER_LIMITS = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html"
SNS_LIMITS = "https://docs.aws.amazon.com/general/latest/gr/sns.html"
SQS_LIMITS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html"
API_LIMITS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"
OWN = "template"

KEY_WRITES = 1_000
CONCURRENCY = 1_000
REQUESTS_A_PROCESS = 10
"""A second, at a function's own address, for each process that is reserved for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something that has a quota: what it is asked for on average and in the burst. `then` is what an excess does."""

    name: str
    mean: float
    burst: float
    quota: float
    unit: str
    page: str
    then: str = ""

    @property
    def margin(self) -> float:
        return self.quota / self.burst

    @property
    def over(self) -> bool:
        return self.burst > self.quota


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds that Lambda is busy with one record, by function."""

    receive: float
    route: float
    send: float
    glance: float
    follow: float


def times(lives: Mapping[str, Sequence[Invocation]]) -> Times:
    """Of a usual life; the follow-up is one that calls somebody. `glance` is one that finds nothing to do: it reads the
    mention, as a send_alert does that finds nothing."""

    def first(life: str, function: str) -> float:
        return seconds(next(each for each in lives[life] if each.function == function))

    return Times(
        receive=first("answered", "receive_webhook"),
        route=first("answered", "route_mention"),
        send=first("answered", "send_alert"),
        glance=first("urgent", "follow_up"),
        follow=first("escalated", "follow_up"),
    )


def backlog(arriving: float, served: float, seconds: float) -> float:
    """How many wait at the end of a burst."""
    return max(0.0, (arriving - served) * seconds)


def late_by(arriving: float, served: float, seconds: float, beside: float = 0.0) -> float:
    """Seconds that the last of a burst waits; `beside` is what others serve of the backlog."""
    return backlog(arriving, served, seconds) / (served + beside)


def rows(record: Record) -> list[Row]:
    spent, used = times(record.lives), blended(record.lives, MIX)
    calls = _calls(record.lives)
    rate, receivers = _throttle(), _receivers()
    swept = SHARDS * SHARE / 60
    routers, senders = (STREAM_SHARDS * factor for factor in _parallel())
    routed, sent = routers / spent.route, senders / spent.send
    # What waits for more than a minute is asked for again, and each time send_alert looks at it: that takes its turns.
    sent_meanwhile = sent * max(0.1, 1 - swept * spent.glance / senders)
    last_sent = _time(backlog(BURST, sent, BURST_SECONDS) / sent_meanwhile)
    in_burst, sent_in_burst = min(BURST, routed), min(BURST, routed, sent)
    refused = backlog(BURST, receivers * REQUESTS_A_PROCESS, BURST_SECONDS)
    return [
        Row(
            name="API: the stage's own limit",
            mean=MEAN * used[prices.API],
            burst=BURST * used[prices.API],
            quota=rate,
            unit="requests/s",
            page=OWN,
            then="people and programs get 429",
        ),
        Row(
            name="API: the account's limit",
            mean=MEAN * used[prices.API],
            burst=BURST * used[prices.API],
            quota=10_000,
            unit="requests/s",
            page=API_LIMITS,
        ),
        Row(
            name="webhooks, by what is reserved for them",
            mean=MEAN * _webhooks(record.lives),
            burst=BURST,
            quota=receivers * REQUESTS_A_PROCESS,
            unit="requests/s",
            page=LAMBDA_ADDRESSES,
            then=f"{refused:,.0f} get 429 and come again when their networks retry; raise WebhookConcurrency to end it",
        ),
        Row(
            name="receive_webhook, reserved",
            mean=MEAN * _webhooks(record.lives) * spent.receive,
            burst=BURST * spent.receive,
            quota=receivers,
            unit="processes",
            page=LAMBDA_RESERVED,
            then="429, and the networks deliver again",
        ),
        Row(
            name=f"route_mention, {routers} processes",
            mean=MEAN,
            burst=BURST,
            quota=routed,
            unit="records/s",
            page=LAMBDA_STREAMS,
            then=f"the last is routed {_time(late_by(BURST, routed, BURST_SECONDS, swept))} late, the sweep helping",
        ),
        Row(
            name=f"send_alert, {senders} processes",
            mean=MEAN * calls["SNS Publish"],
            burst=BURST,
            quota=sent,
            unit="records/s",
            page=LAMBDA_STREAMS,
            then=f"the last alert goes {last_sent} late, urgent or not",
        ),
        Row(
            name="follow_up at once",
            mean=MEAN * spent.follow,
            burst=min(BURST, swept + in_burst * TIMED) * spent.follow,
            quota=CONCURRENCY - receivers,
            unit="processes",
            page=LAMBDA_LIMITS,
            then="messages wait in the queue",
        ),
        Row(
            name="sweep, if nobody answers anything",
            mean=MEAN,
            burst=BURST,
            quota=swept,
            unit="posts/s",
            page=OWN,
            then=f"{BURST * BURST_SECONDS / SHARE / SHARDS:.0f} sweeps, a minute each, until all are asked for",
        ),
        Row(
            name="mentions table, new and on demand",
            mean=MEAN * used[prices.WRITES],
            burst=BURST * ACCEPT + in_burst * ROUTE + sent_in_burst * ALERT,
            quota=4_000,
            unit="write units/s",
            page=DYNAMODB_NEW,
            then="503, and the networks deliver again; a table takes at once twice what it had at its peak",
        ),
        Row(
            name="mentions table, at most",
            mean=MEAN * used[prices.WRITES],
            burst=BURST * ACCEPT + in_burst * ROUTE + sent_in_burst * ALERT,
            quota=40_000,
            unit="write units/s",
            page=DYNAMODB_LIMITS,
        ),
        Row(
            name="key of the table: one mention",
            mean=used[prices.WRITES] / 600,
            burst=1,
            quota=KEY_WRITES,
            unit="write units/s",
            page=DYNAMODB_PARTITION,
        ),
        Row(
            name=f"key of due: one of {FRESH} shards of new posts",
            mean=MEAN * 2 / FRESH,
            burst=(BURST + sent_in_burst) / FRESH,
            quota=KEY_WRITES,
            unit="write units/s",
            page=DYNAMODB_PARTITION,
        ),
        Row(
            name="key of due: all posts are one person's",
            mean=MEAN * 4,
            burst=sent_in_burst,
            quota=KEY_WRITES,
            unit="write units/s",
            page=DYNAMODB_PARTITION,
            then="marking alerts as sent is refused for some, which go out again",
        ),
        Row(
            name="key of conversation, all in one thread",
            mean=MEAN * 2,
            burst=BURST,
            quota=KEY_WRITES,
            unit="write units/s",
            page=DYNAMODB_PARTITION,
            then=f"as on X: {BURST - KEY_WRITES:.0f} posts/s get 503 and come again when their networks retry",
        ),
        Row(
            name="key of a pager, all to one person",
            mean=MEAN,
            burst=sent_in_burst * 3,
            quota=KEY_WRITES,
            unit="write units/s",
            page=DYNAMODB_PARTITION,
        ),
        Row(
            name="records of a stream shard",
            mean=MEAN * _writes(calls) / STREAM_SHARDS,
            burst=(BURST + in_burst + sent_in_burst) / STREAM_SHARDS,
            quota=1_000,
            unit="records/s",
            page=DYNAMODB_PARTITION,
        ),
        Row(name="readers of a stream shard", mean=2, burst=2, quota=2, unit="readers", page=DYNAMODB_LIMITS),
        Row(
            name="schedules alive",
            mean=MEAN * SCHEDULED * SCHEDULED_FOR,
            burst=(MEAN * SCHEDULED_FOR + BURST * BURST_SECONDS) * SCHEDULED,
            quota=1_000_000,
            unit="schedules",
            page=SCHEDULER_LIMITS,
            then="CreateSchedule fails, and the sweep checks up to a minute later",
        ),
        Row(
            name="CreateSchedule, a small Region",
            mean=MEAN * SCHEDULED,
            burst=in_burst * SCHEDULED,
            quota=250,
            unit="calls/s",
            page=SCHEDULER_LIMITS,
            then="it is tried twice, then the sweep checks up to a minute later",
        ),
        Row(
            name="schedules fired, a small Region",
            mean=MEAN * SCHEDULED,
            burst=in_burst * SCHEDULED,
            quota=250,
            unit="calls/s",
            page=SCHEDULER_LIMITS,
            then="they fire later, and the sweep is there first",
        ),
        Row(
            name="messages being handled",
            mean=MEAN * spent.follow,
            burst=(swept + in_burst * TIMED) * spent.follow,
            quota=120_000,
            unit="messages",
            page=SQS_LIMITS,
        ),
        Row(
            name="SNS Publish, a small Region",
            mean=MEAN * calls["SNS Publish"],
            burst=sent_in_burst,
            quota=300,
            unit="calls/s",
            page=SNS_LIMITS,
            then="the alert stays in its outbox and is sent again within a minute",
        ),
        Row(
            name="SMS of the account",
            mean=MEAN * MIX["urgent"] + PEOPLE / 300,
            burst=sent_in_burst * MIX["urgent"] + PEOPLE / 300,
            quota=20,
            unit="SMS/s",
            page=SNS_LIMITS,
            then="SNS sends them later; mails go at once",
        ),
    ]


def _calls(lives: Mapping[str, Sequence[Invocation]]) -> Mapping[str, float]:
    """Of AWS, for one mention on average."""
    found: dict[str, float] = defaultdict(float)
    for name, share in MIX.items():
        for invocation in lives[name]:
            for call, count in invocation.calls.items():
                found[call] += share * count
    return found


def _writes(calls: Mapping[str, float]) -> float:
    return calls["DynamoDB PutItem"] + calls["DynamoDB UpdateItem"]


def _webhooks(lives: Mapping[str, Sequence[Invocation]]) -> float:
    """For one mention on average: the post's own, and the brand's reply to it."""
    return sum(share * sum(each.function == "receive_webhook" for each in lives[name]) for name, share in MIX.items())


def _throttle() -> int:
    """Requests a second that the template allows people and programs."""
    return _written("infra/api.yaml", r"ThrottlingRateLimit: (\d+)")


def _receivers() -> int:
    """Processes that the template reserves for receive_webhook, unless told otherwise."""
    return _written("template.yaml", r"  WebhookConcurrency:\n(?:    .*\n)*?    Default: (\d+)")


def _written(file: str, pattern: str) -> int:
    (found,) = re.findall(pattern, (ROOT / file).read_text())
    return int(found)


def _parallel() -> tuple[int, int]:
    """Processes for each shard of the stream, as the template has them: of route_mention and send_alert."""
    routers, senders = re.findall(r"ParallelizationFactor: (\d+)", (ROOT / "template.yaml").read_text())
    return int(routers), int(senders)


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def measures(found: Sequence[Row]) -> list[Measure]:
    """The least margin in the mean, which is to be 2 but for what is a fixed number; and what a burst would exceed."""
    tight = min((row for row in found if row.mean != row.burst), key=lambda row: row.quota / row.mean)
    over = [row.name for row in found if row.over]
    return [
        exactly(
            "load_1m_a_day",
            round(100 * tight.mean / tight.quota, 1),
            "%",
            50,
            f"of the tightest quota at a million posts a day: {tight.name}",
        ),
        exactly("load_burst_over", len(over), "quotas", None, f"at a hundred times that: {'; '.join(over)}"),
    ]


def table(found: Sequence[Row]) -> Table:
    shown = Table(title="A million posts a day, and 100 times that for a minute", title_justify="left")
    for heading in ("", "mean", "burst", "quota", "margin"):
        shown.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    shown.add_column("beyond it", overflow="fold")
    for row in found:
        style = "red" if row.over else "yellow" if row.margin < 2 else "green"
        shown.add_row(
            row.name,
            f"{row.mean:,.4g}",
            f"{row.burst:,.4g}",
            f"{row.quota:,.4g} {row.unit}",
            f"[{style}]{row.margin:,.3g}[/]",
            row.then if row.over or row.margin < 2 else "",
        )
    return shown
