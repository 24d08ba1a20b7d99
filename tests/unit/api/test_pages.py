"""The page that an alert's link leads to."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from answerby.domain.mention import Author
from answerby.ports import UnavailableError
from tests.builders import a_mention
from tests.unit.api.gateway import Answer, Service


def page(service: Service, mention_id: str = "facebook:1") -> Answer:
    return service.get(f"/m/{quote(mention_id, safe='')}", headers={"authorization": None})


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])


def test_it_is_open_to_whoever_has_the_link(service: Service) -> None:
    service.mentions.add(a_mention())
    answer = page(service)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "facebook:1" in answer.body
    assert "/api/mentions/facebook%3A1/acknowledge" in answer.body


def test_to_look_at_it_changes_nothing(service: Service) -> None:
    service.mentions.add(a_mention())
    stored = service.stored("facebook:1")
    assert page(service).status == 200
    assert service.stored("facebook:1") == stored


def test_it_tells_nothing_of_the_post_or_its_author(service: Service) -> None:
    author = Author(id="author-id", handle="author-handle", name="Author Name", url="https://example.com/author")
    service.mentions.add(a_mention(text="My parcel never came.", author=author))
    for private in ("parcel", "author", "Author"):
        assert private not in page(service).body


def test_it_says_when_nothing_is_left_to_do(service: Service) -> None:
    service.mentions.add(a_mention())
    service.post("/api/mentions/facebook:1/answer")
    assert "Nothing is left to do" in page(service).body
    assert "acknowledge" not in page(service).body


@pytest.mark.parametrize("url", ["https://example.com/p?a=1&b=2", "http://example.com/"])
def test_it_links_to_the_post(service: Service, url: str) -> None:
    service.mentions.add(a_mention(url=url))
    assert Tags(page(service).body).links == [url]


@pytest.mark.parametrize(
    "url", [None, "javascript:alert(1)", "data:text/html,x", " https://example.com", "//example.com"]
)
def test_it_links_to_nothing_but_http(service: Service, url: str | None) -> None:
    service.mentions.add(a_mention(url=url))
    assert Tags(page(service).body).links == []


def test_what_networks_say_is_escaped(service: Service) -> None:
    evil = '"><script>alert(1)</script>'
    service.mentions.add(a_mention(evil, network=evil, url=f"https://example.com/{evil}"))
    answer = page(service, f"facebook:{evil}")
    assert answer.status == 200
    assert "script" not in Tags(answer.body).names


def test_nothing_but_its_own_style_is_allowed_on_it(service: Service) -> None:
    service.mentions.add(a_mention())
    answer = page(service)
    style = re.search(r"<style>(.*)</style>", answer.body)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert policy.endswith(f"style-src 'sha256-{digest}'")


@pytest.mark.parametrize("mention_id", ["facebook:none", "<b>", "a" * 3000])
def test_an_unknown_mention_has_a_page_too(service: Service, mention_id: str) -> None:
    answer = page(service, mention_id)
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert mention_id not in answer.body


def test_a_store_that_is_away_has_a_page_too(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(mention_id: str) -> None:
        raise UnavailableError

    monkeypatch.setattr(service.mentions, "get", away)
    answer = page(service)
    assert answer.status == 503
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Retry-After" in answer.headers
