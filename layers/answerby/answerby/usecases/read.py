"""What a desk's rules ask of a post beyond what its network tells: language, mood, and how often its author wrote."""

from __future__ import annotations

from dataclasses import replace

from answerby.domain.desk import Desk
from answerby.domain.mention import Mention
from answerby.ports import Mentions, Reader


def read(mention: Mention, desk: Desk, mentions: Mentions, reader: Reader | None) -> Mention:
    """Nothing is read that no rule asks for, and nothing twice. To read again after a crash changes nothing."""
    rules = desk.matcher
    if rules.counts_authors and mention.rule is None:
        mention = replace(mention, earlier_posts=mentions.earlier_posts(mention.post))
    return read_text(mention, desk, reader)


def read_text(mention: Mention, desk: Desk, reader: Reader | None) -> Mention:
    """Of `read`, what needs no table."""
    rules, post = desk.matcher, mention.post
    needs_language = post.language_code is None and (rules.reads_language or _speaks(desk))
    needs_sentiment = post.sentiment is None and rules.reads_sentiment
    if reader is None or not post.text or not (needs_language or needs_sentiment):
        return mention
    reading = reader.read(post.text, post.language_code)
    language = post.language if post.language_code else reading.language
    sentiment = reading.sentiment if rules.reads_sentiment else post.sentiment
    return replace(mention, post=replace(post, language=language, sentiment=sentiment))


def _speaks(desk: Desk) -> bool:
    """Whether it matters to the desk's people in which language a post is."""
    return any(person.languages for person in desk.people.values())
