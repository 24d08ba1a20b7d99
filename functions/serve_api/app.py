"""People and programs ask: look a mention up, acknowledge it, answer it, hand it on."""

from __future__ import annotations

from typing import Any

from answerby import api, runtime

app = api.build(runtime.mentions(), runtime.desks(), runtime.tokens(), runtime.timers(), runtime.clock)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
