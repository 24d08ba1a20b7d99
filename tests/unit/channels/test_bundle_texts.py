"""What a person reads when several alerts are told together, whatever the posts contain."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from answerby.channels import bundle
from answerby.channels.gsm7 import ALPHABET, ONE_PART
from answerby.domain.manners import Line, most_urgent_first
from answerby.domain.mention import Priority, Reason
from tests.builders import ANA, HOUR, MINUTE, NOW

LINK = "https://abcdefghij.execute-api.eu-central-1.amazonaws.com/m/"
any_text = st.text(st.characters(codec=None), max_size=200)


def a_line(number: str, **changes: object) -> Line:
    line = Line(
        alert_id=number,
        mention_id=f"facebook:{number}",
        reason=Reason.ROUTED,
        priority=Priority.NORMAL,
        about="facebook comment, Sam Carter: My parcel never came.",
        since=NOW,
        answer_by=NOW + HOUR,
    )
    return replace(line, **changes)  # type: ignore[arg-type]


LINES = most_urgent_first(
    [
        a_line("1"),
        a_line("2", priority=Priority.HIGH, answer_by=NOW + 2 * HOUR, about="facebook review, Kim: Late again"),
        a_line("old", reason=Reason.DIGEST, about="facebook post, Lee: Years ago", answer_by=None),
    ]
)


def test_the_sms_tells_how_many_the_worst_the_nearest_deadline_and_the_most_urgent() -> None:
    assert bundle.sms(LINES, ANA, "https://answers.example.com/m/facebook:2", NOW) == (
        "Answerby: 2 posts and 1 older post for you, HIGH, by 11:00. First: facebook review, Kim: Late again "
        "https://answers.example.com/m/facebook:2"
    )


def test_overdue_posts_are_said_to_be() -> None:
    assert "overdue since 11:00" in bundle.sms([a_line("1")], ANA, LINK, NOW + 2 * HOUR)
    assert "overdue since 11:00" in bundle.mail([a_line("1")], 1, ANA, str, NOW + 2 * HOUR)


def test_older_posts_alone_have_no_deadline() -> None:
    older = [a_line(str(n), reason=Reason.DIGEST, answer_by=NOW - timedelta(days=9)) for n in range(3)]
    assert bundle.sms(older, ANA, LINK + "facebook:0", NOW).startswith("Answerby: 3 older posts for you.")
    assert bundle.subject(older, ANA, NOW) == "3 older posts for you"


def test_the_mail_names_each_post_with_its_link_the_older_ones_apart() -> None:
    assert bundle.subject(LINES, ANA, NOW) == "[high] 2 posts and 1 older post for you, by 11:00"
    body = bundle.mail(LINES, 3, ANA, LINK.__add__, NOW + MINUTE)
    assert "by 12:00  [high]  facebook review, Kim: Late again\n  " + LINK + "facebook:2" in body
    assert body.index("facebook:2") < body.index("facebook:1") < body.index("Older posts") < body.index("facebook:old")
    assert "As of Mon 02 Mar 10:01 (Europe/Madrid)." in body


def test_a_mail_that_does_not_hold_all_says_of_how_many() -> None:
    assert "2 posts and 1 older post of 2000 wait for you" in bundle.mail(LINES, 2_000, ANA, str, NOW)


@given(about=any_text, native_id=st.from_regex(r"[A-Za-z0-9._-]{1,120}", fullmatch=True), count=st.integers(1, 3_000))
def test_whatever_the_posts_the_sms_is_one_part_and_the_subject_one_line(
    about: str, native_id: str, count: int
) -> None:
    lines = [a_line(native_id, about=about)] * count
    message = bundle.sms(lines, ANA, LINK + lines[0].mention_id, NOW)
    assert len(message) <= ONE_PART
    assert set(message) <= ALPHABET
    subject = bundle.subject(lines, ANA, NOW)
    assert 0 < len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()


@given(about=any_text)
def test_the_mail_has_no_control_characters_and_no_line_can_be_forged(about: str) -> None:
    body = bundle.mail([a_line("1", about=f"{about}\nAs of {about}")], 1, ANA, str, NOW)
    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs") or char in "\n\t\u200c\u200d" for char in body)
    assert len([line for line in body.splitlines() if line.startswith("As of")]) == 1
