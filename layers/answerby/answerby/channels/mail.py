"""The mail of an alert: plain text with the whole post, why this rule, what was tried before and what is next."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from answerby.channels.gsm7 import clip, gsm7
from answerby.channels.wording import KIND, WHY, author, deadline, local, posts, when
from answerby.domain.desk import Desk, Person
from answerby.domain.mention import Alert, Event, Mention, Reason
from answerby.domain.paging import next_call

SUBJECT_LENGTH = 100
"""SNS takes ASCII subjects of less than 100 characters, without line breaks:
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
POST_LENGTH = 50_000
"""Of characters, so that a mail in all its channels' texts stays under the 256 KB that SNS takes."""
_TOLD = {
    Event.ALERTED: "was alerted",
    Event.ALERT_FAILED: "could not be alerted",
    Event.ACKNOWLEDGED: "acknowledged it",
    Event.ACKNOWLEDGEMENT_EXPIRED: "let the acknowledgement run out",
    Event.ASSIGNED: "assigned it",
}


def subject(alert: Alert, mention: Mention) -> str:
    post = mention.post
    if alert.reason is Reason.TEST:
        return "[test] Answerby tests your alerts: please acknowledge"
    told = gsm7(f"{post.network} {KIND[post.kind]} by {author(mention)}, level {alert.rung}: {post.text}")
    how = "CRISIS" if mention.crisis else mention.priority
    loud = f"[{how}] " if how else ""
    return clip(loud + told.encode("ascii", "ignore").decode(), SUBJECT_LENGTH - 1)


def text(alert: Alert, mention: Mention, person: Person, desk: Desk, link: str) -> str:
    return "\n".join(_lines(alert, mention, person, desk, link)) + "\n"


def _lines(alert: Alert, mention: Mention, person: Person, desk: Desk, link: str) -> Iterator[str]:
    post = mention.post
    yield f"{line(person.name)}, {WHY[alert.reason]}."
    yield ""
    yield f"Answer:   {deadline(alert, mention, person)} ({person.time_zone})"
    yield f"Post:     {post.network} {KIND[post.kind]} by {line(author(mention))}{_more(mention)}"
    if post.posted_at:
        yield f"Written:  {local(post.posted_at, person):%a %d %b %Y %H:%M}"
    if post.rating is not None:
        yield f"Rating:   {post.rating:g}"
    yield f"There:    {line(post.url) if post.url else 'the network gave no address'}"
    yield f"Here:     {link}"
    yield f"Id:       {mention.id}"
    yield ""
    yield from (f"  {clean(quoted)}" for quoted in _quoted(post.text))
    yield ""
    yield from _guidance(mention, desk)
    yield from _why(mention)
    yield from _tried(mention, person, desk)
    yield from _next(alert, mention, person, desk)


def _quoted(post_text: str) -> list[str]:
    if not post_text.strip():
        return ["(no text: a picture, a video or a sticker)"]
    lines = post_text[:POST_LENGTH].splitlines()
    return [*lines, "(cut here; the post is longer)"] if len(post_text) > POST_LENGTH else lines


def _guidance(mention: Mention, desk: Desk) -> Iterator[str]:
    topic = desk.topics.get(mention.topic or "")
    if mention.crisis:
        yield "This is a crisis: the lead of the team is called as well."
    if topic and topic.guidance:
        yield "How to answer:"
        yield from (f"  {clean(line_)}" for line_ in topic.guidance.splitlines())
    if mention.crisis or (topic and topic.guidance):
        yield ""


def _why(mention: Mention) -> Iterator[str]:
    routed = next((entry for entry in reversed(mention.history) if entry.event is Event.ROUTED), None)
    if routed:
        yield f"Why you: {line(routed.by)} ({line(routed.note or '')})"
        yield ""


def _tried(mention: Mention, person: Person, desk: Desk) -> Iterator[str]:
    tried = [entry for entry in mention.history if entry.event in _TOLD]
    yield "Tried before:" if tried else "Tried before: nothing, this is the first alert."
    for entry in tried:
        yield f"  {local(entry.at, person):%d %b %H:%M}  {_name(entry.by, desk)} {_TOLD[entry.event]}"
    yield ""


def _next(alert: Alert, mention: Mention, person: Person, desk: Desk) -> Iterator[str]:
    plan = mention.plan
    if alert.reason is Reason.TEST:
        yield f"Acknowledge it behind the link, or by\n  answerby mention acknowledge {mention.id}"
        yield ""
        yield "Next: nothing. Nobody else is called for a test."
        return
    if alert.reason is Reason.DIGEST or plan is None or mention.escalate_at is None:
        yield "Next: a digest each day until it is closed."
        return
    if alert.reason is Reason.UNRESOLVED:
        yield "Next: the same question each day until somebody says that it is resolved:"
        yield f"  answerby mention resolve {mention.id}"
        return
    call = next_call(mention, desk, Reason.ESCALATED, mention.escalate_at)
    people = ", ".join(_name(each, desk) for each in call.people)
    at = when(mention.escalate_at, person, alert.decided_at)
    yield f"Next: without an answer, {people or 'whoever is on the desk then'} will be called at {at}."


def _more(mention: Mention) -> str:
    return f", the first of {posts(mention)} posts" if posts(mention) > 1 else ""


def _name(person_id: str, desk: Desk) -> str:
    return line(desk.people[person_id].name) if person_id in desk.people else line(person_id)


def line(text: str) -> str:
    """On one line, without control or direction-changing characters."""
    return " ".join(clean(text).split())


def clean(text: str) -> str:
    """Without control, surrogate and direction-changing characters (Cc, Cs, Cf), which could forge what is shown.
    The joiners U+200C and U+200D are kept: emoji and several scripts need them."""
    return "".join(
        char if char in "\t\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs") else " "
        for char in text
    )
