"""Looking up mentions and the desk."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from answerby.cli import desk_file
from answerby.domain.desk import Desk
from answerby.domain.mention import Kind
from answerby.ports import UnavailableError
from tests.builders import MINUTE, NOW, a_mention
from tests.unit.api.gateway import Service
from tests.unit.desk_file.files import FULL, TODAY


def test_a_mention_is_shown_with_its_history(service: Service) -> None:
    service.mentions.add(a_mention("10_20"))
    answer = service.get("/api/mentions/facebook:10_20")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["id"] == "facebook:10_20"
    assert answer.json["history"] == [{"at": "2026-03-02T09:00:00Z", "event": "received", "by": "page", "note": None}]


@pytest.mark.parametrize("native_id", ["10_20", "a/b", "a b", "ü🙂", 'q"<>#?&', "a%", "x/answer%2F", "-._~!$'()*+,;=@"])
def test_an_id_may_come_percent_encoded(service: Service, native_id: str) -> None:
    service.mentions.add(a_mention(native_id))
    answer = service.get(f"/api/mentions/{quote(f'facebook:{native_id}', safe='')}")
    assert answer.json["id"] == f"facebook:{native_id}"


@pytest.mark.parametrize("native_id", ["10_20", "a/b", "a b", "ü🙂", "@~+"])
def test_an_id_may_come_decoded(service: Service, native_id: str) -> None:
    service.mentions.add(a_mention(native_id))
    assert service.get(f"/api/mentions/facebook:{native_id}").json["id"] == f"facebook:{native_id}"
    assert service.post(f"/api/mentions/facebook:{native_id}/answer").json["state"] == "answered"


def test_archived_history_is_shown_too(service: Service) -> None:
    service.mentions.add(a_mention())
    mention = service.stored("facebook:1")
    entry = mention.history[0]
    entries = tuple(replace(entry, note=str(number)) for number in range(140))
    service.mentions.save(replace(mention, history=entries))
    history = service.get("/api/mentions/facebook:1").json["history"]
    assert [each["note"] for each in history] == [str(number) for number in range(140)]


def test_an_unknown_mention_is_404(service: Service) -> None:
    answer = service.get("/api/mentions/facebook:none")
    assert (answer.status, answer.error["code"]) == (404, "unknown_mention")


def test_an_endless_id_is_refused_before_the_store_is_asked(service: Service) -> None:
    answer = service.get(f"/api/mentions/{'a' * 2000}")
    assert answer.status == 422
    assert "mention_id" in answer.fields


def test_waiting_mentions_are_listed_page_by_page(service: Service) -> None:
    for number in range(5):
        service.mentions.add(a_mention(str(number)))
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = service.get(f"/api/mentions?limit=2{cursor}").json
        seen += [mention["id"] for mention in page["mentions"]]
        cursor = f"&cursor={page['cursor']}"
    assert page["cursor"] is None
    assert sorted(seen) == [f"facebook:{number}" for number in range(5)]


def test_a_list_is_narrowed_by_state_assignee_and_network(service: Service) -> None:
    service.mentions.add(a_mention("1"))
    service.mentions.add(a_mention("2", author=replace(a_mention().post.author, id="8")))
    service.post("/api/mentions/facebook:1/assign", {"to": "ben"})

    def listed(query: str) -> list[str]:
        return [mention["id"] for mention in service.get(f"/api/mentions?{query}").json["mentions"]]

    assert sorted(listed("")) == ["facebook:1", "facebook:2"]
    assert listed("state=new") == ["facebook:2"]
    assert listed("state=open") == ["facebook:1"]
    assert listed("assignee=ben&network=facebook&state=open") == ["facebook:1"]
    assert listed("assignee=ana") == []
    assert listed("network=x") == []


@pytest.mark.parametrize("state", ["answered", "dismissed", "removed"])
def test_a_list_of_closed_mentions_is_refused_with_what_to_do(service: Service, state: str) -> None:
    answer = service.get(f"/api/mentions?state={state}")
    assert answer.status == 422
    assert "look one up by its id" in answer.fields["state"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=lost", "state"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("assignee=", "assignee"),
        ("network=" + "n" * 65, "network"),
        ("cursor=forged", "cursor"),
        ("cursor=%C3%BC", "cursor"),
        ("asignee=ana", "asignee"),
    ],
)
def test_what_a_list_cannot_use_is_named(service: Service, query: str, field: str) -> None:
    answer = service.get(f"/api/mentions?{query}")
    assert answer.status == 422
    assert list(answer.fields) == [field]


def test_the_desk_is_shown_without_numbers_and_addresses(service: Service) -> None:
    answer = service.get("/api/desk")
    assert answer.json["people"][0] == {
        "id": "ana",
        "name": "Ana Ruiz",
        "time_zone": "Europe/Madrid",
        "sms": "…01",
        "email": "a…@example.com",
        "backups": ["ben"],
        "working_hours": None,
        "languages": [],
    }
    assert "0101001" not in answer.body
    assert "ana@" not in answer.body


def test_the_desk_tells_rules_in_their_order_policies_ladders_and_sources(service: Service) -> None:
    desk = service.get("/api/desk").json
    assert [rule["id"] for rule in desk["rules"]] == ["refunds", "otherwise"]
    assert desk["rules"][0]["when"]["phrases"] == ["refund"]
    assert desk["policies"][0]["answer_within_seconds"] == 3600
    assert desk["ladders"][0]["rungs"][0] == {
        "who": ["owner"],
        "wait_seconds": 600,
        "rounds": 1,
        "channels": [],
    }
    assert desk["sources"] == [{"id": "page", "network": "facebook", "brand_account": "100", "aliases": []}]
    assert desk["teams"] == [{"id": "care", "members": ["ana", "ben"], "lead": "cleo", "calendar": None}]


def test_the_desk_tells_hours_rotations_topics_and_manners(service: Service) -> None:
    service.desks.desk = whole_desk()
    desk = service.get("/api/desk").json
    assert desk["people"][1]["working_hours"]["fri"] == ["22:00-06:00"]
    assert desk["calendars"][0]["exceptions"]["2026-12-24"] == ["09:00-13:00"]
    assert desk["calendars"][0]["exceptions"]["2026-12-25"] == []
    assert desk["rotations"][0]["layers"][0] == {
        "people": ["ana", "ben"],
        "starts": "2026-01-05",
        "hand_over": "08:00",
        "every": 3,
        "unit": "days",
        "during": None,
    }
    assert desk["overrides"][3] == {
        "change": "replace",
        "person": "ana",
        "by": "ben",
        "rotation": None,
        "starts": "2026-05-31T22:00:00Z",
        "ends": "2026-06-02T22:00:00Z",
    }
    assert desk["topics"][0] == {"id": "health", "backups": ["cleo", "ben"], "guidance": "Say sorry.", "crisis": True}
    assert desk["rules"][2]["when"]["any_of"][1]["all_of"][0]["kinds"] == ["post"]
    assert (desk["policies"][0]["remind_after"], desk["policies"][0]["remind_before_seconds"]) == ([0.5], [900])
    assert desk["manners"]["channels"]["urgent"] == ["sms"]


def whole_desk() -> Desk:
    desk = desk_file.read(FULL.encode(), TODAY).desk
    assert desk
    return desk


def test_there_is_no_desk_before_one_is_published(service: Service) -> None:
    service.desks.desk = None
    answer = service.get("/api/desk")
    assert (answer.status, answer.error["code"]) == (404, "no_desk")


@pytest.mark.parametrize(
    "path", ["/api/mentions/facebook:1", "/api/mentions", "/m/facebook:1", "/health", "/openapi.json", "/api/desk"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(service: Service, method: str, path: str) -> None:
    service.mentions.add(a_mention(kind=Kind.REVIEW, rating=1.0))
    before = dict(service.mentions.items)
    service.now = NOW + 90 * MINUTE
    assert service.ask(method, path).status == 200
    assert service.mentions.items == before
    assert service.timers.waiting == []


def test_a_head_has_the_headers_of_its_get_and_no_body(service: Service) -> None:
    head, get = service.ask("HEAD", "/api/desk"), service.get("/api/desk")
    assert (head.status, head.headers, head.body) == (get.status, get.headers, "")


def test_a_store_that_is_away_is_worth_a_retry(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(mention_id: str) -> None:
        raise UnavailableError

    monkeypatch.setattr(service.mentions, "get", away)
    answer = service.get("/api/mentions/facebook:1")
    assert (answer.status, answer.error["code"]) == (503, "unavailable")
    assert "Retry-After" in answer.headers
