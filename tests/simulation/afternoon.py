"""A busy afternoon, drawn from the seed: what authors write, and what people do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from answerby.domain.mention import Author, NoticeKind, Post
from answerby.networks.reading import notice
from tests.builders import a_post
from tests.simulation import people
from tests.simulation.engine import HOUR, MINUTE, SECOND
from tests.simulation.simulation import BUSY, FAULTY, QUIET, Simulation

WORDS = (
    "My parcel never came.",
    "Is anybody there?",
    "Lovely shop",
    "I want a refund now",
    "Where is my order",
    "¿Dónde está mi pedido?",
)
PEOPLE = ("ana", "ben", "cleo", "dora")
FEW = 10
"""So many posts a run may leave unanswered. Of each it has the same call dozens of times: where there are more, most
are seen to, but in one run of ten."""
DAY = timedelta(days=1)
A_MINUTE = timedelta(minutes=1)


def plan(simulation: Simulation, mentions: int) -> None:
    """Put the afternoon into the heap."""
    chance = simulation.engine.chance
    known: list[Post] = []
    is_aimed_at = simulation.faults.aim in ("mentions.get_each", "pagers.give_back", "notifier.send_bundle")
    for number in range(4 if is_aimed_at else chance.randrange(2)):
        _back_fill(simulation, number, max(mentions // 10, 4))
    diligence = 0.9 if mentions > FEW and chance.random() < 0.9 else 0.0
    while len(known) < mentions:
        at = chance.randrange(BUSY)
        posts = [
            _post(simulation, f"{len(known) + place}", at, known, mentions)
            for place in range(chance.choice((1, 1, 1, 2, 3)))
        ]
        known += posts
        raw = f"odd {len(known)}".encode() if chance.random() < 0.1 else b""
        for copy in range(chance.choice((1, 1, 1, 2))):
            late = copy * chance.randrange(MINUTE) + (chance.randrange(40 * MINUTE) if chance.random() < 0.05 else 0)
            simulation.engine.start(at + late, lambda posts=posts, raw=raw: simulation.deliver(posts, raw))  # type: ignore[misc]
        for post in posts:
            _fate(simulation, post, at, known)
            if diligence and chance.random() < diligence:
                in_the_end = at + chance.randrange(5 * MINUTE, 25 * MINUTE)
                simulation.engine.start(in_the_end, lambda post=post: _see_to(simulation, post))  # type: ignore[misc]
    for desk in simulation.publications[1:]:
        adopt_open = chance.random() < 0.6
        simulation.engine.start(
            chance.randrange(FAULTY),
            lambda desk=desk, adopt_open=adopt_open: people.publish(simulation, desk, adopt_open=adopt_open),  # type: ignore[misc]
        )
    for _ in range(chance.choice((0, 1, 2))):
        simulation.engine.start(chance.randrange(BUSY - HOUR // 2), lambda: _test(simulation))
    if chance.random() < 0.1:
        _storm(simulation, max(mentions // 4, 12), known)


def _storm(simulation: Simulation, posts: int, known: list[Post]) -> None:
    """As many people complain at once, urgently; within minutes they are answered."""
    chance = simulation.engine.chance
    begin = chance.randrange(BUSY)
    for number in range(posts):
        at = begin + chance.randrange(2 * SECOND)
        post = a_post(
            f"storm{number}",
            author=Author(id=f"storm{number}"),
            text="a refund!",
            conversation_id=f"facebook:storm{number}",
            posted_at=simulation.engine.clock(at),
        )
        simulation.said[post.id] = [post.text]
        simulation.engine.start(at, lambda post=post: simulation.deliver([post]))  # type: ignore[misc]
        end = at + chance.randrange(MINUTE, 15 * MINUTE)
        simulation.engine.start(end, lambda post=post: _answer(simulation, post, known))  # type: ignore[misc]


def _back_fill(simulation: Simulation, number: int, posts: int) -> None:
    """A new source tells at once of what is weeks old."""
    clock, chance = simulation.engine.clock, simulation.engine.chance
    old = [
        a_post(
            f"old{number}-{n}",
            author=Author(id=f"old{number}-{n}"),
            conversation_id=f"facebook:old{number}-{n}",
            posted_at=clock() - 30 * DAY,
        )
        for n in range(posts)
    ]
    for post in old:
        simulation.said[post.id] = [post.text]
    simulation.engine.start(chance.randrange(BUSY), lambda: simulation.deliver(old))


def _post(simulation: Simulation, number: str, at: int, known: list[Post], mentions: int) -> Post:
    chance = simulation.engine.chance
    author = chance.randrange(max(mentions // 3, 1))
    thread = chance.choice((_begun(author, known) or f"facebook:{number}",) * 3 + ("facebook:shared",))
    said = simulation.engine.clock(at - chance.randrange(5 * SECOND))
    if chance.random() < 0.05:
        said -= chance.uniform(7.1, 40) * DAY
        said = said.replace(microsecond=said.microsecond // 1000 * 1000)
    post = a_post(
        number,
        author=Author(id=f"author{author}", name=f"Author {author}") if chance.random() < 0.95 else Author(),
        text=chance.choice(WORDS),
        conversation_id=thread,
        posted_at=said,
    )
    simulation.said.setdefault(post.id, []).append(post.text)
    return post


def _begun(author: int, known: list[Post]) -> str | None:
    """The conversation that the author's first post has begun: it bears that post's id."""
    own = (post.id for post in known if post.author.id == f"author{author}" and post.conversation_id == post.id)
    return next(own, None)


def _fate(simulation: Simulation, post: Post, at: int, known: list[Post]) -> None:
    chance = simulation.engine.chance
    doings: list[Callable[[Simulation, Post, list[Post]], None]] = [
        _reply,
        _reply,
        _reply,
        _answer,
        _answer,
        _answer_and_resolve,
        _acknowledge,
        _acknowledge,
        _snooze,
        _dismiss,
        _assign,
        _edit,
        _remove,
        _nothing,
        _nothing,
    ]
    for _ in range(chance.choice((1, 1, 2, 3))):
        doing = chance.choice(doings)
        when = at + chance.choice((_at_once, _soon, _later))(simulation)
        if chance.random() < 0.3:
            simulation.engine.at(when, lambda doing=doing: _race(simulation, post, known, doing))  # type: ignore[misc]
        else:
            simulation.engine.start(when, lambda doing=doing: doing(simulation, post, known))  # type: ignore[misc]


def _at_once(simulation: Simulation) -> int:
    return simulation.engine.chance.randrange(-2 * SECOND, 6 * SECOND)


def _soon(simulation: Simulation) -> int:
    return simulation.engine.chance.randrange(5 * MINUTE)


def _later(simulation: Simulation) -> int:
    return simulation.engine.chance.randrange(50 * MINUTE)


def _race(simulation: Simulation, post: Post, known: list[Post], doing: Callable[..., None]) -> None:
    """Do it just when the mention is checked next."""
    mention = simulation.table.get(post.id)
    when: int = simulation.engine.now
    if mention and mention.next_check_at:
        due = simulation.engine.ms(mention.next_check_at)
        when = due + simulation.engine.chance.randrange(-SECOND, 3 * SECOND) if due < 3 * HOUR else when
    simulation.engine.start(when, lambda: doing(simulation, post, known))


def _who(simulation: Simulation) -> str:
    return simulation.engine.chance.choice(PEOPLE)


def _answer(simulation: Simulation, post: Post, known: list[Post]) -> None:
    people.answer(simulation, post.id, _who(simulation))


def _see_to(simulation: Simulation, post: Post) -> None:
    mention = simulation.table.get(post.id)
    if mention and mention.is_open:
        _answer(simulation, post, [])


def _answer_and_resolve(simulation: Simulation, post: Post, known: list[Post]) -> None:
    """Soon after, or after somebody had to ask."""
    _answer(simulation, post, known)
    simulation.engine.pause(simulation.engine.chance.choice((_soon, _later))(simulation))
    people.resolve(simulation, post.id, _who(simulation))


def _acknowledge(simulation: Simulation, post: Post, known: list[Post]) -> None:
    people.acknowledge(simulation, post.id, _who(simulation))


def _snooze(simulation: Simulation, post: Post, known: list[Post]) -> None:
    engine = simulation.engine
    at_most = (QUIET - engine.now) // MINUTE
    people.snooze(simulation, post.id, _who(simulation), min(engine.chance.randrange(1, 60), at_most) * A_MINUTE)


def _test(simulation: Simulation) -> None:
    """Whoever gets it mostly says so."""
    sent = people.test(simulation, _who(simulation), _who(simulation))
    if sent and simulation.engine.chance.random() < 0.5:
        simulation.engine.pause(_later(simulation))
        people.acknowledge(simulation, sent, _who(simulation), is_test=True)


def _dismiss(simulation: Simulation, post: Post, known: list[Post]) -> None:
    people.dismiss(simulation, post.id, _who(simulation))


def _assign(simulation: Simulation, post: Post, known: list[Post]) -> None:
    people.assign(simulation, post.id, _who(simulation), _who(simulation))


def _nothing(simulation: Simulation, post: Post, known: list[Post]) -> None:
    return


def _reply(simulation: Simulation, post: Post, known: list[Post]) -> None:
    """The brand replies on the network, to this post, or to nobody in particular; news of it may come late."""
    chance = simulation.engine.chance
    said = simulation.engine.clock(-chance.choice((0, 0, 500, 3 * MINUTE)))
    to = chance.choice((post.id, post.id, None))
    reply = a_post(
        f"reply-{post.id.partition(':')[2]}-{chance.randrange(10**6)}",
        author=Author(id="100", name="The Brand"),
        text="We are on it.",
        conversation_id=post.conversation_id,
        in_reply_to=to,
        posted_at=said,
    )
    simulation.deliver([notice(NoticeKind.OWN_REPLY, reply, reply.received_at)])


def _edit(simulation: Simulation, post: Post, known: list[Post]) -> None:
    chance = simulation.engine.chance
    text = f"{chance.choice(WORDS)} (edited {chance.randrange(100)})"
    simulation.said[post.id].append(text)
    edit = _changed(post, text=text, edited_at=simulation.engine.clock())
    simulation.deliver([notice(NoticeKind.EDIT, edit, edit.received_at)])


def _remove(simulation: Simulation, post: Post, known: list[Post]) -> None:
    removed = _changed(post, text="", author=Author())
    simulation.deliver([notice(NoticeKind.REMOVAL, removed, removed.received_at)])


def _changed(post: Post, **changes: Any) -> Post:
    return replace(post, **changes)
