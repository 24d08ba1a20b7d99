"""Send a post to a source as its network would: in its format, signed, over HTTP."""

import hashlib
import json
import secrets
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime

import requests

from answerby.adapters.sources import KeyedSource
from answerby.cli.errors import CommandError
from answerby.domain.mention import Author
from answerby.networks import NETWORKS
from answerby.networks.samples import SAMPLES, Sample
from answerby.networks.webhook import Keys

TIMEOUT = 30
_ASYMMETRIC = "whpk_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """`mention_id` is the id the post gets, None for what is no mention."""

    mention_id: str | None
    status: int
    body: str


def send_sample(sample: Sample, keyed: KeyedSource, url: str, *, forge: bool = False) -> Sent:
    """Raises CommandError if the source cannot be sent to, or does not answer."""
    source, keys = keyed
    network, compose = NETWORKS.get(source.network), SAMPLES.get(source.network)
    if network is None or compose is None:
        raise CommandError(f"There are no samples of the network {source.network}.")
    if not forge and all(secret.startswith(_ASYMMETRIC) for secret in keys.secrets):
        raise CommandError(f"Only the sender of {source.id} can sign: its secret is a public key.")
    body = compose(sample)
    headers = network.sign(body, forged(keys) if forge else keys, sample.now)
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=TIMEOUT)
    except requests.RequestException as error:
        raise CommandError(f"{url} does not answer ({type(error).__name__}).") from error
    delivery = network.parse(json.loads(body), source, sample.now)
    post = delivery.posts[0] if delivery.posts else None
    return Sent(mention_id=post.id if post else None, status=answer.status_code, body=answer.text)


def forged(keys: Keys) -> Keys:
    """Keys of somebody who does not know the secret."""
    return replace(keys, secrets=("whsec_" + b64encode(secrets.token_bytes(32)).decode(),))


def author_named(name: str, followers: int | None = None) -> Author:
    """An author of this name: the same one each time."""
    number = int(hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12], 16)
    handle = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())[:15]
    return Author(id=str(10**15 + number), handle=handle or "somebody", name=name, followers=followers)


def new_event_id(now: datetime) -> str:
    """Unlike any other; the later, the higher, as networks count."""
    return f"{int(now.timestamp() * 1000)}{secrets.randbelow(10_000):04}"
