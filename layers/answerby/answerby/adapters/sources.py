"""The sources and their signing secrets: one secret of Secrets Manager, so that receive_webhook reads nothing else."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from answerby.adapters import aws
from answerby.domain.source import Source
from answerby.networks.webhook import Keys
from answerby.ports import UnavailableError

CACHED_FOR = 60.0

_log = logging.getLogger(__name__)

KeyedSource = tuple[Source, Keys]


class SourcesError(Exception):
    """The secret does not hold what it should; the message says what is wrong and tells nothing of its content."""


class SecretSources:
    """`clock` counts seconds: it only measures the age of what is cached."""

    def __init__(self, secret_id: str, clock: Callable[[], float] = monotonic) -> None:
        self._secret_id = secret_id
        self._clock = clock
        self._client = aws.client("secretsmanager")
        self._cached: Mapping[str, KeyedSource] | None = None
        self._read_at = 0.0

    def get(self, source_id: str) -> KeyedSource | None:
        """A source whose entry is malformed is what it was before, or unknown: the others do not suffer from it.

        Raises UnavailableError if the secret has never been read.
        """
        if self._cached is None or self._clock() - self._read_at >= CACHED_FOR:
            self._cached = self._refreshed()
            self._read_at = self._clock()
        return self._cached.get(source_id)

    def read(self) -> Mapping[str, KeyedSource]:
        """All sources as they are stored now. Raises UnavailableError and SourcesError."""
        return {source_id: _source(source_id, entry) for source_id, entry in self._entries().items()}

    def write(self, sources: Mapping[str, KeyedSource]) -> None:
        """Replace all of them. Functions follow within a minute."""
        document = {source_id: _document(source, keys) for source_id, (source, keys) in sources.items()}
        self._client.put_secret_value(SecretId=self._secret_id, SecretString=json.dumps(document))
        self._cached = None

    def _refreshed(self) -> Mapping[str, KeyedSource]:
        """What is stored; while it cannot be read, what was: then tried again after a minute."""
        try:
            return dict(self._sound(self._entries()))
        except (UnavailableError, SourcesError, ClientError, BotoCoreError) as error:
            if self._cached is not None:
                _log.error("The sources could not be read again", extra={"error": type(error).__name__})
                return self._cached
            if isinstance(error, SourcesError):
                raise UnavailableError(str(error)) from error
            raise

    def _sound(self, entries: Mapping[str, Any]) -> Iterator[tuple[str, KeyedSource]]:
        for source_id, entry in entries.items():
            try:
                yield source_id, _source(source_id, entry)
            except SourcesError:
                _log.error("The entry of a source is malformed", extra={"source": source_id})
                if self._cached and source_id in self._cached:
                    yield source_id, self._cached[source_id]

    def _entries(self) -> Mapping[str, Any]:
        try:
            answer = self._client.get_secret_value(SecretId=self._secret_id)
        except (ClientError, BotoCoreError) as error:
            if aws.may_pass(error):
                raise UnavailableError(f"Secrets Manager is away: {type(error).__name__}") from error
            raise
        return _entries(answer.get("SecretString", ""))


def _document(source: Source, keys: Keys) -> dict[str, Any]:
    return {
        "network": source.network,
        "brand_account": source.brand_account,
        "aliases": list(source.aliases),
        "secrets": list(keys.secrets),
        "verify_token": keys.verify_token,
    }


def _entries(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        # The parser's own error would quote the secret.
        raise SourcesError("the sources secret is not JSON: run `answerby desk apply`") from None
    if not isinstance(document, dict):
        raise SourcesError("the sources secret is not a JSON object of sources by their ids")
    return document


def _source(source_id: str, entry: Any) -> KeyedSource:
    try:
        aliases, secrets = entry.get("aliases", []), entry["secrets"]
        texts = [entry["network"], entry["brand_account"], entry.get("verify_token", "")]
    except (AttributeError, KeyError, TypeError):
        aliases, secrets, texts = None, None, []
    lists = isinstance(aliases, list) and isinstance(secrets, list)
    if not lists or not all(isinstance(text, str) for text in (*texts, *aliases, *secrets)):
        raise SourcesError(f"source {source_id} needs the texts network and brand_account and the list secrets")
    source = Source(id=source_id, network=texts[0], brand_account=texts[1], aliases=tuple(aliases))
    return source, Keys(secrets=tuple(secrets), verify_token=texts[2])
