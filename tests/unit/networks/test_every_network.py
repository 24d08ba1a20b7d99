"""What holds for each network of the registry, whatever is sent to it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerby.domain.mention import Author, Kind, NoticeKind
from answerby.networks import NETWORKS
from answerby.networks.document import read_json
from answerby.networks.samples import SAMPLES, Sample
from answerby.networks.webhook import BodyError, Delivery, Keys, Request
from tests.samples import HEARD, NAMES, SOURCES, body, document, only_notice, only_post, read

# The machine that runs this may be slow or busy.
patiently = settings(deadline=None, database=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])

SECRETS = {network: ["a secret"] for network in NETWORKS} | {
    "standard": ["whsec_c2VjcmV0IG9mIGEgc291cmNl", "whpk_O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik="]
}
HEADER_NAMES = [
    "x-hub-signature-256",
    "x-twitter-webhooks-signature",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
]
header_values = (
    st.text()
    | st.sampled_from(["sha256=", "v1,", "v1a,", "v1,= v1a,=", "1795305660"])
    | st.from_regex(r"(v1a?,[A-Za-z0-9+/]{86}==[ ,]){1,3}")
)
headers = st.dictionaries(st.sampled_from(HEADER_NAMES), header_values)
words = st.text(max_size=5) | st.sampled_from(
    [*Kind, "add", "edited", "remove", "comment", "rating", "feed", "ratings", "mention", "comments", "mentions"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


def keys(network: str) -> Keys:
    return Keys(secrets=SECRETS[network], verify_token="token")


def sample(network: str, **changes: Any) -> Sample:
    author = Author(id="5550001", handle="mara", name="Mara Lind", followers=3)
    made = Sample(text="Hällo & <b> 📦", author=author, source=SOURCES[network], now=HEARD, event_id="3001")
    return replace(made, **changes)


def read_or_refused(network: str, document: Any) -> Delivery | None:
    try:
        return read(network, document)
    except BodyError:
        return None


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of a document with a key that can be replaced in it."""
    if isinstance(value, dict):
        return [(value, key) for key in value] + [place for inner in value.values() for place in places(inner)]
    if isinstance(value, list):
        return [(value, n) for n in range(len(value))] + [place for inner in value for place in places(inner)]
    return []


@pytest.mark.parametrize("network", NETWORKS)
@patiently
@given(headers=headers, sent=st.binary(max_size=50))
def test_forged_headers_are_refused_and_raise_nothing(network: str, headers: dict[str, str], sent: bytes) -> None:
    request = Request(method="POST", headers=headers, query={}, body=sent)
    assert not NETWORKS[network].verify(request, keys(network), HEARD)


@pytest.mark.parametrize("network", NETWORKS)
@patiently
@given(
    query=st.dictionaries(st.sampled_from(["hub.mode", "hub.verify_token", "hub.challenge", "crc_token"]), st.text())
)
def test_no_handshake_raises(network: str, query: dict[str, str]) -> None:
    NETWORKS[network].handshake(Request(method="GET", headers={}, query=query, body=b""), keys(network))


@pytest.mark.parametrize("network", NETWORKS)
@patiently
@given(document=json_values)
def test_any_json_is_read_or_refused(network: str, document: Any) -> None:
    read_or_refused(network, document)


@pytest.mark.parametrize("name", NAMES)
@settings(patiently, max_examples=30)
@given(data=st.data())
def test_a_real_payload_with_something_else_in_one_place_is_read_or_refused(name: str, data: st.DataObject) -> None:
    network, payload = name.partition("/")[0], document(name)
    container, key = data.draw(st.sampled_from(range(len(places(payload)))).map(places(payload).__getitem__))
    container[key] = data.draw(json_values)
    delivery = read_or_refused(network, payload)
    for bad in delivery.unreadable if delivery else ():
        json.loads(bad.raw)
        assert bad.reason


@pytest.mark.parametrize("name", NAMES)
def test_reading_twice_says_the_same(name: str) -> None:
    network = name.partition("/")[0]
    assert read(network, read_json(body(name))) == read(network, document(name))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_sample_is_signed_as_its_network_signs(network: str) -> None:
    made = SAMPLES[network](sample(network))
    signed = NETWORKS[network].sign(made, keys(network), HEARD)
    assert signed["content-type"] == "application/json"
    request = Request(method="POST", headers=signed, query={}, body=made)
    assert NETWORKS[network].verify(request, keys(network), HEARD)
    assert not NETWORKS[network].verify(replace(request, body=made + b" "), keys(network), HEARD)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_sample_is_a_mention(network: str) -> None:
    post = only_post(read(network, read_json(SAMPLES[network](sample(network)))))
    assert (post.id, post.text, post.author.id) == (f"{network}:3001", "Hällo & <b> 📦", "5550001")


@pytest.mark.parametrize("network", NETWORKS)
def test_a_sample_of_an_own_reply_meets_the_mention_it_answers(network: str) -> None:
    post = only_post(read(network, read_json(SAMPLES[network](sample(network)))))
    reply = sample(network, event_id="3002", own=True, in_reply_to=post.id)
    notice = only_notice(read(network, read_json(SAMPLES[network](reply))))
    assert notice.kind is NoticeKind.OWN_REPLY
    assert (notice.post.in_reply_to, notice.post.conversation_id) == (post.id, post.conversation_id)


@pytest.mark.parametrize(
    ("network", "kind", "options"),
    [
        ("facebook", Kind.POST, {}),
        ("facebook", Kind.COMMENT, {"in_reply_to": "facebook:1"}),
        ("facebook", Kind.REPLY, {"in_reply_to": "facebook:1"}),
        ("facebook", Kind.REVIEW, {"rating": 2}),
        ("facebook", Kind.RATING, {"rating": 2, "text": ""}),
        ("instagram", Kind.REPLY, {"in_reply_to": "instagram:1"}),
        ("x", Kind.REPLY, {"in_reply_to": "x:1"}),
        ("x", Kind.QUOTE, {"in_reply_to": "x:1"}),
        ("standard", Kind.REVIEW, {"rating": 2}),
    ],
)
def test_a_sample_has_the_kind_it_was_asked_for(network: str, kind: Kind, options: dict[str, Any]) -> None:
    post = only_post(read(network, read_json(SAMPLES[network](sample(network, kind=kind, **options)))))
    assert post.kind is kind
    assert post.rating == options.get("rating")


def test_every_network_has_a_sample() -> None:
    assert SAMPLES.keys() == NETWORKS.keys()


def test_importing_the_networks_stays_cheap() -> None:
    check = (
        "import sys, answerby.networks; print([m for m in ('cryptography', 'pydantic', 'email') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
