"""What applying a desk would do, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.text import Text

from answerby.cli.applying import Plan
from answerby.cli.comparing import Aspect, Difference, differences
from answerby.cli.comparing.difference import name_of
from answerby.cli.errors import sentence
from answerby.cli.moving import HandOver
from answerby.cli.output import shown
from answerby.domain.desk import Desk
from answerby.networks.webhook import Keys

_NAMED_POSTS = 3


def change_lines(changes: Sequence[Difference], moved: Sequence[HandOver], desk: Desk) -> list[Text]:
    """What is different for people and posts, the most important first; `desk` is the one to come."""
    left = [each for each in changes if each.aspect is Aspect.LEFT]
    told = [Text(f"  {sentence(shown(each.text))}", "red") for each in left]
    told += [Text(f"  {line}", "yellow") for line in _moved(moved, desk)]
    return told + [Text(f"  {sentence(shown(each.text))}") for each in changes if each not in left]


def plan_lines(planned: Plan, now: datetime) -> Sequence[Text]:
    if planned.is_empty:
        return [Text(f"Nothing to do: version {planned.in_force} is this desk.")]
    lines = []
    if planned.current or planned.hand_overs:
        changes = differences(planned.current, planned.desk, now) if planned.current else []
        told = change_lines(changes, planned.hand_overs, planned.desk)
        lines += [Text("What changes:", "bold"), *told] if told else []
    lines.append(Text("This will be done:", "bold"))
    if planned.changed:
        place = f"in place of version {planned.in_force}" if planned.in_force else "the first"
        lines.append(_add(f"publish the desk, {place}"))
    lines += [_add(f"create the topic of {person}") for person in planned.new_topics]
    lines += [
        _add(f"subscribe {each.contact.protocol} {each.contact.endpoint} to {each.person}")
        for each in planned.new_subscriptions
    ]
    lines += [
        _add(f"send {each.person} by {each.contact.protocol} only what is for it")
        for each in planned.loud_subscriptions
    ]
    for id_ in planned.new_sources:
        source, keys = planned.sources[id_]
        secret = "with the secret given" if keys.secrets else "asks for its app secret"
        made = "makes its secret" if id_ in planned.made_secrets else secret
        lines.append(_add(f"add source {id_} ({source.network}, {shown(source.brand_account)}), {made}"))
    lines += [line for id_ in planned.changed_sources for line in _changes(planned, id_)]
    lines += [
        _remove(f"unsubscribe {each.contact.protocol} {each.contact.endpoint} from {each.person}")
        for each in planned.gone_subscriptions
    ]
    for person, foreign in planned.gone_topics.items():
        lines.append(_remove(f"delete the topic of {person}"))
        # Nothing subscribes these again, not even if the person stays under another id.
        lines += [_remove(f"unsubscribe {shown(f'{each.protocol} {each.endpoint}')} with it") for each in foreign]
    lines += [_remove(f"forget source {id_} and its secret") for id_ in planned.gone_sources]
    return lines


def _moved(moved: Sequence[HandOver], desk: Desk) -> Iterator[str]:
    posts: dict[tuple[str, str], list[str]] = {}
    for each in moved:
        posts.setdefault((each.left, each.to), []).append(each.mention.id)
    for (left, to), ids in posts.items():
        named = ", ".join(map(shown, ids[:_NAMED_POSTS]))
        more = f" and {len(ids) - _NAMED_POSTS} more" if len(ids) > _NAMED_POSTS else ""
        go = "posts of {} go" if len(ids) > 1 else "post of {} goes"
        yield f"{len(ids)} open {go.format(left)} to {name_of(to, desk)}: {named}{more}."


def _changes(planned: Plan, source: str) -> Iterator[Text]:
    (was, had), (is_, has) = planned.stored[source], planned.sources[source]
    if is_ != was:
        yield _change(f"change source {source}")
    if not has.secrets:
        yield _add(f"ask for the app secret of {source}, {_old_secrets(had, has)}")
    elif has.secrets != had.secrets:
        new = "make a secret for" if source in planned.made_secrets else "add a secret to"
        yield _add(f"{new} {source}, {_old_secrets(had, has)}")


def _old_secrets(had: Keys, has: Keys) -> str:
    kept = set(had.secrets) & set(has.secrets)
    if not kept:
        return "forget the old one"
    return "keep the old one" if len(kept) == len(had.secrets) else "keep the last one, forget the one before it"


def _add(what: str) -> Text:
    return Text(f"  + {what}", "green")


def _change(what: str) -> Text:
    return Text(f"  ~ {what}", "yellow")


def _remove(what: str) -> Text:
    return Text(f"  - {what}", "red")
