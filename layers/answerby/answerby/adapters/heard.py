"""When each source was last heard from, in the desk table: (heard, source) holds one time."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.models import Model

from answerby.adapters import tables
from answerby.adapters.items import ms, time
from answerby.ports import UnavailableError

NOTED_EVERY = timedelta(hours=1)
_HEARD = "heard"

_log = logging.getLogger(__name__)


class _Record(Model):
    kind = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    at = NumberAttribute()


class HeardTable:
    """ports.Heard. `failed` counts the times that could not be noted."""

    def __init__(self, table_name: str) -> None:
        self._record = tables.bound(_Record, table_name)
        self._noted: dict[str, datetime] = {}
        self.failed = 0

    def note(self, source: str, now: datetime) -> None:
        noted = self._noted.get(source)
        if noted and now - noted < NOTED_EVERY:
            return
        # Before it is tried, so that a table that refuses costs one call an hour and not one for each post.
        self._noted[source] = now
        try:
            tables.put(self._record(_HEARD, source, at=ms(now)))
        except (UnavailableError, PynamoDBException, ClientError, BotoCoreError) as error:
            self.failed += 1
            _log.warning("A source was not noted as heard", extra={"error": type(error).__name__})

    def all(self) -> Mapping[str, datetime]:
        with tables.reaching():
            return {record.id: time(int(record.at)) for record in self._record.query(_HEARD)}

    def take_failed(self) -> int:
        """How many times could not be noted since this was asked last."""
        taken, self.failed = self.failed, 0
        return taken
