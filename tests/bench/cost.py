"""What a million mentions cost, from what their lives were counted to use (tests/bench/life.py) and list prices.

Pure arithmetic. SMS and mail are not in it: they are priced by country, and dearer than all else together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil

from rich.table import Table

from infra.local.layout import ROOT
from tests.bench import prices
from tests.bench.life import Invocation, Record
from tests.bench.measure import Measure, exactly
from tests.bench.prices import MILLION, PRICES

HOPE, MUST = 8.0, 12.0

# What is assumed of the mentions: the share of each of the lives that are played.
MIX: Mapping[str, float] = {
    "answered": 0.50,  # on the network, before a second person is called
    "reported": 0.15,  # answered elsewhere, and said so through the API
    "acknowledged": 0.10,  # the alert's link looked at, the calling paused, then answered on the network
    "escalated": 0.10,  # nobody answers the first call; answered on the network after the second
    "held": 0.05,  # its alert comes too soon after another, waits, and goes out by mail and SMS at different times
    "urgent": 0.10,
}
IDLE = "idle"

# What is assumed of the load.
MENTIONS_A_MONTH = 30 * MILLION
"""Over which fixed costs are spread: a million a day."""
MINUTES_A_MONTH = 30 * 24 * 60
RECEIVERS = 3
"""Processes of receive_webhook that each read the secret again once a minute (adapters/sources.py)."""

SENT_AT_ONCE, HANDLED_AT_ONCE = 10, 5
"""At that load each sweep finds some 150 checks. It sends ten at once, the most that SQS takes; one invocation handles
as many (template.yaml), which Lambda's five pollers do not always find together."""

# What is assumed of Lambda.
FULL_PROCESSOR_MB = 1769
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
WAITS_MS: Mapping[str, float] = {"DynamoDB": 5, "SQS": 10, "SNS": 20, "Scheduler": 25, "Secrets Manager": 10}
"""For an answer within the Region. DynamoDB promises single-digit milliseconds; the others are guesses on the safe
side, and all of them together are a tenth of the total."""
COLD_SHARE, COLD_MS = 0.0002, 290
"""Of invocations, and milliseconds of a full processor for the start of a process. At a million a day there are 60
invocations a second by some dozens of processes, which live for an hour or more."""

# What AWS itself logs of a request to the API, by the format of infra/api.yaml; of an invocation that succeeds nothing,
# because the functions keep of the platform's entries only warnings (template.yaml).
ACCESS_LOG = (
    '{"id":"JKJaXmPLvHcESHA=","at":"22/Nov/2026:04:21:43 +0000","route":"ANY /api/{proxy+}","status":"200",'
    '"ms":"31","integration_ms":"29"}'
)

# Lambda asks a queue with five pollers that wait 20 s each:
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
IDLE_POLLS = 5 * 3 * MINUTES_A_MONTH
# A key of the table is asked for once in 5 minutes by each caller, of which there are seven functions, for two tables:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
KEY_REQUESTS = 7 * 2 * MINUTES_A_MONTH / 5
KEPT_MONTHS = 13
"""400 days, the default of RetentionDays."""
ITEM_OVERHEAD = 100
"""Bytes that DynamoDB adds to an item, and to an index entry:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""

BEHIND_THE_API = "serve_api"
"""Webhooks come through the function's own address, which costs nothing and logs nothing."""

Usage = Mapping[str, float]
"""How many units of each component."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """USD for a million mentions by component, `fixed` among them, and USD by the month for what is fixed."""

    by_component: Mapping[str, float]
    fixed: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.by_component.values())


def usage(invocation: Invocation) -> Usage:
    """A check is counted where it happens: its message was sent, received and deleted, each one request, unless it is
    one of many that the sweep has found."""
    services = _services(invocation)
    asked = 1 if invocation.function == BEHIND_THE_API else 0
    return {
        prices.WRITES: invocation.units,
        prices.READS: invocation.reads,
        prices.STREAMS: 0,
        prices.INVOCATIONS: 1 / HANDLED_AT_ONCE if invocation.swept else 1,
        prices.COMPUTE: seconds(invocation) * memory_mb(invocation.function) / 1024,
        prices.API: asked,
        prices.SQS: _messages(invocation),
        prices.SCHEDULER: services["Scheduler"],
        prices.SNS: services["SNS"],
        prices.SECRETS: services["Secrets Manager"],
        prices.LOGS: invocation.logged + asked * len(ACCESS_LOG),
    }


def _messages(invocation: Invocation) -> float:
    """Requests to SQS for a check."""
    if invocation.function != "follow_up":
        return 0
    return 1 / SENT_AT_ONCE + 2 / HANDLED_AT_ONCE if invocation.swept else 3


@cache
def memory_mb(function: str) -> int:
    """As the template has it, where a function's own stands in the line below its code."""
    text = (ROOT / "template.yaml").read_text()
    own = re.search(rf"CodeUri: functions/{function}\n +MemorySize: (\d+)", text)
    found = own or re.search(r"^Globals:.*?MemorySize: (\d+)", text, re.DOTALL | re.MULTILINE)
    assert found
    return int(found[1])


def seconds(invocation: Invocation) -> float:
    """That are billed. A function gets a share of a processor by its memory, and is billed while it waits for AWS."""
    waits = sum(WAITS_MS[service] * count for service, count in _services(invocation).items())
    busy = (invocation.cpu + COLD_SHARE * COLD_MS) * FULL_PROCESSOR_MB / memory_mb(invocation.function)
    return ceil(busy + waits) / 1000


def _services(invocation: Invocation) -> Counter[str]:
    """How often each was called."""
    found: Counter[str] = Counter()
    for name, count in invocation.calls.items():
        found[name.rpartition(" ")[0]] += count
    return found


def total(usages: Iterable[Usage]) -> Usage:
    found: dict[str, float] = dict.fromkeys(PRICES, 0.0)
    for each in usages:
        for component, quantity in each.items():
            found[component] += quantity
    return found


def blended(lives: Mapping[str, Sequence[Invocation]], mix: Mapping[str, float]) -> Usage:
    """Of one mention, on average."""
    return total(
        {component: share * quantity for component, quantity in total(map(usage, lives[name])).items()}
        for name, share in mix.items()
    )


def usd(used: Usage) -> dict[str, float]:
    return {component: quantity * PRICES[component].usd for component, quantity in used.items()}


def fixed(idle: Sequence[Invocation], metrics: int, alarms: int) -> dict[str, float]:
    """USD a month, whether anything is posted or not. `metrics` are those of the functions."""
    sweeps = sum(usd(total(map(usage, idle))).values()) + PRICES[prices.SCHEDULER].usd
    return {
        "sweeps": sweeps * MINUTES_A_MONTH,
        "idle polls of the queue": IDLE_POLLS * PRICES[prices.SQS].usd,
        "the secret and its readings": prices.SECRET.usd + RECEIVERS * MINUTES_A_MONTH * PRICES[prices.SECRETS].usd,
        "keys of the tables": KEY_REQUESTS * prices.KMS.usd,
        "alarms": alarms * prices.ALARM.usd,
        "metrics of the functions": metrics * prices.METRIC.usd,
    }


def bill(record: Record) -> Bill:
    alarms = len(re.findall(r"AWS::CloudWatch::Alarm", (ROOT / "infra/observability.yaml").read_text()))
    monthly = fixed(record.lives[IDLE], len(record.metrics), alarms)
    spread = sum(monthly.values()) * MILLION / MENTIONS_A_MONTH
    by_component = {name: each * MILLION for name, each in usd(blended(record.lives, MIX)).items()}
    return Bill(by_component={**by_component, "fixed, spread": spread}, fixed=monthly)


def provisioned(used: Usage) -> float:
    """USD that the units would cost with provisioned capacity, kept at its usual utilisation by auto scaling."""
    hourly = used[prices.WRITES] * prices.PROVISIONED_WRITE.usd + used[prices.READS] * prices.PROVISIONED_READ.usd
    return hourly / (3600 * prices.TARGET_UTILISATION)


def storage(stored: int) -> float:
    """USD for a million mentions of so many bytes, for as long as they are kept, with their own replies and the backup.

    Closed ones are in no index but `conversation`, whose entry is a quarter of an item."""
    size = (stored + stored / 4 + 2 * ITEM_OVERHEAD) * 2 * MILLION / prices.GB
    return size * KEPT_MONTHS * (prices.STORAGE.usd + prices.BACKUP.usd)


def measures(record: Record) -> list[Measure]:
    told = bill(record)
    used = blended(record.lives, MIX)
    dynamodb = told.by_component[prices.WRITES] + told.by_component[prices.READS]
    saved = dynamodb - provisioned(used) * MILLION
    listed = ", ".join(f"{name} {each:.2f}" for name, each in _dearest(told.by_component))
    monthly = ", ".join(f"{name} {each:.2f}" for name, each in _dearest(told.fixed))
    return [
        exactly(
            "usd_per_million", round(told.total, 2), "USD", MUST, f"without SMS and mail; hoped for: {HOPE}. {listed}"
        ),
        exactly(
            "usd_per_million_provisioned",
            round(told.total - saved, 2),
            "USD",
            None,
            "with provisioned capacity, well used",
        ),
        exactly("usd_fixed_a_month", round(sum(told.fixed.values()), 2), "USD", None, monthly),
        exactly("usd_kept_per_million", round(storage(record.stored), 2), "USD", None, f"for {KEPT_MONTHS} months"),
    ]


def table(record: Record) -> Table:
    """By component and life, USD for a million."""
    told = bill(record)
    lives = {name: usd(total(map(usage, record.lives[name]))) for name in MIX}
    shown = Table(title="USD per million mentions, without SMS and mail", title_justify="left")
    shown.add_column("", no_wrap=True)
    for heading in ("blended", *(f"{name} {share:.0%}" for name, share in MIX.items())):
        shown.add_column(heading, justify="right")
    for component, each in told.by_component.items():
        own = [lives[name].get(component) for name in MIX]
        shown.add_row(component, f"{each:.2f}", *("" if one is None else f"{one * MILLION:.2f}" for one in own))
    sums = (f"{sum(lives[name].values()) * MILLION:.2f}" for name in MIX)
    shown.add_section()
    shown.add_row("all", f"{told.total:.2f}", *sums)
    return shown


def _dearest(costs: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(((name, each) for name, each in costs.items() if each), key=lambda pair: -pair[1])
