"""Twenty thousand requests, each a seed: nothing forged is taken, nothing taken is lost, and nothing breaks.

`make fuzz` delivers a million. One that failed is replayed by `python -m tests.security.fuzz SEED`.
"""

from __future__ import annotations

import base64
import gc
import hashlib
import hmac
import re
import sys
import tracemalloc
from collections.abc import Callable

import pytest

from answerby.networks import meta, signature, standard, x
from answerby.networks.webhook import Delivery, Keys
from tests.security.cases import case
from tests.security.fuzz import ViolationError, campaign

CASES, WARM_UP, TRACED = 20_000, 2_000, 500
BLOCKS = 1_000
"""Blocks of memory, however many cases: what is kept of each one would be 18,000 at least."""
GROWTH = 64 * 1024
"""Bytes."""

OUTCOMES = {
    *("200 stored", "200 ignored", "200 unreadable", "200 stored unreadable", "200 stored ignored"),
    *("400", "401", "keyless 401", "handshake 200", "handshake 401"),
}


def test_no_case_breaks_a_promise_and_memory_does_not_grow() -> None:
    outcomes = campaign(range(WARM_UP))
    gc.collect()
    blocks = sys.getallocatedblocks()
    outcomes += campaign(range(WARM_UP, CASES))
    gc.collect()

    assert sys.getallocatedblocks() - blocks < BLOCKS
    assert outcomes.keys() >= OUTCOMES
    assert outcomes["200 stored"] > CASES / 10


def test_not_a_byte_is_kept_of_a_request() -> None:
    """Traced, which takes five times as long: so only of a few."""
    campaign(range(TRACED))
    gc.collect()
    tracemalloc.start()
    try:
        campaign(range(TRACED))
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < GROWTH


def test_a_seed_says_all_of_its_case() -> None:
    for seed in (1, 2, 3_000_000_000):
        assert case(seed) == case(seed)
    assert case(1) != case(2)


Weaken = Callable[[pytest.MonkeyPatch], None]


def _by_prefix(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hmac, "compare_digest", lambda a, b: a == b[: len(a)])


def _in_any_case(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hmac, "compare_digest", lambda a, b: a.lower() == b.lower())


def _stripped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hmac, "compare_digest", lambda a, b: a.strip() == b.strip())


def _of_any_time(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(standard, "_is_recent", lambda stamp, _now: stamp.isdigit())


def _of_a_dotted_id(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(standard, "_MESSAGE_ID", re.compile("[!-~]{1,256}"))


def _by_a_public_key(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(standard, "_symmetric", lambda keys: [each for each in map(_key, keys.secrets) if each])


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.rpartition("_")[2] + "==")


def _by_an_empty_secret(patch: pytest.MonkeyPatch) -> None:
    def is_signed(claimed: str, body: bytes, keys: Keys, spell: signature.Spell) -> bool:
        return claimed in [signature.signature(secret, body, spell) for secret in keys.secrets]

    for network in (x, meta):
        patch.setattr(network, "is_signed", is_signed)


def _by_a_bare_hash(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hmac, "digest", lambda _key, body, name: hashlib.new(name, body).digest())


def _by_a_handshake_for_bodies(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(x, "_CRC_TOKEN", re.compile(r".{1,1000}", re.DOTALL))


def _losing_what_is_unreadable(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Delivery, "spoil", lambda *_: None)


def _losing_all_but_the_first(patch: pytest.MonkeyPatch) -> None:
    take = Delivery.take
    patch.setattr(Delivery, "take", lambda self, found: None if self.posts else take(self, found))


WEAK: tuple[Weaken, ...] = (
    _by_prefix,
    _in_any_case,
    _stripped,
    _of_any_time,
    _of_a_dotted_id,
    _by_a_public_key,
    _by_an_empty_secret,
    _by_a_bare_hash,
    _by_a_handshake_for_bodies,
    _losing_what_is_unreadable,
    _losing_all_but_the_first,
)


@pytest.mark.parametrize("weaken", WEAK, ids=lambda weaken: weaken.__name__.strip("_"))
def test_a_weakness_does_not_go_unnoticed(weaken: Weaken, monkeypatch: pytest.MonkeyPatch) -> None:
    weaken(monkeypatch)
    with pytest.raises(ViolationError, match="seed"):
        campaign(range(CASES // 4))
