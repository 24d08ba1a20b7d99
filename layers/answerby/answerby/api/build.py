"""Put the API together from what it works with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from answerby.api import actions, lookups, pages, service
from answerby.api.access import Tokens
from answerby.api.resolver import Api
from answerby.ports import Desks, Mentions, Timers


def build(mentions: Mentions, desks: Desks, tokens: Tokens, timers: Timers, clock: Callable[[], datetime]) -> Api:
    """The API, ready to resolve events of an HTTP API (payload format 2.0). Building it calls nothing."""
    api = Api(tokens)
    service.add(api)
    lookups.add(api, mentions, desks)
    actions.add(api, mentions, desks, timers, clock)
    pages.add(api, mentions)
    api.refuse_other_methods()
    return api
