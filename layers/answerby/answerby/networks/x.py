"""X: the Activity API, its deprecated predecessor the Account Activity API, and webhooks of a filtered stream.

https://docs.x.com/x-api/webhooks/introduction
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from answerby.domain.mention import Author, Kind, NoticeKind, Post
from answerby.domain.source import Source
from answerby.networks.fields import (
    FieldError,
    account_id,
    count,
    iso_time,
    label,
    line,
    mapping,
    native_id,
    optional,
    required,
    sane,
    text,
)
from answerby.networks.reading import OWN_POST, Found, found, is_brand, notice, one_of_each
from answerby.networks.signature import is_signed, signature
from answerby.networks.webhook import Answer, BodyError, Delivery, Keys, Request

SIGNATURE = "x-twitter-webhooks-signature"

REPOST = "repost"

T = TypeVar("T")

_SITE = "https://x.com"
_DELETION = "post.delete"
_POSTS = frozenset({"post.create", "post.mention.create", "post.reply.create", "post.quote.create"})
_IGNORED = frozenset(
    {
        "block_events",
        "direct_message_events",
        "direct_message_indicate_typing_events",
        "direct_message_mark_read_events",
        "favorite_events",
        "follow_events",
        "mute_events",
        "replay_job_status",
        "user_event",
    }
)
_CRC_TOKEN = re.compile(r"[^\[{]{1,1000}")
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,50}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OLD_TIME = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d):(\d\d):(\d\d) \+0000 (\d{4})", re.ASCII)


def handshake(request: Request, keys: Keys) -> Answer | None:
    """The challenge-response check, answered with the first secret.

    The answer is made exactly like the signature of a body, so whoever asks gets signed what they like; therefore
    no token is answered that could be a body. X's own are plain words.
    """
    token = request.query.get("crc_token", "")
    if request.method != "GET" or not keys.secrets or not keys.secrets[0] or not _CRC_TOKEN.fullmatch(token):
        return None
    response = json.dumps({"response_token": signature(keys.secrets[0], token.encode(errors="replace"), _spelled)})
    return Answer(status=200, body=response, content_type="application/json")


def verify(request: Request, keys: Keys, now: datetime) -> bool:  # noqa: ARG001
    return is_signed(request.headers.get(SIGNATURE, ""), request.body, keys, _spelled)


def sign(body: bytes, keys: Keys, now: datetime) -> dict[str, str]:  # noqa: ARG001
    return {"content-type": "application/json", SIGNATURE: signature(keys.secrets[0], body, _spelled)}


def parse(document: Any, source: Source, now: datetime) -> Delivery:
    """The three kinds of webhook are told apart by their shape: one post arrives by any of them, as one mention."""
    if not isinstance(document, dict | list):
        raise BodyError("the body must be a JSON object")
    delivery = Delivery()
    for event in document if isinstance(document, list) else [document]:
        if not isinstance(event, dict):
            delivery.spoil(event, "must be an object")
        elif "data" in event:
            _take(event, _data_event, source, now, delivery)
        else:
            _account_activity(event, source, now, delivery)
    delivery.posts = one_of_each(delivery.posts)
    return delivery


def _take(
    event: dict[str, Any],
    read: Callable[[Mapping[str, Any], Source, datetime], Found],
    source: Source,
    now: datetime,
    delivery: Delivery,
) -> None:
    try:
        delivery.take(read(event, source, now))
    except FieldError as error:
        delivery.spoil(event, str(error))


# The Activity API and filtered streams: posts of API version 2, with their authors beside them.


def _data_event(event: Mapping[str, Any], source: Source, now: datetime) -> Found:
    data = required(event, "data", mapping)
    if "event_type" in data:
        return _activity(data, source, now)
    if "id" in data and "text" in data:
        return _post(data, _users(event.get("includes")), None, source, now)
    return "unknown"


def _activity(data: Mapping[str, Any], source: Source, now: datetime) -> Found:
    kind = data["event_type"]
    if kind not in (*_POSTS, _DELETION):
        return label(kind)
    payload = required(data, "payload", mapping)
    user = optional(optional(data, "filter", mapping) or {}, "user_id", account_id)
    if kind == _DELETION:
        return _removal(payload, Author(id=optional(payload, "author_id", account_id)), source, now)
    return _post(payload, _users(data.get("includes")), user, source, now)


def _users(includes: Any) -> dict[str, Mapping[str, Any]]:
    """The users sent along, by id; some events wrap each in a further `data`."""
    listed = includes.get("users") if isinstance(includes, dict) else None
    users = [user.get("data", user) for user in listed if isinstance(user, dict)] if isinstance(listed, list) else []
    return {str(user.get("id")): user for user in users if isinstance(user, dict)}


def _post(
    value: Mapping[str, Any], users: Mapping[str, Mapping[str, Any]], user: str | None, source: Source, now: datetime
) -> Found:
    references = _references(value)
    if "retweeted" in references:
        return REPOST
    author_id = optional(value, "author_id", account_id)
    profile = users.get(author_id or "", {})
    long = optional(value, "note_tweet", mapping) or {}
    return _found(
        _Said(
            id=_id(value),
            first=_first_id(value),
            author=Author(
                id=author_id,
                handle=optional(profile, "username", line),
                name=optional(profile, "name", line),
                followers=optional(optional(profile, "public_metrics", mapping) or {}, "followers_count", count),
            ),
            text=optional(long, "text", text) or optional(value, "text", text) or "",
            language=optional(value, "lang", line),
            posted_at=sane(optional(value, "created_at", iso_time), now),
            replied_to=references.get("replied_to") or optional(value, "in_reply_to_tweet_id", native_id),
            quoted=references.get("quoted"),
            conversation=optional(value, "conversation_id", native_id),
        ),
        user,
        source,
        now,
    )


def _references(value: Mapping[str, Any]) -> dict[str, str]:
    """Native ids by how the post refers to them: replied_to, quoted or retweeted."""
    listed = value.get("referenced_tweets")
    references = [mapping(reference) for reference in listed] if isinstance(listed, list) else []
    return {str(reference.get("type")): required(reference, "id", native_id) for reference in references}


def _first_id(value: Mapping[str, Any]) -> str | None:
    """An edit is a post of its own, with the ids of the earlier versions, oldest first."""
    versions = value.get("edit_history_tweet_ids")
    if not isinstance(versions, list) or not versions:
        return None
    return required({"edit_history_tweet_ids": versions[0]}, "edit_history_tweet_ids", native_id)


# The Account Activity API: lists of events by kind, posts of API version 1.1.


def _account_activity(document: dict[str, Any], source: Source, now: datetime, delivery: Delivery) -> None:
    known = False
    for key, read in (("tweet_create_events", _old_post), ("tweet_delete_events", _old_deletion)):
        events = document.get(key, [])
        known |= key in document
        for event in events if isinstance(events, list) else [events]:
            _take({"for_user_id": document.get("for_user_id"), key: [event]}, read, source, now, delivery)
    for key in _IGNORED & document.keys():
        known = True
        delivery.ignore(key, len(document[key]) if isinstance(document[key], list) else 1)
    if not known:
        delivery.ignore("unknown")


def _old_post(event: Mapping[str, Any], source: Source, now: datetime) -> Found:
    value = mapping(event["tweet_create_events"][0])
    if value.get("retweeted_status") is not None:
        return REPOST
    profile = required(value, "user", mapping)
    extended = optional(value, "extended_tweet", mapping) or {}
    said = optional(extended, "full_text", text) or optional(value, "full_text", text) or optional(value, "text", text)
    return _found(
        _Said(
            id=_id(value),
            first=_first_id(value),
            author=Author(
                id=_twin(profile, "id", account_id),
                handle=optional(profile, "screen_name", line),
                name=optional(profile, "name", line),
                followers=optional(profile, "followers_count", count),
            ),
            text=said or "",
            language=optional(value, "lang", line),
            posted_at=sane(optional(value, "created_at", _old_time), now),
            replied_to=_twin(value, "in_reply_to_status_id", native_id),
            quoted=_twin(value, "quoted_status_id", native_id),
            conversation=optional(value, "conversation_id", native_id),
        ),
        optional(event, "for_user_id", account_id),
        source,
        now,
    )


def _old_deletion(event: Mapping[str, Any], source: Source, now: datetime) -> Found:
    value = mapping(event["tweet_delete_events"][0])
    status = required(value, "status", mapping)
    return _removal(status, Author(id=_twin(status, "user_id", account_id)), source, now)


def _old_time(value: Any) -> datetime:
    """`Wed Feb 05 08:39:31 +0000 2020`; not by strptime, which follows the locale and is slow to import."""
    match = _OLD_TIME.fullmatch(value) if isinstance(value, str) else None
    try:
        month, day, hour, minute, second, year = match.groups() if match else ()
        return datetime(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        raise FieldError("must be a time such as Wed Feb 05 08:39:31 +0000 2020") from None


# Both.


class _Said(NamedTuple):
    """One post in either API's words; ids are native."""

    id: str
    first: str | None
    author: Author
    text: str
    language: str | None
    posted_at: datetime | None
    replied_to: str | None
    quoted: str | None
    conversation: str | None


def _found(said: _Said, user: str | None, source: Source, now: datetime) -> Found:
    """`user` is whom the webhook is about: the brand. A quote starts a conversation of its own, so it answers none."""
    author = said.author
    first = said.first or said.id
    edited = first != said.id
    own = is_brand(source, author.id, author.handle) or (author.id is not None and author.id == user)
    if own and not said.replied_to:
        return OWN_POST
    handle = author.handle if author.handle and _HANDLE.fullmatch(author.handle) else None
    conversation = said.conversation or said.replied_to or first
    target = said.replied_to or said.quoted
    post = Post(
        id=f"x:{first}",
        network="x",
        kind=Kind.REPLY if said.replied_to else Kind.QUOTE if said.quoted else Kind.POST,
        source=source.id,
        brand_account=source.brand_account,
        author=replace(author, url=f"{_SITE}/{handle}") if handle else author,
        text=_unescaped(said.text),
        language=said.language if said.language != "und" and _LANGUAGE.fullmatch(said.language or "") else None,
        url=f"{_SITE}/{handle or 'i'}/status/{said.id}",
        conversation_id=f"x:{first if conversation == said.id else conversation}",
        in_reply_to=f"x:{target}" if target else None,
        received_at=now,
        posted_at=said.posted_at,
        edited_at=(said.posted_at or now) if edited else None,
    )
    return found(post, own=own, now=now)


def _removal(value: Mapping[str, Any], author: Author, source: Source, now: datetime) -> Found:
    native = _id(value)
    post = Post(
        id=f"x:{native}",
        network="x",
        kind=Kind.POST,
        source=source.id,
        brand_account=source.brand_account,
        author=author,
        text="",
        url=f"{_SITE}/i/status/{native}",
        conversation_id=f"x:{native}",
        received_at=now,
    )
    return notice(NoticeKind.REMOVAL, post, now)


def _id(value: Mapping[str, Any]) -> str:
    return _twin(value, "id", native_id) or required(value, "id", native_id)


def _twin(value: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> T | None:
    """An id by its text, if there is one: as a number it may have been rounded on its way."""
    twin = f"{name}_str"
    return optional(value, name if value.get(twin) is None else twin, read)


def _unescaped(said: str) -> str:
    """X sends these three characters as HTML, and only them."""
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _spelled(digest: bytes) -> str:
    return "sha256=" + base64.b64encode(digest).decode()
