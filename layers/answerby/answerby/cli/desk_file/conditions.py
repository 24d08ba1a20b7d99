"""Conditions of rules, as a desk file writes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from functools import cached_property, partial

from answerby.cli.desk_file import values
from answerby.cli.desk_file.fields import Fields, Reader
from answerby.cli.desk_file.languages import language
from answerby.cli.desk_file.names import Names
from answerby.cli.desk_file.problems import Problems, one_of, quoted
from answerby.cli.desk_file.shapes import AUTHOR_LIST, CONDITION, REPEAT_AUTHOR, TEXT
from answerby.cli.desk_file.topics import author
from answerby.cli.desk_file.tree import Mapping as Tree
from answerby.cli.desk_file.tree import Node, Scalar, Sequence
from answerby.domain.desk import ALWAYS, Condition
from answerby.domain.mention import EARLIER_POSTS_KEPT, Kind, Sentiment
from answerby.domain.phrases import Phrases, fold, is_beginning, is_unspaced, words
from answerby.domain.source import Source

ANY_NETWORK = "standard"
"""A source of this network delivers posts of whichever network its sender names."""

DEEPEST = 4
MOST_NESTED = 100
LONGEST_PHRASE = 60
SHORTEST_BEGINNING = 2
HIGHEST_RATING = 5
MOST_FOLLOWERS = 10**12

_EARLIER_WITHIN = timedelta(days=30)
_NETWORK = re.compile(r"[a-z][a-z0-9_]{0,19}")
# Other than what stands within or between words, as in don't, e-mail, 24/7, #refund.
_UNREAD = re.compile(r"[!?%$+<=>^`|~\u00a2-\u00b6\u00d7\u00f7\u2030-\u205e\u20a0-\u23ff\u2500-\u2bff]|(?<=\w)#")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,}")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What conditions refer to."""

    names: Names
    sources: Mapping[str, Source]
    lists: Mapping[str, frozenset[str]]
    delivered: frozenset[str]
    """The networks of the sources; all known ones while a source cannot be read."""

    @cached_property
    def readers(self) -> Mapping[str, Reader[tuple[str, ...]]]:
        """Of lists of values, by what is listed. Made once: a desk has thousands of them."""
        listed: Mapping[str, Reader[str]] = {
            "networks": partial(_network, self),
            "sources": self.names.reader("source"),
            "kinds": _kind,
            "sentiment": _sentiment,
            "languages": language,
            "phrases": phrase,
        }
        return {name: partial(values.references, read, name) for name, read in listed.items()}

    @cached_property
    def calendar(self) -> Reader[str]:
        return self.names.reader("calendar")

    @cached_property
    def list_names(self) -> Reader[tuple[str, ...]]:
        return partial(values.references, self.names.reader("list"), "lists")


def condition(scope: Scope, node: Node, problems: Problems, depth: int = 1) -> Condition | None:
    fields = Fields(node, "`when`" if depth == 1 else "a condition", CONDITION, problems)
    if fields.readable and not any(name in fields for name in CONDITION.fields):
        what = "the rule has no condition" if depth == 1 else "the condition says nothing"
        problems.error(fields.place, what, "Say what it takes; whatever no rule takes goes to `otherwise`")
        return None

    def listed(name: str) -> tuple[str, ...]:
        return fields.optional(name, scope.readers[name]) or ()

    text = _text(fields, scope, problems)
    has_link, link_domains = fields.optional("links", _links) or (None, ())
    earlier_posts, earlier_within = fields.optional("repeat_author", _repeat_author) or (None, _EARLIER_WITHIN)
    calendar = partial(_calendar, scope)
    nested = partial(_nested, scope, depth)
    when = Condition(
        phrases=text["any"],
        all_phrases=text["all"],
        no_phrases=text["none"],
        networks=frozenset(listed("networks")),
        sources=frozenset(listed("sources")),
        kinds=frozenset(map(Kind, listed("kinds"))),
        languages=frozenset(listed("languages")),
        sentiments=frozenset(map(Sentiment, listed("sentiment"))),
        rating_at_most=fields.optional("rating_at_most", _rating),
        rating_at_least=fields.optional("rating_at_least", _rating),
        authors=fields.optional("authors", partial(_authors, scope)) or frozenset(),
        followers_at_least=fields.optional("followers_at_least", _followers),
        followers_at_most=fields.optional("followers_at_most", _followers),
        has_link=has_link,
        link_domains=frozenset(link_domains),
        during=fields.optional("during", calendar),
        outside=fields.optional("outside", calendar),
        earlier_posts=earlier_posts,
        earlier_within=earlier_within,
        any_of=fields.optional("any", nested) or (),
        all_of=fields.optional("all", nested) or (),
        none_of=fields.optional("not", nested) or (),
    )
    _refuse_contradictions(when, fields, scope.sources, problems)
    return when


def phrase(node: Node, problems: Problems) -> str | None:
    """Words to be found in a row; a last `*` stands for the rest of a word."""
    written = values.text(node, problems)
    if written is None:
        return None
    stem = written.removesuffix("*")
    if len(fold(written)) > LONGEST_PHRASE:
        what = f"the phrase {quoted(written)} is too long"
        problems.error(node.place, what, f"Use at most {LONGEST_PHRASE} characters: few posts say all of it")
    elif "*" in stem:
        problems.error(node.place, f"{quoted(written)} has a * inside", "Write it only at the end: cancel*")
    elif stem != written and not is_beginning(written):
        problems.error(node.place, f"no word begins before the * of {quoted(written)}", "Write it after one: cancel*")
    elif stem != written and not is_unspaced(stem) and len("".join(words(stem))) < SHORTEST_BEGINNING:
        what = f"{quoted(written)} would take almost every post"
        problems.error(node.place, what, f"Write at least {SHORTEST_BEGINNING} letters before the *")
    elif not is_unspaced(stem) and not words(stem):
        what = f"the phrase {quoted(written)} has no letter or digit"
        problems.error(node.place, what, "Write a word: only whole words are looked for, so this never matches")
    elif not is_unspaced(stem) and (sign := _UNREAD.search(fold(stem))):
        what = f"the {quoted(sign.group())} of the phrase {quoted(written)} is not looked for"
        problems.error(node.place, what, "Write words alone, or an emoji: other signs are not compared")
    else:
        return written
    return None


def _text(fields: Fields, scope: Scope, problems: Problems) -> Mapping[str, tuple[str, ...]]:
    """What is said, by any, all and none. `phrases` is a short form of any."""
    said = {"any": fields.optional("phrases", scope.readers["phrases"]) or (), "all": (), "none": ()}
    node = fields.node("text")
    if node is None:
        return said
    if "phrases" in fields:
        problems.error(
            fields.place_of("phrases"), "`phrases` and `text` are both here", "Write them as `text: {any: …}`"
        )
    inner = Fields(node, "`text`", TEXT, problems)
    if inner.readable and not any(name in inner for name in TEXT.fields):
        problems.error(node.place, "`text` asks for nothing", "Add `any: [...]`, `all: [...]` or `none: [...]`")
    return {name: inner.optional(name, scope.readers["phrases"]) or () for name in said}


def _nested(scope: Scope, depth: int, node: Node, problems: Problems) -> tuple[Condition, ...] | None:
    if depth >= DEEPEST:
        problems.error(node.place, f"conditions are nested deeper than {DEEPEST} levels", "Write several rules instead")
        return None
    parts = node.items if isinstance(node, Sequence) else [node]
    if not parts:
        problems.error(node.place, "the list of conditions is empty", "Put something into it, or remove the line")
    if len(parts) > MOST_NESTED:
        problems.error(parts[MOST_NESTED].place, f"more than {MOST_NESTED} conditions", "Write several rules instead")
    found = (condition(scope, part, problems, depth + 1) for part in parts[:MOST_NESTED])
    return tuple(part for part in found if part)


def _refuse_contradictions(when: Condition, fields: Fields, sources: Mapping[str, Source], problems: Problems) -> None:
    _refuse_range(when.rating_at_least, when.rating_at_most, "rating", fields)
    _refuse_range(when.followers_at_least, when.followers_at_most, "number of followers", fields)
    if when.during and when.during == when.outside:
        what = f"calendar {when.during} is never open and closed at once"
        problems.error(fields.value_place("outside"), what, "Remove one of them: this never matches")
    if when.no_phrases:
        _refuse_unsaid(when, fields, problems)
    delivered = {sources[id_].network for id_ in when.sources if id_ in sources}
    if when.networks and delivered and ANY_NETWORK not in delivered and not when.networks & delivered:
        what = f"its sources deliver {' and '.join(sorted(delivered))} only"
        to_do = "Remove `networks` or `sources`: this rule never matches"
        problems.error(fields.value_place("networks"), what, to_do)


def _refuse_unsaid(when: Condition, fields: Fields, problems: Problems) -> None:
    """What must be said, and what of which one must be, says something that must not be."""
    unsaid = Phrases(when.no_phrases)
    denied = [phrase for phrase in when.all_phrases if unsaid.said_with(phrase)]
    if not denied and when.phrases and all(map(unsaid.said_with, when.phrases)):
        denied = [when.phrases[0]]
    if denied:
        what = f"who says {quoted(denied[0])} says one of `none` too"
        problems.error(fields.value_place("text"), what, "Remove it from one of them: this never matches")


def _refuse_range(least: float | None, most: float | None, what: str, fields: Fields) -> None:
    if least is not None and most is not None and least > most:
        name = "rating_at_least" if what == "rating" else "followers_at_least"
        told = f"no {what} is at least {least:g} and at most {most:g}"
        fields.problems.error(fields.value_place(name), told, "Exchange them: this never matches")


def _network(scope: Scope, node: Node, problems: Problems) -> str | None:
    """A network of one of the sources. Where one of them delivers any network, a known one's misspelling is refused."""
    name = values.text(node, problems)
    if name is None:
        return None
    delivered, known = scope.delivered, scope.names.known["network"]
    if name in delivered or (name in known and ANY_NETWORK in delivered):
        return name
    if name in known:
        what = f"no source delivers {quoted(name)}"
        problems.error(node.place, what, f"Add a source with `network: {name}`, or remove it: this never matches")
    elif ANY_NETWORK not in delivered or get_close_matches(name.lower(), known, n=1, cutoff=0.8):
        problems.error(node.place, f"there is no network {quoted(name)}", one_of(name, known))
    elif not _NETWORK.fullmatch(name):
        to_do = "Write it as the source does: a to z, digits and _, a letter first, at most 20"
        problems.error(node.place, f"{quoted(name)} is no network's name", to_do)
    else:
        return name
    return None


def _authors(scope: Scope, node: Node, problems: Problems) -> frozenset[str]:
    """Handles and ids, and everybody on a list: `{list: fans}`."""
    items: Collection[Node] = [node] if isinstance(node, Tree) else values.items(node, "authors", problems)
    parts = []
    for item in items:
        if isinstance(item, Tree):
            fields = Fields(item, "an author", AUTHOR_LIST, problems)
            named = fields.required("list", scope.list_names) or ()
            parts += [scope.lists[name] for name in named if name in scope.lists]
        elif name := author(item, problems):
            parts.append(frozenset({name}))
    # One list stays one object, however many rules name it.
    return parts[0] if len(parts) == 1 else frozenset().union(*parts)


def _links(node: Node, problems: Problems) -> tuple[bool | None, tuple[str, ...]] | None:
    """Whether it links anywhere, or the domains it links to."""
    if isinstance(node, Scalar) and values.is_flag(node.text.strip()):
        return values.flag(node, problems), ()
    return None, values.references(_domain, "domains", node, problems) or ()


def _domain(node: Node, problems: Problems) -> str | None:
    written = values.text(node, problems)
    if written is None or _DOMAIN.fullmatch(written):
        return written.lower() if written else None
    problems.error(
        node.place, f"{quoted(written)} is no domain", "Write for instance example.com, or true for any link"
    )
    return None


def _repeat_author(node: Node, problems: Problems) -> tuple[int | None, timedelta] | None:
    if isinstance(node, Scalar):
        wanted = values.flag(node, problems)
        if wanted is False:
            what = "`repeat_author: false` asks for nothing"
            problems.error(node.place, what, "Remove it, or write `not: {repeat_author: true}`")
        return (1, _EARLIER_WITHIN) if wanted else None
    fields = Fields(node, "`repeat_author`", REPEAT_AUTHOR, problems)
    posts = fields.optional("posts", _earlier_posts)
    return posts or 1, fields.optional("within", values.duration) or _EARLIER_WITHIN


def _calendar(scope: Scope, node: Node, problems: Problems) -> str | None:
    name = scope.calendar(node, problems)
    if name == ALWAYS:
        problems.error(node.place, f"calendar {ALWAYS} is open at any time", "Name one of the desk's calendars")
        return None
    return name


def _kind(node: Node, problems: Problems) -> str | None:
    return values.choice(node, Kind, "kind", problems)


def _sentiment(node: Node, problems: Problems) -> str | None:
    return values.choice(node, Sentiment, "sentiment", problems)


def _rating(node: Node, problems: Problems) -> float | None:
    return values.number(node, HIGHEST_RATING, problems)


def _followers(node: Node, problems: Problems) -> int | None:
    return values.whole_number(node, MOST_FOLLOWERS, problems)


def _earlier_posts(node: Node, problems: Problems) -> int | None:
    return values.whole_number(node, EARLIER_POSTS_KEPT, problems, lowest=1)
