"""The JSON API over HTTP, and the page that an alert's link leads to."""

from answerby.api.build import build

__all__ = ["build"]
