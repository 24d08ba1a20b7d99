"""A reader that knows what it was told."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerby.domain.mention import Sentiment
from answerby.ports import Reading


@dataclass
class FakeReader:
    language: str | None = "en"
    sentiment: Sentiment | None = Sentiment.NEUTRAL
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def read(self, text: str, language: str | None) -> Reading:
        self.asked.append((text, language))
        return Reading(language=language or self.language, sentiment=self.sentiment)
