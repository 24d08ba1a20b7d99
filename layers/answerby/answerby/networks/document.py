"""JSON bodies, read with every limit named."""

from __future__ import annotations

import json
import math
from itertools import accumulate
from typing import Any, NoReturn

from answerby.networks.webhook import BodyError

MAX_DEPTH = 64

_BRACKETS = b"[]{}"
_STEPS = bytes.maketrans(_BRACKETS, b"\x01\xff\x01\xff")
_NOT_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))


def read_json(body: bytes) -> Any:
    """The object or list that the body holds; integers of any size stay exact. Raises BodyError."""
    if not body.strip():
        raise BodyError("the body is empty; it must be a JSON object or list")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BodyError(f"the body is not UTF-8: {error.reason} at byte {error.start}") from None
    if _depth(body) > MAX_DEPTH:
        raise BodyError(f"the body is nested deeper than {MAX_DEPTH} levels")
    try:
        document = _DECODER.decode(text)
    except BodyError:
        raise
    except ValueError as error:  # also an integer of more digits than Python converts
        raise BodyError(f"the body is not JSON: {error}") from None
    if not isinstance(document, dict | list):
        raise BodyError("the body must be a JSON object or list")
    return document


def _depth(body: bytes) -> int:
    """The deepest nesting of brackets outside strings.

    Measured ahead of the decoder, which recurses, in a fixed number of linear passes that run in C: without escaped
    backslashes and quotes, every second part between quotes is outside a string; there, an opening bracket counts
    +1 and a closing one -1.
    """
    outside = b"".join(body.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')[::2])
    steps = memoryview(outside.translate(_STEPS, _NOT_BRACKETS)).cast("b")
    return max(accumulate(steps), default=0)


def _refuse_constant(name: str) -> NoReturn:
    raise BodyError(f"the body is not JSON: {name} is not a JSON number")


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise BodyError(f"the body holds a number out of range: {number[:20]}")
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
