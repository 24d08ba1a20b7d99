"""Which posts now go to whom, and how soon they are to be answered."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from answerby.cli.comparing.difference import Aspect, Difference, changed_fields, name_of, value
from answerby.cli.output import length
from answerby.domain.desk import Condition, Desk, Policy, Rule

_NAMED_RULES = 3
_CALLED = {"answer_within": "answer within", "next_within": "answer a next post within", "ack_for": "pauses for"}


def rules(before: Desk, after: Desk) -> Iterator[Difference]:
    was, is_ = ({rule.id: rule for rule in desk.rules} for desk in (before, after))
    for id_, rule in was.items():
        if id_ not in is_:
            text = f"rule {id_} is gone: {posts(rule, before)} go by the rules after it"
            yield Difference(aspect=Aspect.RULE, id=id_, text=text)
    for place, rule in enumerate(after.rules):
        if rule.id not in was:
            yield _new(rule, after.rules[place + 1 :], after)
        else:
            yield from _changed(was[rule.id], rule, before, after)
    yield from _moved(was, is_)


def policies(before: Desk, after: Desk) -> Iterator[Difference]:
    for id_ in before.policies:
        if id_ not in after.policies:
            yield Difference(aspect=Aspect.POLICY, id=id_, text=f"policy {id_} is gone")
    for id_, policy in after.policies.items():
        known = before.policies.get(id_)
        if known is None:
            text = f"new policy {id_}: answer within {length(policy.answer_within)}, ladder {policy.ladder}"
            yield Difference(aspect=Aspect.POLICY, id=id_, text=text)
        elif known != policy:
            of = _governed(id_, after)
            for change in [*changed_fields(known, policy, _CALLED, ["reminders"]), *_reminders(known, policy)]:
                yield Difference(aspect=Aspect.POLICY, id=id_, text=f"{of}: {change}")


def owner(rule: Rule, desk: Desk) -> str:
    return rule.person or desk.teams[rule.team].members[0]


def posts(rule: Rule, desk: Desk) -> str:
    """The posts a rule takes, as people would call them: `cancellation posts on Facebook`."""
    if rule.when == Condition():
        return "all other posts"
    what = f"{rule.topic} posts" if rule.topic else f"posts by rule {rule.id}"
    where = " and ".join(sorted(network.title() for network in rule.when.networks))
    said = f"{what} on {where}" if where else what
    alike = [each for each in desk.rules if (each.topic, each.when.networks) == (rule.topic, rule.when.networks)]
    return f"{said} (rule {rule.id})" if rule.topic and len(alike) > 1 else said


def _new(rule: Rule, following: Sequence[Rule], desk: Desk) -> Difference:
    before = f", tried before {following[0].id}" if following else ""
    within = length(desk.policies[rule.policy].answer_within)
    text = (
        f"new rule {rule.id}{before}: {posts(rule, desk)} go to {name_of(owner(rule, desk), desk)},"
        f" answer within {within}, priority {rule.priority}"
    )
    return Difference(aspect=Aspect.RULE, id=rule.id, text=text)


def _changed(was: Rule, is_: Rule, before: Desk, after: Desk) -> Iterator[Difference]:
    of = posts(is_, after)
    had, has = owner(was, before), owner(is_, after)
    if had != has:
        text = f"{of} now go to {name_of(has, after)}, not {name_of(had, before, after)}"
        yield Difference(aspect=Aspect.OWNER, id=is_.id, text=text)
    changes = [*changed_fields(was, is_, {}, ["when", "policy", "person"]), *_conditions(was.when, is_.when)]
    if was.policy != is_.policy:
        changes.append(_other_policy(before.policies[was.policy], after.policies[is_.policy]))
    for change in changes:
        yield Difference(aspect=Aspect.RULE, id=is_.id, text=f"{of}: {change}")


def _other_policy(was: Policy, is_: Policy) -> str:
    names = f"policy {is_.id}, was {was.id}"
    if was.answer_within == is_.answer_within:
        return names
    return f"answer within {length(is_.answer_within)}, was {length(was.answer_within)} ({names})"


def _governed(policy: str, desk: Desk) -> str:
    """The posts a policy is for, as far as they can be named in a line."""
    taken = [posts(rule, desk) for rule in desk.rules if rule.policy == policy]
    if not taken or len(taken) > _NAMED_RULES:
        return f"policy {policy}" if not taken else f"policy {policy} ({len(taken)} rules)"
    return ", ".join(taken)


def _reminders(was: Policy, is_: Policy) -> Iterator[str]:
    if was.reminders != is_.reminders:
        yield f"reminders {_times(is_)}, were {_times(was)}"


def _times(policy: Policy) -> str:
    times = (f"at {at:.0%} of the time" if isinstance(at, float) else f"{length(at)} before" for at in policy.reminders)
    return " and ".join(times) or "none"


def _conditions(was: Condition, is_: Condition, of: str = "takes") -> Iterator[str]:
    for field in fields(Condition):
        had, has = getattr(was, field.name), getattr(is_, field.name)
        name = f"{of} {field.name.replace('_', ' ')}"
        if had == has:
            continue
        if field.name in {"any_of", "all_of", "none_of"}:
            yield f"its nested conditions ({field.name.removesuffix('_of')}) are others"
        elif isinstance(has, tuple | frozenset) and had and has:
            yield f"{name} {_plus_and_minus(had, has)}"
        else:
            yield f"{name} {value(has) if has not in ((), frozenset()) else 'any'}, was {value(had) if had else 'any'}"


def _plus_and_minus(had: Any, has: Any) -> str:
    new, gone = ([each for each in a if each not in b] for a, b in ((has, had), (had, has)))
    more = [f"also {value(frozenset(new))}"] if new else []
    less = [f"no longer {value(frozenset(gone))}"] if gone else []
    return ", ".join(more + less) or "in another order"


def _moved(was: Mapping[str, Rule], is_: Mapping[str, Rule]) -> Iterator[Difference]:
    """Rules that some post could tell from where they were: what two rules both take goes by the first of them."""
    old = {id_: place for place, id_ in enumerate(id_ for id_ in was if id_ in is_)}
    new = {id_: place for place, id_ in enumerate(id_ for id_ in is_ if id_ in was)}
    in_place = _in_place([old[each] for each in new], list(new))
    for id_ in (each for each in new if each not in in_place):
        rule = is_[id_]
        passed = [other for other in new if (old[other] < old[id_]) != (new[other] < new[id_])]
        mattering = [other for other in passed if _may_clash(rule, is_[other])]
        for said, others in (
            ("before", [other for other in mattering if new[id_] < new[other]]),
            ("after", [other for other in mattering if new[id_] > new[other]]),
        ):
            if others:
                text = f"rule {id_} is now tried {said} {', '.join(others)}: it {_effect(said)} what both take"
                yield Difference(aspect=Aspect.RULE, id=id_, text=text)
        if not mattering:
            text = f"rule {id_} has another place, which no post can tell"
            yield Difference(aspect=Aspect.ORDER, id=id_, text=text)


def _effect(said: str) -> str:
    return "now takes" if said == "before" else "no longer takes"


def _in_place(places: Sequence[int], ids: Sequence[str]) -> set[str]:
    """The longest run of rules that kept their order: all others have moved."""
    ends: list[int] = []
    chains: list[list[str]] = []
    for place, id_ in zip(places, ids, strict=True):
        at = bisect_left(ends, place)
        chain = [*(chains[at - 1] if at else []), id_]
        ends[at : at + 1], chains[at : at + 1] = [place], [chain]
    return set(chains[-1]) if chains else set()


def _may_clash(rule: Rule, other: Rule) -> bool:
    """Whether one post may be taken by both, and it matters by which. Says yes in doubt."""
    same = all(
        getattr(rule, field.name) == getattr(other, field.name)
        for field in fields(Rule)
        if field.name not in {"id", "when"}
    )
    return not same and not _exclude(rule.when, other.when)


def _exclude(one: Condition, two: Condition) -> bool:
    for name in ("networks", "sources", "kinds", "languages", "sentiments"):
        a, b = getattr(one, name), getattr(two, name)
        if a and b and not a & b:
            return True
    return any(
        least is not None and most is not None and least > most
        for x, y in ((one, two), (two, one))
        for least, most in (
            (x.rating_at_least, y.rating_at_most),
            (x.followers_at_least, y.followers_at_most),
        )
    )
