"""Write units: DynamoDB bills each started KB of an item, and a mention is written about five times on its way."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from datetime import timedelta

import pytest

from answerby.adapters import bodies
from answerby.adapters.items import Item, history_documents, mention_item
from answerby.domain.decide import decide
from answerby.domain.mention import Alert, Author, Entry, Event, Mention, Reason, State
from answerby.domain.transitions import alert_sent, answer
from tests.builders import HOUR, MINUTE, NOW, a_desk, a_mention

UNIT = 1024
RETENTION = timedelta(days=400)

ENGLISH = (
    "I ordered a coffee machine from your shop three weeks ago and it still has not arrived. The tracking page says "
    "it left the depot in Leipzig on the 9th, and nobody picks up the phone when I call. Could somebody please tell "
    "me where my parcel is, or send the 249.90 back? I am really quite disappointed by now."
)
GERMAN = (
    "Ich warte seit über drei Wochen auf meine Kaffeemaschine! Laut Sendungsverfolgung hat sie am 9. das Lager in "
    "Leipzig verlassen, seither nichts mehr. Am Telefon hängt man ewig in der Schleife und auf Mails antwortet auch "
    "niemand. Könnt ihr mir bitte sagen, was los ist, oder mir die 249,90 € zurückgeben? So nicht! \N{POUTING FACE}"
)


def size(item: Item) -> int:
    """By DynamoDB's rules: names and texts in UTF-8; a number takes a byte per two digits and one more.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    names = (name for name in Item.__dataclass_fields__ if name != "body")
    values = {name: getattr(item, name) for name in names if getattr(item, name) is not None}
    plain = sum(len(name) + (len(str(value)) + 1) // 2 + 1 for name, value in values.items() if isinstance(value, int))
    texts = sum(len(name) + len(value.encode()) for name, value in values.items() if isinstance(value, str))
    return plain + texts + len("body") + len(bodies.pack(item.body))


def accepted(text: str) -> Mention:
    """A comment with ids and addresses as long as Facebook's."""
    return replace(
        a_mention(
            "122102233445566778_1029384756473829",
            source="facebook-main",
            brand_account="109876543210987",
            author=Author(id="7654321098765432", name="Sophie Zimmermann"),
            text=text,
            url="https://www.facebook.com/122102233445566778_1029384756473829",
            conversation_id="facebook:109876543210987_122102233445566778",
            in_reply_to="facebook:109876543210987_122102233445566778",
            received_at=NOW + timedelta(milliseconds=4321),
        )
    )


def escalated(text: str) -> Mention:
    """Routed, Ana alerted, and after ten minutes Ben."""
    routed = decide(accepted(text), a_desk(), NOW + timedelta(milliseconds=5432))
    message_id = "7d3c5f6a-9f35-5b0e-8a0b-3e1f0c9d2b41"
    alerted = alert_sent(routed, routed.outbox[0], message_id, NOW + timedelta(milliseconds=6543))
    return decide(alerted, a_desk(), NOW + 10 * MINUTE + timedelta(milliseconds=7654))


@pytest.mark.parametrize("text", [ENGLISH, GERMAN])
def test_a_post_of_300_characters_stays_in_one_unit_from_acceptance_to_escalation(text: str) -> None:
    assert 290 <= len(text) <= 320
    whole = escalated(text)
    assert len(whole.history) == 4
    assert whole.plan
    assert len(whole.plan.rungs) == 3
    sizes = [size(mention_item(mention, RETENTION)) for mention in (accepted(text), whole)]
    assert max(sizes) < UNIT


def test_a_post_of_300_characters_stays_in_one_unit_to_its_answer() -> None:
    answered = answer(escalated(ENGLISH), "ben", NOW + 15 * MINUTE, "https://www.facebook.com/122102233445566778_99")
    assert answered.state is State.ANSWERED
    assert size(mention_item(answered, RETENTION)) < UNIT


def test_the_dictionary_saves_a_quarter_of_the_body() -> None:
    body = mention_item(escalated(ENGLISH), RETENTION).body
    plain = zlib.compress(json.dumps(body, separators=(",", ":")).encode(), 6)
    assert len(bodies.pack(body)) < len(plain) * 3 / 4


def test_a_full_item_stays_far_below_the_limit_of_an_item() -> None:
    note = "escalated, rung 2, message 7d3c5f6a-9f35-5b0e-8a0b-3e1f0c9d2b41"
    history = tuple(Entry(at=NOW + n * HOUR, event=Event.ALERTED, by="ana", note=note) for n in range(100))
    alerts = tuple(
        Alert(id=f"{n:020}", person="ana", reason=Reason.ESCALATED, rung=2, round=n, decided_at=NOW) for n in range(50)
    )
    full = replace(escalated("\N{PILE OF POO}" * 50_000), history=history, outbox=alerts)
    assert size(mention_item(full, RETENTION)) < 350 * 1024


def test_an_open_mention_never_expires() -> None:
    assert mention_item(escalated(ENGLISH), RETENTION).expires_at is None


def test_a_closed_mention_is_kept_for_the_retention_after_the_last_thing_that_happened_to_it() -> None:
    at = NOW + 15 * MINUTE
    closed = mention_item(answer(escalated(ENGLISH), "ben", at), RETENTION)
    assert closed.expires_at == (at + RETENTION).timestamp()


def test_a_waiting_outbox_is_what_the_stream_filter_looks_for() -> None:
    whole = escalated(ENGLISH)
    assert mention_item(whole, RETENTION).outbox_at is not None
    assert mention_item(replace(whole, outbox=()), RETENTION).outbox_at is None


def test_history_is_stored_without_empty_notes() -> None:
    assert history_documents((Entry(at=NOW, event=Event.RECEIVED, by="page"),)) == [
        [int(NOW.timestamp() * 1000), "received", "page"]
    ]
