"""The sources and their keys in memory."""

from __future__ import annotations

from answerby.domain.source import Source
from answerby.networks.webhook import Keys


class FakeSources:
    def __init__(self, *sources: tuple[Source, Keys]) -> None:
        self.sources = {source.id: (source, keys) for source, keys in sources}

    def get(self, source_id: str) -> tuple[Source, Keys] | None:
        return self.sources.get(source_id)
