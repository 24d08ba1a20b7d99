"""A desk as a plain document, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from answerby.domain.desk import Desk
from answerby.domain.source import Source


def desk_document(desk: Desk) -> dict[str, Any]:
    """Without its version, which is the item's. Sets are sorted, so that equal desks make equal documents."""
    return _document(replace(desk, version=0))


def desk_of(document: Mapping[str, Any], version: int) -> Desk:
    return replace(msgspec.convert(document, Desk), version=version)


def source_document(source: Source) -> dict[str, Any]:
    return _document(source)


def source_of(document: Mapping[str, Any]) -> Source:
    return msgspec.convert(document, Source)


def _document(value: Desk | Source) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(value, order="deterministic")
    return document
