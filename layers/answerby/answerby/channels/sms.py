"""The text message of an alert: always exactly one part."""

from __future__ import annotations

from answerby.channels.gsm7 import ONE_PART, clip, gsm7
from answerby.channels.wording import KIND, author, deadline, posts
from answerby.domain.desk import Person
from answerby.domain.mention import Alert, Mention, Priority

_LOUD = {Priority.URGENT: "URGENT ", Priority.HIGH: "HIGH "}


def text(alert: Alert, mention: Mention, person: Person, link: str) -> str:
    """Rung and round, what, by when, and the link, which ends in the mention's id. The post is quoted as far as there
    is room; the link and what comes before the quotation are never cut for it."""
    post = mention.post
    many = f" ({posts(mention)} posts)" if posts(mention) > 1 else ""
    loud = _LOUD.get(mention.priority or Priority.NORMAL, "")
    head = f"Answerby L{alert.rung}.{alert.round} {loud}{gsm7(deadline(alert, mention, person))}"
    what = gsm7(f"{post.network} {KIND[post.kind]}{many}, {author(mention)}: {post.text}")
    room = ONE_PART - len(link) - 1
    start = clip(head, room)
    left = room - len(start) - 1
    return " ".join(part for part in (start, clip(what, left) if left > 0 else "", link) if part)
