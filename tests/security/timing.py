"""`python -m tests.security.timing`: does the time of a refusal tell how much of a signature was right?

Both kinds of request are measured in turn, in one run, as CPU time; medians are compared. Noise can make them differ,
but not six times over: what differs each time does differ.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from dataclasses import replace
from time import process_time_ns

from answerby.networks import NETWORKS
from answerby.networks.webhook import Request
from tests.builders import NOW
from tests.security.deliveries import send
from tests.security.senders import SENDERS

ROUNDS, CALLS, TRIES = 400, 50, 6
LEAST, MOST = 0.8, 1.25
BODY = b'{"id":"1","text":"' + b"a" * 1_000 + b'"}'

Refuse = Callable[[], object]


def main() -> int:
    told = [_holds(name, *pair) for name, pair in _pairs().items()]
    return 0 if all(told) else 1


def _pairs() -> dict[str, tuple[Refuse, Refuse]]:
    """What must take equally long."""
    pairs: dict[str, tuple[Refuse, Refuse]] = {}
    for source in ("page", "rotated", "gram", "bird", "forum"):
        early, late, nothing = (_spoiled(source, place) for place in (8, -4, None))
        pairs[f"{source}: wrong early, wrong late"] = _verifying(source, early), _verifying(source, late)
        pairs[f"{source}: nothing right, almost all right"] = _verifying(source, nothing), _verifying(source, late)
    wrong = _spoiled("page", 8)
    pairs["an unknown source, a wrong signature"] = lambda: send("nobody", wrong), lambda: send("page", wrong)
    return pairs


def _verifying(source: str, request: Request) -> Refuse:
    network, keys = NETWORKS[SENDERS[source].network], SENDERS[source].keys
    return lambda: network.verify(request, keys, NOW)


def _spoiled(source: str, place: int | None) -> Request:
    """A request whose signature is wrong at one place; at None everywhere."""
    request = Request(method="POST", headers=SENDERS[source].signed(BODY), query={}, body=BODY)
    name = next(name for name in request.headers if "signature" in name)
    chars = list(request.headers[name])
    start = len("sha256=") if chars[0] == "s" else len("v1,")
    for index in range(start, len(chars)) if place is None else [place]:
        chars[index] = "0" if chars[index] != "0" else "1"
    return replace(request, headers={**request.headers, name: "".join(chars)})


def _holds(name: str, one: Refuse, other: Refuse) -> bool:
    for _ in range(TRIES):
        ratio = _ratio(one, other)
        if LEAST <= ratio <= MOST:
            break
    fits = LEAST <= ratio <= MOST
    sys.stdout.write(f"{'holds' if fits else 'TELLS'}  {ratio:5.2f}  {name}\n")
    return fits


def _ratio(one: Refuse, other: Refuse) -> float:
    times: tuple[list[int], list[int]] = ([], [])
    for number in range(ROUNDS):
        order = ((one, 0), (other, 1))
        for refuse, index in order if number % 2 else reversed(order):
            begun = process_time_ns()
            for _ in range(CALLS):
                refuse()
            times[index].append(process_time_ns() - begun)
    return statistics.median(times[0]) / statistics.median(times[1])


if __name__ == "__main__":
    sys.exit(main())
