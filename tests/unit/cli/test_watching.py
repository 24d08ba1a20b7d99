from __future__ import annotations

import json
from datetime import timedelta

from answerby.cli.watching import HeardAlert, Histories, heard
from answerby.domain.decide import decide
from answerby.domain.mention import Event
from answerby.domain.transitions import answer
from tests.builders import NOW, a_desk, a_mention
from tests.fakes.mentions import FakeMentions


def events(histories: Histories) -> list[Event]:
    return [entry.event for _, entry in histories.news()]


def test_each_line_of_history_is_told_once_to_the_end() -> None:
    mentions = FakeMentions()
    histories = Histories(mentions, since=NOW)
    mentions.add(a_mention())
    assert events(histories) == [Event.RECEIVED]
    open_ = mentions.save(decide(a_mention(), a_desk(), NOW))
    assert events(histories) == [Event.ROUTED]
    assert events(histories) == []
    mentions.save(answer(open_, "ana", NOW + timedelta(minutes=1)))
    assert events(histories)[-1] is Event.ANSWERED
    assert events(histories) == []


def test_what_was_before_is_not_told() -> None:
    mentions = FakeMentions()
    mentions.add(a_mention())
    assert events(Histories(mentions, since=NOW + timedelta(seconds=1))) == []


DOCUMENT = {"person": "ana", "mention_id": "x:1", "sms": "short", "mail": {"subject": "subject", "text": "long"}}
ALERT = HeardAlert(person="ana", mention_id="x:1", sms="short", subject="subject")


def test_an_alert_is_read_with_and_without_its_envelope() -> None:
    plain = json.dumps(DOCUMENT)
    assert heard(plain) == heard(json.dumps({"Type": "Notification", "Message": plain})) == ALERT


def test_other_messages_are_passed_over() -> None:
    assert [heard(body) for body in ("", "[]", "{}", "1", json.dumps({**DOCUMENT, "mail": None}))] == [None] * 5
