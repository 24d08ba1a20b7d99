"""Links in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerby.domain.links import LONGEST_HOST, hosts, is_within

FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("see https://Shop.Example.com/cart?x=1#top.", ("shop.example.com",)),
        ("see www.example.com.", ("www.example.com",)),
        ("(http://example.com:8080)", ("example.com",)),
        ("http://shop.example@evil.net/", ("evil.net",)),
        ("https://example.com".translate(FULL_WIDTH), ("example.com",)),
        ("https://münchen.example, www.b.de", ("münchen.example", "www.b.de")),
        ("mail me@www.example.com or awww.example.com", ()),
        ("https:// http://localhost http://", ()),
        ("no link, example.com neither", ()),
    ],
)
def test_links_are_told_by_their_hosts(text: str, linked: tuple[str, ...]) -> None:
    assert hosts(text) == linked


def test_what_no_host_can_be_is_none() -> None:
    assert hosts("www." + "a." * LONGEST_HOST) == ()


@pytest.mark.parametrize(
    ("host", "holds"),
    [("example.com", True), ("a.b.example.com", True), ("notexample.com", False), ("example.com.evil.net", False)],
)
def test_a_subdomain_counts_as_its_domain(host: str, holds: bool) -> None:
    assert is_within(host, {"example.com"}) is holds


@given(st.lists(st.sampled_from(["http://", "www.", "@", "/", ".", "a", " ", "https:"])).map("".join))
def test_no_text_upsets_the_search(text: str) -> None:
    assert all("." in host for host in hosts(text))
