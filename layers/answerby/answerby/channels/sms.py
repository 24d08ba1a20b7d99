"""The text message of an alert: always exactly one part."""

from __future__ import annotations

from answerby.channels.gsm7 import ONE_PART, clip, gsm7
from answerby.channels.wording import KIND, author, deadline, posts
from answerby.domain.desk import Person
from answerby.domain.mention import Alert, Mention, Priority, Reason

_LOUD = {Priority.URGENT: "URGENT ", Priority.HIGH: "HIGH "}


def text(alert: Alert, mention: Mention, person: Person, link: str) -> str:
    """Rung and round, by when, what, and the link, which ends in the mention's id. The post is quoted as far as there
    is room. For a very long id and address the words get fewer, and at last the id stands for the link."""
    rung = f"L{alert.rung}.{alert.round}"
    due = gsm7(deadline(alert, mention, person))
    loud = "CRISIS " if mention.crisis else _LOUD.get(mention.priority or Priority.NORMAL, "")
    heads = (f"Answerby {rung} {loud}{due}", f"{rung} {loud}{due}", f"{rung} {due}")
    for where in (gsm7(link), mention.id):
        room = ONE_PART - len(where) - 1
        head = next((head for head in heads if len(head) <= room), None)
        if head:
            quoted = clip(gsm7(_what(alert, mention)), room - len(head) - 1)
            return " ".join(part for part in (head, quoted, where) if part)
    return clip(f"{heads[-1]} {mention.id}", ONE_PART)


def _what(alert: Alert, mention: Mention) -> str:
    post = mention.post
    if alert.reason is Reason.TEST:
        return "TEST, no post: acknowledge it"
    many = f" ({posts(mention)} posts)" if posts(mention) > 1 else ""
    older = "an older post, " if alert.reason is Reason.DIGEST else ""
    return f"{older}{post.network} {KIND[post.kind]}{many}, {author(mention)}: {post.text}"
