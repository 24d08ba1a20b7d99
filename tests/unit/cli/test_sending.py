from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from answerby.cli.errors import CommandError
from answerby.cli.sending import author_named, new_event_id, send_sample
from answerby.domain.mention import Post
from answerby.domain.source import Source
from answerby.networks import NETWORKS
from answerby.networks.document import read_json
from answerby.networks.samples import Sample
from answerby.networks.webhook import Keys, Request
from tests.builders import NOW

KEYS = Keys(secrets=("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",), verify_token="token")


class Receiver(HTTPServer):
    """Verifies and parses what is posted to it."""

    network = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posts: list[Post] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/webhooks/{self.network}"

    def take(self, request: Request) -> int:
        network = NETWORKS[self.network]
        if not network.verify(request, KEYS, NOW):
            return 401
        self.posts += network.parse(read_json(request.body), source(self.network), NOW).posts
        return 200


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.send_response(self.server.take(Request(method="POST", headers=headers, query={}, body=body)))
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        pass


def source(network: str) -> Source:
    return Source(id=network, network=network, brand_account="100")


def sample(network: str) -> Sample:
    return Sample(
        text="Is anybody there?", author=author_named("Sam Carter"), source=source(network), now=NOW, event_id="42"
    )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("network", NETWORKS)
def test_a_sample_is_accepted_as_the_networks_own(network: str, receiver: Receiver) -> None:
    receiver.network = network
    sent = send_sample(sample(network), (source(network), KEYS), receiver.url)
    assert sent.status == 200
    assert [(post.id, post.text) for post in receiver.posts] == [(sent.mention_id, "Is anybody there?")]


@pytest.mark.parametrize("network", NETWORKS)
def test_a_forged_sample_is_refused(network: str, receiver: Receiver) -> None:
    receiver.network = network
    assert send_sample(sample(network), (source(network), KEYS), receiver.url, forge=True).status == 401


def test_a_source_that_only_its_sender_can_sign_for() -> None:
    keys = Keys(secrets=("whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",), verify_token="")
    with pytest.raises(CommandError, match="Only the sender of standard can sign"):
        send_sample(sample("standard"), (source("standard"), keys), "http://127.0.0.1:9/")


def test_an_address_where_nothing_answers() -> None:
    with pytest.raises(CommandError, match="does not answer"):
        send_sample(sample("x"), (source("x"), KEYS), "http://127.0.0.1:9/webhooks/x")


def test_one_name_is_one_author() -> None:
    assert author_named("Sam Carter") == author_named("Sam Carter")
    assert author_named("Sam Carter").id != author_named("Sam Cater").id


def test_event_ids_differ() -> None:
    assert len({new_event_id(NOW) for _ in range(50)}) > 40
