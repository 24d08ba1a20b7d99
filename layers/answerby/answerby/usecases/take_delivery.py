"""Answer a network's request: verify it, read it, store what it holds, and only then say 2xx."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from answerby.domain.source import Source
from answerby.networks import NETWORKS
from answerby.networks.document import read_json
from answerby.networks.webhook import Answer, BodyError, Delivery, Keys, Request
from answerby.ports import Mentions, Sources, UnavailableError
from answerby.usecases.receive import Run, receive

LARGEST_BODY = 5 * 1024 * 1024
MOST_EVENTS = 10_000
"""Posts and notices of one body. Meta sends 1,000 at most; many more could not be stored before the function's time is
over, and would not be the next time either."""
JSON = "application/json"
# An unknown source is verified like any other, so that its answer takes as long as that to a wrong signature.
_NOBODY = Keys(secrets=("whsec_bm9ib2R5IGtub3dzIHRoaXMgc2VjcmV0ISEh",), verify_token="")


class _TooLargeError(BodyError):
    """More than is taken at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to answer, and what to count of it. `kinds` counts the events that were acknowledged and not used."""

    status: int
    body: str
    content_type: str = JSON
    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)


def take_delivery(
    request: Request, source_id: str, sources: Sources, mentions: Mentions, now: datetime, run: Run
) -> Reply:
    """Everything a webhook endpoint answers. Raises nothing a network could cause."""
    try:
        _refuse_large(request)
        source, keys = sources.get(source_id) or (None, _NOBODY)
        network = NETWORKS[source.network if source else "facebook"]
        if request.method == "GET":
            return _handshake(network.handshake(request, keys) if source else None)
        authentic = network.verify(request, keys, now)
        if not authentic or source is None:
            return _unauthorized()
        delivery = network.parse(_document(request), source, now)
        _refuse_foreign_notices(delivery, source)
        _refuse_many(delivery)
        if delivery.is_empty:
            delivery.ignore("empty")
        receipt = receive(delivery, source.id, mentions, now, run)
    except _TooLargeError as error:
        return _refused(413, f"{error}: send fewer events at once")
    except BodyError as error:
        return _refused(400, str(error))
    except UnavailableError:
        return _unavailable()
    ignored = delivery.ignored.total()
    counts = Counter(
        PostsStored=receipt.posts,
        Duplicates=receipt.duplicates,
        UnreadableEvents=receipt.unreadable,
        EventsIgnored=ignored,
    )
    told = {"stored": receipt.stored, "duplicates": receipt.duplicates, "ignored": ignored}
    return Reply(status=200, body=json.dumps(told), counts=counts, kinds=delivery.ignored)


def _handshake(answer: Answer | None) -> Reply:
    if answer is None:
        return _unauthorized()
    return Reply(status=answer.status, body=answer.body, content_type=answer.content_type)


def _refuse_foreign_notices(delivery: Delivery, source: Source) -> None:
    """A system may report another network's posts, not edit, remove or answer them: the key of a contact form must not
    silence a Page. Answers from elsewhere are reported through the API."""
    told, delivery.notices = delivery.notices, []
    for each in told:
        network = each.post.network
        if network == source.network or network not in NETWORKS:
            delivery.notices.append(each)
        else:
            delivery.spoil({"id": each.post.id, "notice": each.kind}, f"only a source of {network} may tell this")


def _refuse_large(request: Request) -> None:
    if len(request.body) > LARGEST_BODY:
        raise _TooLargeError(f"the body is larger than {LARGEST_BODY} bytes")


def _refuse_many(delivery: Delivery) -> None:
    events = len(delivery.posts) + len(delivery.notices)
    if events > MOST_EVENTS:
        raise _TooLargeError(f"the body holds {events} events, more than {MOST_EVENTS}")


def _document(request: Request) -> object:
    if request.method != "POST":
        raise BodyError(f"the method is {request.method}: deliver events by POST")
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != JSON:
        raise BodyError(f"the content type is {content_type or 'missing'!r}: send {JSON}")
    if not request.body:
        raise BodyError("the body is empty: send the events as JSON")
    return read_json(request.body)


def _unauthorized() -> Reply:
    return Reply(
        status=401,
        body=_error("the signature or token is not valid for this address"),
        counts=Counter(WebhooksRefused=1),
    )


def _refused(status: int, message: str) -> Reply:
    return Reply(status=status, body=_error(message), counts=Counter(WebhooksInvalid=1))


def _unavailable() -> Reply:
    return Reply(
        status=503,
        body=_error("it could not be stored just now: deliver it again"),
        counts=Counter(WebhooksUnavailable=1),
    )


def _error(message: str) -> str:
    return json.dumps({"error": message})
