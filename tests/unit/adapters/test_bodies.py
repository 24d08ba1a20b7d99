from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerby.adapters import bodies

TEXTS = st.text(st.characters(exclude_categories=()))
DOCUMENTS = st.dictionaries(TEXTS, st.one_of(TEXTS, st.integers(), st.booleans(), st.lists(TEXTS)))


@given(DOCUMENTS)
def test_any_document_comes_back_as_it_was(document: dict[str, Any]) -> None:
    assert bodies.unpack(bodies.pack(document)) == document


def test_a_body_of_a_newer_version_is_refused() -> None:
    with pytest.raises(ValueError, match="newer"):
        bodies.unpack(b"\xff" + bodies.pack({})[1:])


@pytest.mark.parametrize("body", [b"\x01\xff\xff\xff", b"\x01", b""])
def test_a_damaged_body_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"damaged|newer|Expecting value"):
        bodies.unpack(body)


def test_the_beginning_of_cut_bytes_can_be_read() -> None:
    raw = bytes(range(256)) * 40
    assert raw.startswith(bodies.unpack_bytes(bodies.pack_bytes(raw)[:200]))


def test_bodies_written_with_the_first_dictionary_stay_readable() -> None:
    """Stored items hold this: whatever changes, it must keep its meaning."""
    written = bytes.fromhex("01ab26328b43b39cffe19df64ab500")
    assert bodies.unpack(written) == {"network": "facebook", "kind": "comment", "text": "Où?"}
