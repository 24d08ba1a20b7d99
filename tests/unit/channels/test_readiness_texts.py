"""What a lead reads when the desk is not ready, and what a person reads of a test."""

from __future__ import annotations

from datetime import timedelta

from answerby.channels import mail, readiness, sms
from answerby.channels.gsm7 import ALPHABET, ONE_PART
from answerby.domain.drill import drill
from answerby.domain.readiness import Finding, Severity
from tests.builders import ANA, HOUR, NOW, a_desk

GAP = Finding(
    severity=Severity.ERROR,
    about="ladder standard, rung 3 (cleo)",
    what="nobody to call",
    to_do="Add an override",
    times=tuple((NOW + timedelta(days=day), NOW + timedelta(days=day) + HOUR) for day in range(8)),
)


def test_the_sms_is_one_part_whatever_was_found() -> None:
    for finding in (GAP, Finding(severity=Severity.WARNING, about="Ünïcödé 🦊" * 40, what="x" * 500, to_do="")):
        text = readiness.sms([finding] * 12)
        assert len(text) <= ONE_PART
        assert set(text) <= ALPHABET
        assert text.endswith("Run: answerby desk ready")


def test_the_mail_says_what_when_in_the_leads_own_time_and_what_to_do() -> None:
    text = readiness.mail([GAP], ANA, NOW)
    assert "ERROR  ladder standard, rung 3 (cleo): nobody to call" in text
    assert "Mon 02 Mar 10:00 - Mon 02 Mar 11:00" in text
    assert "and 3 times more" in text
    assert "What to do: Add an override." in text
    assert "(Europe/Madrid)" in text


def test_a_thousand_findings_stay_one_mail() -> None:
    text = readiness.mail([GAP] * 1_000, ANA, NOW)
    assert "and 800 more" in text
    assert len(text) < 120_000


def test_the_subject_is_ascii_of_less_than_100_characters() -> None:
    assert readiness.SUBJECT.isascii()
    assert len(readiness.SUBJECT) < 100


def test_a_test_alert_says_that_it_is_one() -> None:
    test = drill(ANA, "cleo", NOW)
    (alert,) = test.outbox
    link = f"https://a.example/m/{test.id}"
    short = sms.text(alert, test, ANA, link)
    assert short == f"Answerby L1.1 by 11:00 TEST, no post: acknowledge it {link}"
    assert len(short) <= ONE_PART
    assert mail.subject(alert, test).startswith("[test] ")
    text = mail.text(alert, test, ANA, a_desk(), link)
    assert "Ana Ruiz, this is a test of your alerts." in text
    assert f"answerby mention acknowledge {test.id}" in text
    assert "Nobody else is called for a test." in text


def test_findings_of_many_words_leave_room_for_the_mail_twice_in_one_message() -> None:
    gaps = tuple((NOW, NOW) for _ in range(9))
    about = f"ladder a, rung 1 ({', '.join(['x' * 40] * 20)})"
    long = Finding(severity=Severity.ERROR, about=about, what="nobody to call", to_do="Add an override", times=gaps)
    text = readiness.mail([long] * 300, ANA, NOW)
    assert len(text.encode()) < 110_000
    assert f"and {300 - text.count('nobody to call')} more" in text
