"""A check that cannot fail proves nothing: each oracle of the fire is shown what it must not let pass."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from answerby.cli.desk_file import load
from answerby.domain.mention import Entry, Event, Mention, Notice, State
from answerby.domain.source import Source
from answerby.networks import NETWORKS
from answerby.usecases import answering
from infra.local.sample_desk import DESK_FILE
from tests.chaos.evidence import Evidence, Heard, heard
from tests.chaos.ledger import Deed, Ledger
from tests.chaos.oracles import ORACLES, Case, violations
from tests.chaos.plan import COMPLAINT, Doing, Fault, Kind, Plan, Story, What
from tests.chaos.points import POINTS
from tests.chaos.saboteur import Damage
from tests.chaos.telling import document, tellings
from tests.world import World

FORGOTTEN = Story(number=1, network="facebook", text=COMPLAINT, forgotten=True)
REPLIED = Story(number=2, network="x", text=COMPLAINT)
EDITED = Story(number=3, network="standard", text=COMPLAINT)
REMOVED = Story(number=4, network="facebook", text=COMPLAINT)
DOINGS = (
    Doing(at=0, what=What.POST, story=FORGOTTEN, together=(REMOVED,)),
    Doing(at=1, what=What.POST, story=REPLIED),
    Doing(at=2, what=What.POST, story=EDITED),
    Doing(at=20, what=What.EDIT, story=EDITED),
    Doing(at=21, what=What.REMOVE, story=REMOVED),
    Doing(at=22, what=What.ACKNOWLEDGE, story=EDITED, by="ben"),
    Doing(at=40, what=What.REPLY, story=REPLIED, place=3),
    Doing(at=41, what=What.ANSWER, story=EDITED, by="ben"),
)
STEP = timedelta(seconds=1)


@pytest.fixture(scope="module")
def sound() -> Case:
    """A small fire that harmed nobody, played by the product itself over ports in memory."""
    desk, _ = load(DESK_FILE)
    world, ledger = World(desk=desk, now=datetime.now(UTC).replace(microsecond=0)), Ledger()
    began = world.now
    for doing in DOINGS:
        world.pass_time(began + timedelta(seconds=doing.at) - world.now, STEP)
        _play(doing, world, ledger)
        world.stream()
    world.pass_time(timedelta(minutes=6), STEP)
    damage = Damage(faults=Counter(Kind), kills=Counter({"sweep_overdue": 1}), points=Counter(POINTS), outages=[2.0])
    return Case(
        plan=Plan(
            seed=1,
            seconds=42,
            doings=DOINGS,
            faults=tuple(Fault(at=1, kind=kind) for kind in Kind)
            + tuple(Fault(at=1, kind=Kind.POINT, point=point) for point in POINTS),
        ),
        ledger=ledger,
        damage=damage,
        evidence=Evidence(
            now=world.now,
            mentions={story.id(): _whole(world, story) for story in (FORGOTTEN, REPLIED, EDITED, REMOVED)},
            alerts=tuple(
                Heard(
                    message=str(number),
                    id=alert.id,
                    mention_id=mention_id,
                    person=alert.person,
                    channel=channel,
                    rung=alert.rung,
                    round=alert.round,
                    decided_at=alert.decided_at,
                )
                for number, (message, alert) in enumerate(zip(world.phone.messages, world.phone.sent, strict=True), 1)
                for mention_id in message.mentions
                for channel in message.channels
            ),
            dead_letters={"SweepDeadLetters": ({},), "RouteDeadLetters": (), "FollowUpsDeadLetters": ()},
            reachable=frozenset(desk.people),
        ),
    )


def _play(doing: Doing, world: World, ledger: Ledger) -> None:
    if doing.what is What.ACKNOWLEDGE:
        answering.acknowledge(
            doing.story.id(), doing.by, world.mentions, world.desks, world.timers, world.now, timedelta(minutes=10)
        )
        ledger.did(Deed(doing, doing.story.id()))
    elif doing.what is What.ANSWER:
        answering.answer(doing.story.id(), doing.by, None, world.mentions, world.now)
        ledger.did(Deed(doing, doing.story.id()))
    else:
        source = Source(id=doing.story.network, network=doing.story.network, brand_account="4242")
        body = json.loads(json.dumps(document(doing, "4242")))
        delivery = NETWORKS[doing.story.network].parse(body, source, world.now)
        world.deliver(*delivery.posts, *delivery.notices)
        ledger.accept(*tellings(doing))


def _whole(world: World, story: Story) -> Mention:
    mention = world.table.get(story.id())
    assert mention
    return world.table.history(mention)


def test_a_sound_fire_alarms_nobody(sound: Case) -> None:
    assert violations(sound) == []
    states = [mention.state for mention in sound.evidence.mentions.values()]
    assert states == [State.OPEN, State.ANSWERED, State.ANSWERED, State.REMOVED]
    assert {alert.person for alert in sound.evidence.alerts} == {"ana", "ben", "cleo"}


def evidence(case: Case, **changes: Any) -> Case:
    return replace(case, evidence=replace(case.evidence, **changes))


def mention(case: Case, story: Story, change: Callable[[Mention], Mention | None]) -> Case:
    changed = {**case.evidence.mentions, story.id(): change(case.evidence.mentions[story.id()])}
    return evidence(case, mentions={id_: each for id_, each in changed.items() if each})


def post(case: Case, story: Story, **changes: Any) -> Case:
    return mention(case, story, lambda m: replace(m, post=replace(m.post, **changes)))


def told_more(case: Case, story: Story, event: Event, by: str = "answerby", note: str | None = None) -> Case:
    entry = Entry(at=case.evidence.now, event=event, by=by, note=note)
    return mention(case, story, lambda m: replace(m, history=(*m.history, entry)))


def without(case: Case, story: Story, *events: Event) -> Case:
    return mention(
        case, story, lambda m: replace(m, history=tuple(entry for entry in m.history if entry.event not in events))
    )


def alerts(case: Case, change: Callable[[tuple[Heard, ...]], tuple[Heard, ...]]) -> Case:
    return evidence(case, alerts=change(case.evidence.alerts))


def ledger(case: Case, **changes: Any) -> Case:
    return replace(case, ledger=replace(case.ledger, **changes))


def damage(case: Case, **changes: Any) -> Case:
    return replace(case, damage=replace(case.damage, **changes))


def _notice_of(case: Case, due: datetime) -> Mapping[tuple[str, str], Notice]:
    from answerby.domain.mention import NoticeKind

    known = case.evidence.mentions[REPLIED.id()].post
    return {(known.id, "removal"): Notice(kind=NoticeKind.REMOVAL, post=known, next_check_at=due)}


LATE = timedelta(seconds=121)

BROKEN: dict[str, list[Callable[[Case], Case]]] = {
    "everybody_is_heard_in_the_end": [lambda case: ledger(case, unheard=["a post"])],
    "what_got_a_2xx_is_stored": [
        lambda case: mention(case, REPLIED, lambda _: None),
        lambda case: post(case, REPLIED, text="other words"),
        lambda case: post(case, EDITED, text=COMPLAINT),
        lambda case: post(case, REPLIED, author=case.evidence.mentions[EDITED.id()].post.author),
        lambda case: without(case, REMOVED, Event.REMOVED),
        lambda case: mention(case, REPLIED, lambda m: replace(m, state=State.OPEN)),
    ],
    "what_people_did_is_stored": [
        lambda case: mention(case, EDITED, lambda m: replace(m, state=State.OPEN)),
        lambda case: without(case, EDITED, Event.ACKNOWLEDGED),
        lambda case: mention(case, EDITED, lambda _: None),
    ],
    "a_post_is_one_mention": [
        lambda case: told_more(case, FORGOTTEN, Event.RECEIVED),
        lambda case: evidence(
            case,
            mentions={**case.evidence.mentions, "x:1": _renamed(case.evidence.mentions[REPLIED.id()], "x:1")},
        ),
    ],
    "whatever_is_open_is_checked_again": [
        lambda case: mention(case, FORGOTTEN, lambda m: replace(m, next_check_at=None)),
        lambda case: replace(case, unwatched=frozenset({"x:1"})),
    ],
    "nothing_is_overdue": [
        lambda case: mention(case, FORGOTTEN, lambda m: replace(m, next_check_at=case.evidence.now - LATE)),
        lambda case: evidence(case, notices=_notice_of(case, case.evidence.now - LATE)),
        lambda case: mention(case, FORGOTTEN, lambda m: replace(m, outbox=(_old_alert(case),))),
    ],
    "a_check_is_late_by_no_more_than_faults_explain": [lambda case: replace(case, worst_lateness=300)],
    "whoever_is_forgotten_is_called_out": [
        lambda case: alerts(case, lambda sent: tuple(alert for alert in sent if alert.person != "cleo")),
        lambda case: mention(case, FORGOTTEN, lambda m: replace(m, breached=False)),
        lambda case: without(case, FORGOTTEN, Event.BREACHED),
    ],
    "what_is_past_its_time_is_escalated": [
        lambda case: mention(case, FORGOTTEN, lambda m: replace(m, escalate_at=case.evidence.now - LATE)),
        lambda case: mention(case, FORGOTTEN, lambda m: replace(m, escalate_at=None)),
        lambda case: mention(case, FORGOTTEN, lambda m: replace(m, breached=False)),
    ],
    "nobody_is_called_after_the_end": [
        lambda case: alerts(
            case, lambda sent: (*sent, replace(_about(case, REPLIED), decided_at=case.evidence.now + STEP))
        ),
        lambda case: told_more(case, REPLIED, Event.ESCALATED, note="rung 2: ben"),
    ],
    "what_the_history_tells_was_sent": [
        lambda case: told_more(case, FORGOTTEN, Event.ALERTED, by="ana", note="repeated, rung 3, message 99"),
        lambda case: told_more(case, FORGOTTEN, Event.ALERTED, by="ana", note="repeated, rung 3, by word of mouth"),
        lambda case: alerts(case, lambda sent: sent[2:]),
    ],
    "an_alert_is_repeated_only_by_a_crash": [
        lambda case: alerts(case, lambda sent: sent * (2 + case.damage.crashes)),
        lambda case: alerts(case, lambda sent: (*sent, *[sent[0]] * (case.damage.crashes + 1))),
    ],
    "a_round_calls_a_person_once": [
        lambda case: alerts(case, lambda sent: (*sent, replace(_about(case, FORGOTTEN), id="another"))),
    ],
    "the_history_tells_the_state": [
        lambda case: mention(case, FORGOTTEN, lambda m: replace(m, state=State.ANSWERED)),
        lambda case: without(case, REPLIED, Event.ANSWERED),
        lambda case: mention(case, FORGOTTEN, lambda m: replace(m, history=m.history[::-1])),
    ],
    "every_dead_letter_is_explained": [
        lambda case: evidence(case, dead_letters={"RouteDeadLetters": ({},)}),
        lambda case: evidence(case, dead_letters={"SweepDeadLetters": ({}, {}, {})}),
        lambda case: evidence(case, dead_letters={"FollowUpsDeadLetters": ({"mention_id": "x:1", "item": "mention"},)}),
    ],
    "who_is_in_charge_can_be_reached": [
        lambda case: evidence(case, reachable=frozenset({"ben"})),
        lambda case: mention(case, FORGOTTEN, lambda m: replace(m, assignee=None)),
    ],
    "everything_that_can_go_wrong_did": [
        lambda case: damage(case, faults=Counter({Kind.KILL: 1})),
        lambda case: damage(case, points=Counter(POINTS[1:])),
    ],
}


def _renamed(known: Mention, id_: str) -> Mention:
    return replace(known, post=replace(known.post, id=id_))


def _about(case: Case, story: Story) -> Heard:
    return next(alert for alert in case.evidence.alerts if alert.mention_id == story.id())


def _old_alert(case: Case) -> Any:
    from answerby.domain.mention import Alert, Reason

    return Alert(id="a", person="ana", reason=Reason.REPEATED, rung=3, round=9, decided_at=case.evidence.now - LATE)


def test_each_oracle_is_shown_what_it_is_for() -> None:
    assert list(BROKEN) == [oracle.__name__ for oracle in ORACLES]


@pytest.mark.parametrize(
    ("oracle", "harm"),
    [(oracle, harm) for oracle, harms in BROKEN.items() for harm in harms],
    ids=[f"{oracle}-{number}" for oracle, harms in BROKEN.items() for number, _ in enumerate(harms)],
)
def test_an_oracle_alarms(oracle: str, harm: Callable[[Case], Case], sound: Case) -> None:
    alarms = violations(harm(sound))

    assert any(alarm.startswith(f"{oracle}: ") for alarm in alarms), alarms


def test_a_bundle_is_as_many_alerts_as_it_names() -> None:
    message = {
        "id": "1", "mention_id": "x:1", "mention_ids": ["x:1", "x:2"], "alert_ids": ["1", "2"],
        "person": "ana", "reason": "bundle", "decided_at": "2026-11-22T00:00:00Z", "channels": ["sms", "email"],
    }  # fmt: skip

    told = [(each.mention_id, each.id, each.channel) for each in heard("m", message)]

    assert told == [("x:1", "1", "sms"), ("x:1", "1", "email"), ("x:2", "2", "sms"), ("x:2", "2", "email")]
