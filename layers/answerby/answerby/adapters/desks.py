"""The published desk and its versions: (desk, current) is in force, (desk, v000001) is what it was at some time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from answerby.adapters import bodies, tables
from answerby.adapters.desk_documents import desk_document, desk_of
from answerby.adapters.items import ms, time
from answerby.domain.desk import Desk
from answerby.ports import ConflictError, NoDeskError, UnavailableError

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition

CACHED_FOR = 60.0
_DESK, _CURRENT = "desk", "current"


class _Record(Model):
    kind = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    previous = NumberAttribute()
    published_at = NumberAttribute()
    published_by = UnicodeAttribute()
    why = UnicodeAttribute()
    body = BinaryAttribute(legacy_encoding=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    desk: Desk
    at: datetime
    by: str
    why: str

    @property
    def version(self) -> int:
        return self.desk.version


class DeskTable:
    """ports.Desks on DynamoDB. `clock` counts seconds: it only measures the age of what is cached."""

    def __init__(self, table_name: str, clock: Callable[[], float] = monotonic) -> None:
        self._record = tables.bound(_Record, table_name)
        self._clock = clock
        self._cached: tuple[float, Desk] | None = None

    def current(self, *, fresh: bool = False) -> Desk:
        if self._cached and not fresh and self._clock() - self._cached[0] < CACHED_FOR:
            return self._cached[1]
        try:
            record = self._get(_CURRENT)
        except UnavailableError:
            # A desk of some minutes ago calls somebody; none calls nobody.
            if self._cached is None or fresh:
                raise
            return self._cached[1]
        if record is None:
            raise NoDeskError("no desk has been published: run `answerby desk apply`")
        desk = desk_of(bodies.unpack(record.body), int(record.version))
        self._cached = self._clock(), desk
        return desk

    def publish(self, desk: Desk, *, by: str, why: str, now: datetime, expected_version: int) -> int:
        """Put a desk in force in place of `expected_version` (0: of none); its version.

        The version is stored first and never changes afterwards. One that was stored by a publication which then
        failed was never in force: its number is skipped. Raises ConflictError if another version is in force.
        """
        body = bodies.pack(desk_document(desk))

        def record(name: str, version: int) -> _Record:
            return self._record(
                _DESK,
                name,
                version=version,
                previous=expected_version,
                published_at=ms(now),
                published_by=by,
                why=why,
                body=body,
            )

        version = expected_version + 1
        while (taken := tables.put(record(_name(version), version), _is_new())) and not taken.same:
            version += 1
        first = _is_new()
        refusal = tables.put(
            record(_CURRENT, version), first if not expected_version else _Record.version == expected_version
        )
        if refusal and not refusal.same:
            raise ConflictError(f"version {expected_version} of the desk is no longer in force")
        self._cached = None
        return version

    def published_at(self) -> datetime:
        """When the desk in force was. Raises NoDeskError and UnavailableError."""
        record = self._get(_CURRENT)
        if record is None:
            raise NoDeskError("no desk has been published: run `answerby desk apply`")
        return time(int(record.published_at))

    def version(self, version: int) -> Desk:
        """Raises LookupError for a version that was never published."""
        record = self._get(_name(version))
        if record is None:
            raise LookupError(f"the desk has no version {version}")
        return desk_of(bodies.unpack(record.body), version)

    def publications(self, limit: int | None = None) -> Sequence[Publication]:
        """What was in force, newest first. Read as one query, and no further than to the `limit`."""
        current = self._get(_CURRENT)
        version = int(current.version) if current else 0
        published: list[Publication] = []
        with tables.reaching():
            for record in self._record.query(_DESK, _Record.id.startswith("v"), scan_index_forward=False, page_size=10):
                if version == 0 or len(published) == limit:
                    break
                if int(record.version) == version:
                    published.append(_publication(record))
                    version = int(record.previous)
        return published

    def _get(self, name: str) -> _Record | None:
        with tables.reaching():
            try:
                return self._record.get(_DESK, name, consistent_read=True)
            except self._record.DoesNotExist:
                return None


def _publication(record: _Record) -> Publication:
    return Publication(
        desk=desk_of(bodies.unpack(record.body), int(record.version)),
        at=time(int(record.published_at)),
        by=record.published_by,
        why=record.why,
    )


def _is_new() -> Condition:
    return _Record.kind.does_not_exist()


def _name(version: int) -> str:
    return f"v{version:06}"
