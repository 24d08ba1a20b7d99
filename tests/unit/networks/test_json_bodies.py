"""What a body must be before anybody looks at what it says."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerby.networks.document import read_json
from answerby.networks.webhook import BodyError
from tests.pace import within

# The machine that runs this may be slow or busy.
patiently = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


def test_an_object_is_read() -> None:
    assert read_json(b'{"a": [1, 2.5, "\\u00e9", null]}') == {"a": [1, 2.5, "é", None]}


def test_big_integers_stay_exact() -> None:
    assert read_json(b"[1924465506158879000123456789]") == [1924465506158879000123456789]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (b"{", "not JSON"),
        (b"{}]", "not JSON"),
        (b"item=comment", "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1e999}', "out of range"),
        (b"[" + b"1" * 5000 + b"]", "not JSON"),
        (b'"text"', "object or list"),
        (b"12", "object or list"),
        (b"null", "object or list"),
    ],
)
def test_the_message_names_the_problem(body: bytes, problem: str) -> None:
    with pytest.raises(BodyError, match=problem):
        read_json(body)


def test_64_levels_are_read() -> None:
    assert read_json(b"[" * 64 + b"]" * 64)


def test_65_levels_are_refused() -> None:
    with pytest.raises(BodyError, match="deeper than 64"):
        read_json(b'{"a":' * 65 + b"1" + b"}" * 65)


def test_brackets_in_strings_do_not_nest() -> None:
    said = '"' + "[" * 100 + '\\" \\\\'
    assert read_json(json.dumps([said]).encode()) == [said]


@pytest.mark.parametrize("piece", [b"[", b'{"a":', b'"\\"', b'[]"', b"\\", b'"'])
def test_a_hostile_megabyte_is_refused_quickly(piece: bytes) -> None:
    def refuse() -> None:
        with pytest.raises(BodyError):
            read_json(b"[" + piece * (1_000_000 // len(piece)))

    within(2, refuse)


@patiently
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).filter(lambda value: isinstance(value, dict | list))
)
def test_whatever_json_writes_is_read_back(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value


@patiently
@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        document = read_json(body)
    except BodyError:
        return
    assert isinstance(document, dict | list)
