"""The API of the deployed stack: looking up changes nothing, acting does, and the slower of two is told so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
import requests

from answerby import __version__
from answerby.adapters.tokens import TokenTable
from answerby.domain.paging import next_slot
from infra.local.stack import Stack
from tests.contract.waiting import eventually
from tests.integration.asking import Api, Shown, events
from tests.integration.owning import forget, product_on
from tests.integration.sending import Sender, new_number
from tests.integration.watching import Alerts

MANY = 130
ACTIONS: dict[str, dict[str, object]] = {
    "acknowledge": {},
    "answer": {},
    "dismiss": {"reason": "spam"},
    "assign": {"to": "ben"},
    "snooze": {"for_seconds": 600},
    "resolve": {},
}


@pytest.fixture
def mention_id(standard: Sender, api: Api) -> str:
    """Of a mention that has been routed to ana and of which she has been told."""
    number = new_number()
    standard.deliver({"id": number, "text": "Where is my parcel?", "author": {"id": f"a{number}", "name": "Mara"}})
    api.alerted(f"standard:{number}")
    return f"standard:{number}"


class Tokens:
    """Tokens for one test, made and revoked by the product's own adapter."""

    def __init__(self, stack: Stack, desk_table: str) -> None:
        self._stack = stack
        self._desk_table = desk_table
        self._name = f"test-{new_number()}"

    def of(self, scope: str) -> Api:
        with product_on(self._stack):
            token = TokenTable(self._desk_table).create(self._name, [scope], datetime.now(UTC))
        return Api(self._stack.api_url, token)

    def revoke(self) -> None:
        with product_on(self._stack):
            TokenTable(self._desk_table).revoke(self._name, datetime.now(UTC))


@pytest.fixture
def tokens(stack: Stack, outputs: dict[str, str]) -> Iterator[Tokens]:
    tokens = Tokens(stack, outputs["DeskTable"])
    yield tokens
    tokens.revoke()


class Crowd:
    """Many open mentions of a network of their own, by turns of dev and of ana."""

    def __init__(self, api: Api, network: str, ids: list[str]) -> None:
        self.api = api
        self.network = network
        self.ids = ids

    def pages(self, **criteria: object) -> list[list[Shown]]:
        """All pages of a listing of this network."""
        pages: list[list[Shown]] = []
        cursor = None
        while cursor or not pages:
            asked = {"network": self.network, **criteria, **({"cursor": cursor} if cursor else {})}
            answer = self.api.ask("GET", "/api/mentions", params=asked)
            assert answer.status_code == 200, answer.text
            pages.append(answer.json()["mentions"])
            cursor = answer.json()["cursor"]
        return pages

    def listed(self, **criteria: object) -> list[str]:
        return [shown["id"] for page in self.pages(**criteria) for shown in page]


@pytest.fixture(scope="module")
def crowd(api: Api, standard: Sender, client: Callable[[str], Any], outputs: dict[str, str]) -> Iterator[Crowd]:
    """Older than a week, so that they are for a digest and call nobody: if its time is not just about to come."""
    assert eventually(time_to_the_next_digest, lambda left: left > timedelta(seconds=75), within=90)
    network, number = f"forum{new_number()}", new_number()
    posted_at = (datetime.now(UTC) - timedelta(days=8)).isoformat()
    texts = ("A request for comment", "Where is my parcel?")
    told = [
        {"id": f"{number}{index:03}", "network": network, "text": texts[index % 2], "posted_at": posted_at}
        for index in range(MANY)
    ]
    ids = [f"{network}:{each['id']}" for each in told]
    answer = standard.deliver({"mentions": told})
    assert answer.json()["stored"] == MANY
    crowd = Crowd(api, network, ids)
    # The stream hands them over in the order in which they were stored, side by side.
    assert eventually(lambda: len(crowd.listed(state="new", limit=100)), (0).__eq__, within=60) == 0
    # Each is then held for the digest, which moves its next check: a listing must not be read meanwhile.
    for each in ids:
        assert "alert_delayed" in events(api.mention_when(each, lambda shown: "alert_delayed" in events(shown)))
    yield crowd
    forget(client("dynamodb"), outputs["MentionsTable"], ids)


def time_to_the_next_digest() -> timedelta:
    now = datetime.now(UTC)
    return next_slot(now) - now


@pytest.mark.parametrize("limit", [25, 50, 100])
def test_a_listing_is_complete_and_tells_nothing_twice(crowd: Crowd, limit: int) -> None:
    pages = crowd.pages(state="open", limit=limit)

    assert [len(page) for page in pages[:-1]] == [limit] * (MANY // limit)
    listed = [shown["id"] for page in pages for shown in page]
    assert sorted(listed) == sorted(crowd.ids)


def test_a_listing_of_everybodys_is_those_of_each(crowd: Crowd) -> None:
    of_ana, of_dev = crowd.listed(assignee="ana", limit=30), crowd.listed(assignee="dev", limit=30)

    assert sorted(of_dev) == sorted(crowd.ids[0::2])
    assert sorted(of_ana) == sorted(crowd.ids[1::2])
    assert crowd.listed(assignee="cleo") == []
    assert crowd.listed(state="new") == []
    assert crowd.listed(network="another") == []


def test_a_listing_of_one_person_begins_with_the_most_urgent(crowd: Crowd) -> None:
    deadlines = [shown["answer_by"] for page in crowd.pages(assignee="dev", limit=20) for shown in page]

    assert deadlines == sorted(deadlines)


def test_what_is_closed_leaves_the_listing_and_can_still_be_looked_up(crowd: Crowd, api: Api) -> None:
    closed = crowd.ids.pop()

    api.act(closed, "dismiss", reason="needs_no_answer")

    assert sorted(crowd.listed(limit=100)) == sorted(crowd.ids)
    assert api.mention(closed)["state"] == "dismissed"


def test_a_cursor_serves_only_the_listing_it_came_from(crowd: Crowd, api: Api) -> None:
    asked = {"network": crowd.network, "limit": 10}
    cursor = api.ask("GET", "/api/mentions", params=asked).json()["cursor"]

    for wrong in ({**asked, "assignee": "ana", "cursor": cursor}, {**asked, "cursor": cursor[:-3]}):
        answer = api.ask("GET", "/api/mentions", params=wrong)

        assert answer.status_code == 422
        assert answer.json()["error"]["fields"][0]["field"] == "cursor"


def test_the_history_tells_what_happened_in_order(mention_id: str, api: Api) -> None:
    shown = api.alerted(mention_id)

    assert events(shown)[:3] == ["received", "routed", "alerted"]
    assert [entry["by"] for entry in shown["history"]][:3] == ["standard", "rule otherwise", "ana"]
    times = [entry["at"] for entry in shown["history"]]
    assert times == sorted(times)


def test_looking_changes_nothing(mention_id: str, api: Api) -> None:
    before = api.alerted(mention_id)

    for _ in range(3):
        for path in (f"/api/mentions/{mention_id}", f"/m/{mention_id}", "/api/mentions?assignee=ana", "/api/desk"):
            assert api.ask("GET", path).status_code == 200
            assert api.ask("HEAD", path).status_code == 200

    assert api.mention(mention_id) == before


def test_an_acknowledgement_pauses_the_calling_and_not_the_deadline(mention_id: str, api: Api) -> None:
    before = api.mention(mention_id)

    shown = api.act(mention_id, "acknowledge", by="ana", minutes=15).json()

    assert (shown["state"], shown["acknowledged_by"]) == ("open", "ana")
    assert shown["next_check_at"] == shown["acknowledged_until"] > before["next_check_at"]
    assert shown["answer_by"] == before["answer_by"]
    assert events(api.mention(mention_id))[-1] == "acknowledged"


def test_who_is_assigned_is_alerted(mention_id: str, api: Api, alerts: Alerts) -> None:
    answer = api.act(mention_id, "assign", to="dev", by="ana")

    assert (answer.status_code, answer.json()["assignee"]) == (200, "dev")
    first, second = alerts.of(mention_id, count=2)
    assert [(first["person"], first["reason"]), (second["person"], second["reason"])] == [
        ("ana", "routed"),
        ("dev", "assigned"),
    ]
    told = events(api.mention_when(mention_id, lambda shown: events(shown)[-1] == "alerted"))
    assert told[told.index("assigned") + 1] == "alerted"


def test_an_answer_closes_it_for_good(mention_id: str, api: Api, alerts: Alerts) -> None:
    shown = api.act(mention_id, "answer", by="ana", url="https://example.com/answer").json()

    assert (shown["state"], shown["answered_by"], shown["breached"]) == ("answered", "ana", False)
    assert shown["answer_url"] == "https://example.com/answer"
    assert shown["next_check_at"] is None
    assert events(api.mention(mention_id))[-1] == "answered"
    assert len(alerts.so_far(mention_id)) == 1


def test_a_dismissal_says_why(mention_id: str, api: Api) -> None:
    shown = api.act(mention_id, "dismiss", by="ana", reason="spam", note="a lottery").json()

    assert shown["state"] == "dismissed"
    # An alert that was on its way may be told of later.
    told = {entry["event"]: entry["note"] for entry in api.mention(mention_id)["history"]}
    assert told["dismissed"] == "spam: a lottery"


def test_a_snooze_pauses_the_calling_until_a_chosen_time(mention_id: str, api: Api) -> None:
    shown = api.act(mention_id, "snooze", by="ana", for_seconds=600).json()

    assert (shown["state"], shown["snoozed"], shown["acknowledged_by"]) == ("open", True, "ana")
    assert shown["acknowledged_until"] == shown["next_check_at"]
    refused = api.act(mention_id, "snooze", by="ana", for_seconds=604_801)
    assert refused.status_code == 422


def test_of_whom_says_nothing_else_the_token_is_noted(mention_id: str, api: Api) -> None:
    assert api.act(mention_id, "answer").json()["answered_by"] == "local"


@pytest.mark.parametrize("action", ACTIONS)
def test_who_comes_too_late_is_shown_the_mention_as_it_is(mention_id: str, api: Api, action: str) -> None:
    api.act(mention_id, "answer", by="ana")

    answer = api.act(mention_id, action, by="ben", **ACTIONS[action])

    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "conflict"
    current = api.mention(mention_id)
    assert answer.json()["mention"] == {name: current[name] for name in current if name != "history"}
    assert current["answered_by"] == "ana"


def at_once(*calls: Callable[[], requests.Response]) -> list[requests.Response]:
    start = Barrier(len(calls))

    def call(each: Callable[[], requests.Response]) -> requests.Response:
        start.wait()
        return each()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def test_of_two_who_answer_at_once_one_is_told_who_was_faster(standard: Sender, api: Api) -> None:
    for _ in range(5):
        number = new_number()
        standard.deliver({"id": number, "text": "Where is my parcel?"})
        mention_id = f"standard:{number}"

        answers = at_once(*(partial(api.act, mention_id, "answer", by=person) for person in ("ana", "ben")))

        first, second = sorted(answers, key=lambda answer: answer.status_code)
        assert (first.status_code, second.status_code) == (200, 409)
        winner = first.json()["answered_by"]
        assert second.json()["mention"]["answered_by"] == winner
        assert events(api.mention(mention_id)).count("answered") == 1
        assert api.mention(mention_id)["answered_by"] == winner


def test_of_all_who_do_different_things_at_once_nobody_undoes_anothers(mention_id: str, api: Api) -> None:
    answers = at_once(
        partial(api.act, mention_id, "answer", by="ana"),
        partial(api.act, mention_id, "dismiss", by="ben", reason="spam"),
        partial(api.act, mention_id, "assign", by="cleo", to="dev"),
        partial(api.act, mention_id, "acknowledge", by="dev"),
    )

    assert {answer.status_code for answer in answers} <= {200, 409}
    closing = [answer.json()["state"] for answer in answers[:2] if answer.ok]
    assert [api.mention(mention_id)["state"]] == closing


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": ""},
        {"authorization": "Bearer "},
        {"authorization": "Bearer guessed"},
        {"authorization": "Basic dGVzdDp0ZXN0"},
        {"authorization": b"Bearer \xff\xfe"},
        {"authorization": "Bearer " + "a" * 6000},
    ],
)
def test_who_has_no_token_learns_nothing(mention_id: str, api: Api, headers: dict[str, str | bytes]) -> None:
    known = api.ask("GET", f"/api/mentions/{mention_id}", headers=headers)
    unknown = api.ask("GET", "/api/mentions/x:0", headers=headers)
    nowhere = api.ask("POST", "/api/nowhere", headers=headers)

    assert known.status_code == 401
    assert known.json() == unknown.json() == nowhere.json()
    assert known.headers["www-authenticate"].startswith("Bearer")


def test_a_token_does_what_its_scopes_allow(mention_id: str, tokens: Tokens) -> None:
    reading, writing = tokens.of("read"), tokens.of("write")

    assert reading.mention(mention_id)["id"] == mention_id
    refused = reading.act(mention_id, "answer")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert writing.ask("GET", f"/api/mentions/{mention_id}").status_code == 403
    assert reading.mention(mention_id)["state"] == "open"
    assert writing.act(mention_id, "answer", by="crm").status_code == 200


def test_a_revoked_token_is_refused_at_once(tokens: Tokens) -> None:
    given = tokens.of("read")
    assert given.ask("GET", "/api/desk").status_code == 200

    tokens.revoke()

    assert given.ask("GET", "/api/desk").status_code == 401


@pytest.mark.parametrize("path", ["/api/mentions/x:0", "/api/mentions/%F0%9F%98%A1", "/api/nowhere", "/api/mentions/"])
def test_what_does_not_exist_is_not_found(api: Api, path: str) -> None:
    answer = api.ask("GET", path)

    assert answer.status_code == 404
    assert set(answer.json()["error"]) == {"code", "message"}


@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_can_be_done_about_a_mention_that_does_not_exist(api: Api, action: str) -> None:
    answer = api.act("x:0", action, **ACTIONS[action])

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_mention")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/mentions/x:0", "GET, HEAD"),
        ("POST", "/api/mentions", "GET, HEAD"),
        ("GET", "/api/mentions/x:0/answer", "POST"),
        ("PUT", "/api/mentions/x:0/dismiss", "POST"),
        ("PATCH", "/api/desk", "GET, HEAD"),
    ],
)
def test_another_method_is_told_which_there_are(api: Api, method: str, path: str, allowed: str) -> None:
    answer = api.ask(method, path, json={} if method == "POST" else None)

    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("dismiss", {}, "reason"),
        ("dismiss", {"reason": "lazy"}, "reason"),
        ("assign", {"to": "nobody"}, "to"),
        ("assign", {"to": ["ben"]}, "to"),
        ("answer", {"url": "javascript:alert(1)"}, "url"),
        ("answer", {"by": "a\u202eb"}, "by"),
        ("answer", {"who": "ana"}, "who"),
        ("acknowledge", {"minutes": 0}, "minutes"),
        ("acknowledge", {"minutes": "15"}, "minutes"),
    ],
)
def test_what_cannot_be_used_is_named(mention_id: str, api: Api, action: str, body: Any, field: str) -> None:
    answer = api.act(mention_id, action, **body)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["error"]["fields"]] == [field]
    assert api.mention(mention_id)["state"] == "open"


@pytest.mark.parametrize("query", ["state=answered", "limit=0", "limit=101", "limit=x", "cursor=guessed", "assignee="])
def test_a_listing_that_cannot_be_made_is_refused(api: Api, query: str) -> None:
    answer = api.ask("GET", f"/api/mentions?{query}")

    assert answer.status_code == 422
    assert answer.json()["error"]["fields"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"reason=spam", "application/x-www-form-urlencoded", 415),
        (b'{"note": "' + b"a" * 70_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    mention_id: str, api: Api, body: bytes, content_type: str, status: int
) -> None:
    path = f"/api/mentions/{mention_id}/dismiss"

    answer = api.ask("POST", path, data=body, headers={"content-type": content_type})

    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_the_desk_shows_no_contact_in_full(api: Api) -> None:
    desk = api.ask("GET", "/api/desk").json()

    assert {person["id"] for person in desk["people"]} == {"ana", "ben", "cleo", "dev", "ella"}
    assert desk["rules"][-1]["when"]["phrases"] == []
    assert "+12025550141" not in str(desk)
    assert "ana@example.com" not in str(desk)


def test_anybody_may_ask_whether_it_is_up(api: Api) -> None:
    answer = requests.get(f"{api.url}/health", timeout=10)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": __version__})
    assert requests.head(f"{api.url}/health", timeout=10).status_code == 200


def test_the_openapi_document_names_every_path(api: Api) -> None:
    document = requests.get(f"{api.url}/openapi.json", timeout=10).json()

    actions = {f"/api/mentions/{{mention_id}}/{action}" for action in ACTIONS}
    others = {"/api/mentions", "/api/mentions/{mention_id}", "/api/desk", "/health", "/openapi.json", "/m/{mention_id}"}
    assert document["openapi"].startswith("3.")
    assert set(document["paths"]) == actions | others


def test_the_page_behind_an_alerts_link_tells_nothing_of_the_post(mention_id: str, api: Api) -> None:
    page = requests.get(f"{api.url}/m/{mention_id}", timeout=10)

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert mention_id in page.text
    assert "parcel" not in page.text
    assert "Mara" not in page.text
    assert requests.get(f"{api.url}/m/x:0", timeout=10).status_code == 404
    assert requests.post(f"{api.url}/m/{mention_id}", timeout=10).status_code == 405


def test_a_head_is_a_get_without_a_body(mention_id: str, api: Api) -> None:
    path = f"/api/mentions/{mention_id}"

    got, head = api.ask("GET", path), api.ask("HEAD", path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert api.ask("HEAD", "/api/mentions/x:0").status_code == 404
