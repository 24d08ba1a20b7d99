"""What an owner gets to read, whatever the post contains."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from answerby.channels import mail, sms
from answerby.channels.gsm7 import ALPHABET, ONE_PART, clip, gsm7
from answerby.domain.decide import decide
from answerby.domain.desk import Ladder, Rung, Topic
from answerby.domain.mention import Alert, Author, Kind, Mention, Priority, Reason
from answerby.domain.rotation import Layer, Rotation, Unit
from answerby.domain.transitions import alert_sent, answer
from tests.builders import ANA, CLEO, HOUR, MINUTE, NOW, a_desk, a_mention

LINK = "https://abcdefghij.execute-api.eu-central-1.amazonaws.com/m/"
any_text = st.text(st.characters(codec=None), max_size=400)


def an_alert(**changes: object) -> tuple[Alert, Mention]:
    mention = decide(a_mention(**changes), a_desk(), NOW)  # type: ignore[arg-type]
    return mention.outbox[0], mention


@given(text=any_text, name=any_text, native_id=st.from_regex(r"[A-Za-z0-9._-]{1,120}", fullmatch=True))
@example(text="😡" * 5000, name="مرحبا", native_id="1" * 64)
@example(text="x" * 10_000, name="\u202e\r\nBcc: all", native_id="901097836652708_903438993085259")
def test_the_sms_is_one_gsm7_part_with_id_rung_deadline_and_link(text: str, name: str, native_id: str) -> None:
    alert, mention = an_alert(native_id=native_id, text=text, author=Author(id="1", name=name))
    message = sms.text(alert, mention, ANA, LINK + mention.id)
    assert len(message) <= ONE_PART
    assert set(message) <= ALPHABET
    assert "\n" not in message
    assert message.endswith(LINK + mention.id if len(native_id) <= 64 else mention.id)
    assert "L1.1 " in message
    assert "by 11:00" in message


def test_the_sms_of_a_usual_post_says_what_and_by_when_in_the_owners_time() -> None:
    alert, mention = an_alert(text="My parcel never came 😡", native_id="123_456")
    message = sms.text(alert, mention, ANA, "https://answers.example.com/m/" + mention.id)
    assert message == (
        "Answerby L1.1 by 11:00 facebook comment, Sam Carter: My parcel never came "
        "https://answers.example.com/m/facebook:123_456"
    )


def test_the_sms_stays_in_the_alphabet_whatever_the_link() -> None:
    alert, mention = an_alert()
    assert set(sms.text(alert, mention, ANA, "https://care.example/~acme/m/facebook:1")) <= ALPHABET


def test_the_question_after_an_answer_says_what_is_asked_and_how_to_end_it() -> None:
    alert, mention = an_alert()
    asked = replace(alert, reason=Reason.UNRESOLVED)
    answered = replace(answer(mention, "ana", NOW), resolve_by=NOW, escalate_at=NOW)
    assert "answered, not resolved" in sms.text(asked, answered, ANA, "https://a.example/m/1")
    body = mail.text(asked, answered, ANA, a_desk(), "https://a.example/m/1")
    assert "answerby mention resolve facebook:1" in body
    assert "Without an answer" not in body


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.TEST])
def test_every_mail_says_why_it_comes(reason: Reason) -> None:
    alert, mention = an_alert()
    first, *_ = mail.text(replace(alert, reason=reason), mention, ANA, a_desk(), "https://a.example/m/1").splitlines()
    assert first.startswith("Ana Ruiz, ")


def test_an_urgent_or_overdue_post_says_so() -> None:
    alert, mention = an_alert(text="refund", posted_at=NOW - timedelta(hours=2))
    assert "URGENT overdue since 08:15" in sms.text(alert, mention, ANA, "https://a.example/m/1")


def test_a_chain_tells_how_many_posts_wait() -> None:
    alert, mention = an_alert()
    waiting = replace(mention, followed_by=("facebook:2", "facebook:3"))
    assert "(3 posts)" in sms.text(alert, waiting, ANA, "https://a.example/m/1")
    assert "the first of 3 posts" in mail.text(alert, waiting, ANA, a_desk(), "https://a.example/m/1")


@given(text=any_text, name=any_text, priority=st.sampled_from(Priority))
@example(text="x" * 300, name="a\r\nBcc: everyone@example.com", priority=Priority.HIGH)
def test_the_subject_is_one_short_ascii_line(text: str, name: str, priority: Priority) -> None:
    alert, mention = an_alert(text=text, author=Author(name=name))
    subject = mail.subject(alert, replace(mention, priority=priority))
    assert 0 < len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()
    assert subject[0] in "["


@given(text=any_text, name=any_text, url=any_text)
def test_the_mail_has_no_control_or_direction_characters(text: str, name: str, url: str) -> None:
    alert, mention = an_alert(text=text, author=Author(name=name), url=url)
    body = mail.text(alert, mention, ANA, a_desk(), LINK)
    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs") or char in "\n\t\u200c\u200d" for char in body)


@given(name=any_text, handle=any_text)
def test_an_author_cannot_forge_a_line_of_the_mail(name: str, handle: str) -> None:
    alert, mention = an_alert(author=Author(name=f"{name}\nNext: {handle}", handle=handle))
    lines = mail.text(alert, mention, ANA, a_desk(), LINK).splitlines()
    assert [line for line in lines if line.startswith("Next: ")] == [
        "Next: without an answer, Ben Okafor will be called at 10:10."
    ]


def test_the_mail_tells_the_whole_post_why_what_was_tried_and_what_is_next() -> None:
    _, mention = an_alert(text="First line\nsecond line " + "long " * 2000)
    told = alert_sent(mention, mention.outbox[0], "m-1", NOW)
    escalated = decide(told, a_desk(), NOW + 10 * MINUTE)
    body = mail.text(escalated.outbox[0], escalated, CLEO, a_desk(), LINK)
    assert "  First line\n  second line long" in body
    assert body.count("long") == 2000
    assert "Why you: rule otherwise (to ana: it takes whatever no other rule took)" in body
    assert "02 Mar 09:00  Ana Ruiz was alerted" in body
    assert "Next: without an answer, Cleo Laurent will be called at 09:20." in body


def test_the_mail_names_whoever_will_be_on_call_then() -> None:
    layer = Layer(people=("ben", "cleo"), starts=NOW.date(), hand_over=9 * 60 + 5, unit=Unit.DAYS)
    desk = a_desk(
        ladders={
            "standard": Ladder(
                id="standard", rungs=(Rung(who=("owner",), wait=24 * HOUR), Rung(who=("turns",), wait=24 * HOUR))
            )
        },
        rotations={"turns": Rotation(id="turns", time_zone="UTC", layers=(layer,))},
    )
    routed = decide(a_mention(), desk, NOW)
    body = mail.text(routed.outbox[0], routed, ANA, desk, LINK)
    assert "Next: without an answer, Ben Okafor will be called at Tue 03 Mar 10:00." in body


def test_a_post_beyond_reason_is_cut_and_says_so() -> None:
    alert, mention = an_alert(text="x" * 200_000)
    body = mail.text(alert, mention, ANA, a_desk(), LINK)
    assert len(body) < 60_000
    assert "(cut here; the post is longer)" in body


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_words(kind: Kind) -> None:
    alert, mention = an_alert(kind=kind, text="")
    assert "(no text" in mail.text(alert, mention, ANA, a_desk(), LINK)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("Žofia", "Zofia"),
        ("naïve café", "naive cafe"),
        ("привет", "privet"),
        ("ok 👍🏽!", "ok !"),
        ("[a]{b}", "(a)(b)"),
        ("€5", "EUR5"),
        ("a\tb\r\nc", "a b c"),
        ("über", "über"),
    ],
)
def test_other_scripts_are_romanised_and_emoji_dropped(text: str, spelled: str) -> None:
    assert gsm7(text).replace("é", "e") == spelled


def test_clipping_ends_at_a_word_where_that_costs_little() -> None:
    assert clip("one two three four", 17) == "one two three.."
    assert clip("short", 14) == "short"


def test_the_mail_says_how_to_answer_what_a_post_is_about() -> None:
    guidance = "Say that you are sorry.\nAdmit nothing."
    desk = a_desk(topics={"refund": Topic(id="refund", guidance=guidance)})
    mention = decide(a_mention(text="I want a refund"), desk, NOW)
    body = mail.text(mention.outbox[0], mention, ANA, desk, LINK)
    assert "How to answer:\n  Say that you are sorry.\n  Admit nothing.\n\nWhy you:" in body


def test_a_crisis_is_called_one_by_every_channel() -> None:
    desk = a_desk(topics={"refund": Topic(id="refund", crisis=True)})
    mention = decide(a_mention(text="I want a refund"), desk, NOW)
    assert {alert.person for alert in mention.outbox} == {"ana", "cleo"}
    alert = mention.outbox[0]
    assert sms.text(alert, mention, ANA, LINK + mention.id).startswith("Answerby L1.1 CRISIS by ")
    assert mail.subject(alert, mention).startswith("[CRISIS] ")
    assert "This is a crisis: the lead of the team is called as well." in mail.text(alert, mention, ANA, desk, LINK)
