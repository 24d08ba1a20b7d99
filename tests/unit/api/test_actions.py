"""What people do about a mention, over HTTP."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from answerby.domain.mention import Event, Mention, State
from answerby.ports import ConflictError
from tests.builders import MINUTE, NOW, a_desk, a_mention
from tests.unit.api.gateway import Answer, Service

MENTION = "/api/mentions/facebook:1"
BODIES: dict[str, dict[str, Any]] = {
    "acknowledge": {},
    "answer": {},
    "dismiss": {"reason": "spam"},
    "assign": {"to": "ben"},
    "snooze": {"for_seconds": 600},
}


@pytest.fixture(autouse=True)
def mention(service: Service) -> None:
    service.mentions.add(a_mention())


def last(service: Service, event: Event) -> str:
    return [entry.by for entry in service.stored("facebook:1").history if entry.event is event][-1]


def test_an_acknowledgement_pauses_the_calling(service: Service) -> None:
    answer = service.post(f"{MENTION}/acknowledge", {"by": "Ana", "minutes": 20})
    assert answer.status == 200
    assert answer.json["acknowledged_by"] == "Ana"
    assert answer.json["acknowledged_until"] == "2026-03-02T09:20:00Z"
    assert answer.json["state"] == "open"
    assert service.stored("facebook:1").next_check_at == NOW + 20 * MINUTE


@pytest.mark.parametrize("body", [None, "", "  ", "{}"])
def test_an_acknowledgement_needs_no_body(service: Service, body: str | None) -> None:
    answer = service.ask("POST", f"{MENTION}/acknowledge", body, headers={"content-type": None})
    if body == "{}":
        assert answer.status == 415
    else:
        assert answer.json["acknowledged_by"] == "crm"


def test_a_second_acknowledgement_of_somebody_else_is_a_conflict(service: Service) -> None:
    service.post(f"{MENTION}/acknowledge", {"by": "Ana"})
    answer = service.post(f"{MENTION}/acknowledge", {"by": "Ben"})
    assert answer.status == 409
    assert answer.json["mention"]["acknowledged_by"] == "Ana"


@pytest.mark.parametrize(
    "body", [{"for_seconds": 1200}, {"until": "2026-03-02T09:20:00Z"}, {"until": "2026-03-02T10:20:00+01:00"}]
)
def test_a_snooze_pauses_the_calling_until_a_time_of_choice(service: Service, body: dict[str, Any]) -> None:
    answer = service.post(f"{MENTION}/snooze", {"by": "Ana", **body})
    assert answer.status == 200
    assert (answer.json["acknowledged_by"], answer.json["snoozed"]) == ("Ana", True)
    assert answer.json["acknowledged_until"] == "2026-03-02T09:20:00Z"
    assert service.stored("facebook:1").next_check_at == NOW + 20 * MINUTE


@pytest.mark.parametrize(
    ("body", "field"),
    [({"until": "2026-03-10T09:00:00Z"}, "until"), ({"until": "2026-03-02T09:00:00Z"}, "until")],
)
def test_a_snooze_that_is_too_long_or_over_says_how_long_it_can_be(
    service: Service, body: dict[str, Any], field: str
) -> None:
    answer = service.post(f"{MENTION}/snooze", body)
    assert (answer.status, answer.error["code"]) == (422, "invalid")
    assert "until 2026-03-09T09:00:00Z at the latest" in answer.fields[field]


def test_an_urgent_mention_is_not_snoozed_past_its_deadline(service: Service) -> None:
    service.mentions.add(a_mention("2", text="refund"))
    answer = service.post("/api/mentions/facebook:2/snooze", {"for_seconds": 1200})
    assert answer.fields == {"for_seconds": "it can be snoozed until 2026-03-02T09:15:00Z at the latest"}


def test_resolving_ends_the_matter_of_an_answered_mention(service: Service) -> None:
    policy = replace(a_desk().policies["hour"], resolve_within=24 * 60 * MINUTE)
    service.desks.desk = a_desk(policies={**a_desk().policies, "hour": policy})
    service.post(f"{MENTION}/acknowledge")
    answered = service.post(f"{MENTION}/answer").json
    assert (answered["resolve_by"], answered["next_check_at"]) == ("2026-03-03T09:00:00Z", "2026-03-03T09:00:00Z")
    resolved = [service.post(f"{MENTION}/resolve", {"by": "Ana"}) for _ in range(2)]
    assert resolved[0].json == resolved[1].json
    assert (resolved[0].json["resolved_at"], resolved[0].json["next_check_at"]) == ("2026-03-02T09:00:00Z", None)
    assert service.post(f"{MENTION}/resolve", {"by": "Ben"}).status == 409


def test_what_is_not_answered_cannot_be_resolved(service: Service) -> None:
    answer = service.post(f"{MENTION}/resolve")
    assert (answer.status, answer.error["message"]) == (409, "it has not been answered yet")


def test_resolving_what_is_unknown_is_404(service: Service) -> None:
    assert service.post("/api/mentions/facebook:none/resolve").status == 404


def test_an_answer_closes_it(service: Service) -> None:
    answer = service.post(f"{MENTION}/answer", {"by": "Ana", "url": "https://example.com/a?b=c#d"})
    assert answer.json["state"] == "answered"
    assert answer.json["answered_by"] == "Ana"
    assert answer.json["answer_url"] == "https://example.com/a?b=c#d"
    assert answer.json["next_check_at"] is None


def test_the_same_answer_reported_again_is_no_conflict(service: Service) -> None:
    first, second = (service.post(f"{MENTION}/answer", {"by": "Ana"}) for _ in range(2))
    assert first.json == second.json


def test_a_dismissal_closes_it_with_its_reason(service: Service) -> None:
    answer = service.post(f"{MENTION}/dismiss", {"by": "Ana", "reason": "ground_rule", "note": "rule 3:\n\tno links"})
    assert answer.json["state"] == "dismissed"
    assert service.stored("facebook:1").history[-1].note == "ground_rule: rule 3:\n\tno links"


def test_an_assignment_hands_it_on(service: Service) -> None:
    assert service.post(f"{MENTION}/assign", {"to": "ben", "by": "Cleo"}).json["assignee"] == "ben"
    assert last(service, Event.ASSIGNED) == "Cleo"


@pytest.mark.parametrize("action", BODIES)
def test_the_token_stands_for_who_is_not_named(service: Service, action: str) -> None:
    service.post(f"{MENTION}/{action}", BODIES[action])
    history = service.stored("facebook:1").history
    assert "crm" in {entry.by for entry in history}


@pytest.mark.parametrize("action", BODIES)
def test_an_unknown_mention_is_404(service: Service, action: str) -> None:
    answer = service.post(f"/api/mentions/facebook:none/{action}", BODIES[action])
    assert (answer.status, answer.error["code"]) == (404, "unknown_mention")


@pytest.mark.parametrize("action", BODIES)
def test_whoever_is_late_learns_what_the_mention_is_now(service: Service, action: str) -> None:
    service.post(f"{MENTION}/answer", {"by": "Ana"})
    answer = service.post(f"{MENTION}/{action}", BODIES[action])
    assert answer.status == 409
    assert answer.error["code"] == "conflict"
    assert answer.json["mention"]["state"] == "answered"
    assert answer.json["mention"]["answered_by"] == "Ana"
    shown = service.get(MENTION).json
    shown.pop("history")
    assert answer.json["mention"] == shown


def test_a_mention_that_keeps_changing_is_a_conflict_with_its_newest_state(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raced(mention: Mention) -> Mention:
        raise ConflictError

    monkeypatch.setattr(service.mentions, "save", raced)
    answer = service.post(f"{MENTION}/answer")
    assert answer.status == 409
    assert answer.json["mention"]["state"] == State.NEW


@pytest.mark.parametrize(
    ("action", "document", "field"),
    [
        ("acknowledge", {"minutes": 0}, "minutes"),
        ("acknowledge", {"minutes": 10_081}, "minutes"),
        ("acknowledge", {"minutes": "5"}, "minutes"),
        ("acknowledge", {"minutes": True}, "minutes"),
        ("acknowledge", {"minutes": 1.5}, "minutes"),
        ("acknowledge", {"minutes": float("nan")}, "minutes"),
        ("acknowledge", {"minute": 5}, "minute"),
        ("answer", {"by": ""}, "by"),
        ("answer", {"by": "   "}, "by"),
        ("answer", {"by": "a" * 65}, "by"),
        ("answer", {"by": "Ana\n"}, "by"),
        ("answer", {"by": "Ana\u0085Ben"}, "by"),
        ("answer", {"by": "Ana\u202e"}, "by"),
        ("answer", {"by": "\ud800"}, "by"),
        ("answer", {"by": 7}, "by"),
        ("answer", {"url": "javascript:alert(1)"}, "url"),
        ("answer", {"url": "https://"}, "url"),
        ("answer", {"url": "https://example.com/a b"}, "url"),
        ("answer", {"url": "https://example.com/\n"}, "url"),
        ("answer", {"url": "https://example.com/" + "a" * 2040}, "url"),
        ("dismiss", {}, "reason"),
        ("dismiss", {"reason": "bored"}, "reason"),
        ("dismiss", {"reason": "spam", "note": "a" * 1001}, "note"),
        ("dismiss", {"reason": "spam", "note": "\x1b[31m"}, "note"),
        ("assign", {}, "to"),
        ("assign", {"to": "dan"}, "to"),
        ("assign", {"to": ["ben"]}, "to"),
        ("snooze", {}, "until"),
        ("snooze", {"until": "2026-03-02T09:20:00Z", "for_seconds": 60}, "until"),
        ("snooze", {"until": "2026-03-02T09:20:00"}, "until"),
        ("snooze", {"until": "tomorrow"}, "until"),
        ("snooze", {"until": 1772442000}, "until"),
        ("snooze", {"until": "0001-01-01T00:00:00+14:00"}, "until"),
        ("snooze", {"until": "9999-12-31T23:59:59-12:00"}, "until"),
        ("snooze", {"for_seconds": 0}, "for_seconds"),
        ("snooze", {"for_seconds": 604_801}, "for_seconds"),
        ("snooze", {"for_seconds": "60"}, "for_seconds"),
        ("resolve", {"note": "done"}, "note"),
        ("answer", [], "body"),
        ("answer", [{"by": "Ana"}], "body"),
        ("answer", "Ana", "body"),
    ],
)
def test_what_cannot_be_used_is_named_and_changes_nothing(
    service: Service, action: str, document: object, field: str
) -> None:
    answer = service.ask("POST", f"{MENTION}/{action}", json.dumps(document))
    assert (answer.status, answer.error["code"]) == (422, "invalid")
    assert list(answer.fields) == [field]
    # A new post may have been routed meanwhile, as it would have been anyway.
    assert {entry.event for entry in service.stored("facebook:1").history} <= {Event.RECEIVED, Event.ROUTED}


def test_every_wrong_field_is_named_at_once(service: Service) -> None:
    answer = service.post(f"{MENTION}/dismiss", {"by": "", "reason": "bored", "note": 1, "why": 2})
    assert sorted(answer.fields) == ["by", "note", "reason", "why"]


def test_an_error_does_not_repeat_what_was_sent(service: Service) -> None:
    assert "hunter2" not in service.post(f"{MENTION}/dismiss", {"reason": "hunter2", "note": ["hunter2"]}).body


def test_whole_minutes_may_be_written_with_a_point(service: Service) -> None:
    assert (
        service.post(f"{MENTION}/acknowledge", {"minutes": 20.0}).json["acknowledged_until"] == "2026-03-02T09:20:00Z"
    )


def sent(service: Service, body: str, **given: Any) -> Answer:
    return service.ask("POST", f"{MENTION}/answer", body, **given)


@pytest.mark.parametrize("body", ["{", "{'by': 1}", '{"by": "Ana"', "[" * 50_000, '{"minutes": ' + "1" * 5000 + "}"])
def test_a_body_that_is_not_json_is_400(service: Service, body: str) -> None:
    answer = sent(service, body)
    assert (answer.status, answer.error["code"]) == (400, "malformed")


@pytest.mark.parametrize("body", ["not base64!", base64.b64encode(b'{"by": "\xff"}').decode()])
def test_a_body_that_is_not_text_is_400(service: Service, body: str) -> None:
    assert sent(service, body, encoded=True).status == 400


def test_a_body_may_come_base64_encoded(service: Service) -> None:
    body = base64.b64encode('{"by": "Zoë"}'.encode()).decode()
    assert sent(service, body, encoded=True).json["answered_by"] == "Zoë"


@pytest.mark.parametrize("encoded", [True, False])
def test_a_body_that_is_too_large_is_413(service: Service, encoded: bool) -> None:
    body = json.dumps({"by": "a" * 70_000})
    answer = sent(service, base64.b64encode(body.encode()).decode() if encoded else body, encoded=encoded)
    assert (answer.status, answer.error["code"]) == (413, "too_large")


@pytest.mark.parametrize("kind", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_a_body_of_another_type_is_415(service: Service, kind: str | None) -> None:
    assert sent(service, '{"by": "Ana"}', headers={"content-type": kind}).status == 415


def test_the_media_type_may_carry_a_charset(service: Service) -> None:
    assert sent(service, "{}", headers={"content-type": "Application/JSON; charset=utf-8"}).status == 200


@pytest.mark.parametrize("action", ["acknowledge", "snooze", "assign"])
def test_without_a_desk_nobody_can_be_called(service: Service, action: str) -> None:
    service.desks.desk = None
    answer = service.post(f"{MENTION}/{action}", BODIES[action])
    assert (answer.status, answer.error["code"]) == (503, "no_desk")


def test_acknowledging_a_post_that_joined_a_chain_pauses_the_chain(service: Service) -> None:
    service.post(f"{MENTION}/acknowledge")
    service.mentions.add(replace(a_mention("2"), state=State.OPEN, joined="facebook:1"))
    assert service.post("/api/mentions/facebook:2/acknowledge", {"minutes": 45}).json["id"] == "facebook:1"
