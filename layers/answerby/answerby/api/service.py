"""What the API says of itself, to anybody."""

from functools import cache

from answerby import __version__
from answerby.api.document import document, responses
from answerby.api.models import HealthBody, Json
from answerby.api.resolver import Api


def add(api: Api) -> None:
    written = cache(document)

    @api.offer("GET", "/health", summary="Whether it is up", responses=responses("It is."), tags=["service"])
    def health() -> HealthBody:
        return HealthBody(status="ok", version=__version__)

    @api.offer("GET", "/openapi.json", summary="This document", responses=responses("The document."), tags=["service"])
    def openapi() -> Json:
        return written(api)
