"""Payloads in the networks' own formats, made up for these tests, and what our modules read in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from answerby.domain.mention import Notice, Post
from answerby.domain.source import Source
from answerby.networks import NETWORKS
from answerby.networks.document import read_json
from answerby.networks.webhook import Delivery

WRITTEN = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
"""When the posts of the samples were written."""

HEARD = datetime(2026, 11, 22, 0, 1, tzinfo=UTC)

SOURCES = {
    "facebook": Source(id="page", network="facebook", brand_account="104200000000001"),
    "instagram": Source(
        id="gram", network="instagram", brand_account="17841400000000001", aliases=("6669999", "ourbrand")
    ),
    "x": Source(id="bird", network="x", brand_account="2200000001"),
    "standard": Source(id="forum", network="standard", brand_account="brand-1", aliases=("ourbrand",)),
}

SAMPLES = Path(__file__).parent
NAMES = sorted(str(path.relative_to(SAMPLES).with_suffix("")) for path in SAMPLES.glob("*/*.json"))


def body(name: str) -> bytes:
    """The sample `<network>/<name>` as it came over the wire."""
    return (SAMPLES / f"{name}.json").read_bytes()


def document(name: str) -> Any:
    return json.loads(body(name))


def delivered(name: str) -> Delivery:
    network = name.partition("/")[0]
    return read(network, read_json(body(name)))


def read(network: str, document: Any) -> Delivery:
    return NETWORKS[network].parse(document, SOURCES[network], HEARD)


def only_post(delivery: Delivery) -> Post:
    (post,) = delivery.posts
    assert not delivery.notices
    assert not delivery.unreadable
    return post


def only_notice(delivery: Delivery) -> Notice:
    (notice,) = delivery.notices
    assert not delivery.posts
    assert not delivery.unreadable
    return notice
