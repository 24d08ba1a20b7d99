"""Plays the networks and the people of a plan. All of them try again until they are heard."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

from infra.local.stack import Stack
from tests.chaos.ledger import Deed, Ledger
from tests.chaos.plan import TOLD, Doing, What
from tests.chaos.telling import document, tellings
from tests.integration.asking import Api
from tests.integration.sending import Sender

TRIED_FOR = 180.0
"""Seconds: networks try for a day and more; a minute after the last fault there is no reason to refuse any more."""
AGAIN_AFTER = (1.0, 2.0, 4.0)
"""Seconds between two tries; the last one from then on."""

_OK, _UNKNOWN, _CONFLICT = 200, 404, 409


@dataclass(frozen=True)
class Load:
    stack: Stack
    ledger: Ledger
    _over: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Nobody tries again."""
        self._over.set()

    def play(self, doing: Doing) -> None:
        if doing.what in TOLD:
            self._tell(doing)
        else:
            self._act(doing)

    def _tell(self, doing: Doing) -> None:
        sender = Sender.to(self.stack, doing.story.network)
        body = document(doing, sender.brand_account)
        if self._until(lambda: sender.deliver(body), lambda status: status == _OK):
            self.ledger.accept(*tellings(doing))
        else:
            self.ledger.give_up(f"{doing.what} of {doing.story.id()}")

    def _act(self, doing: Doing) -> None:
        api, mention_id = Api(self.stack.api_url, self.stack.api_token), doing.story.id()
        further = {What.ASSIGN: {"to": doing.by}, What.DISMISS: {"reason": "needs_no_answer"}}.get(doing.what, {})
        # Unknown: the post may be on its way yet.
        status = self._until(
            lambda: api.act(mention_id, doing.what, by=doing.by, **further), lambda status: status in (_OK, _CONFLICT)
        )
        match status:
            case 200:
                self.ledger.did(Deed(doing, mention_id))
            case 409:
                self.ledger.refuse()
            case _:
                self.ledger.give_up(f"{doing.what} of {mention_id}")

    def _until(self, ask: Callable[[], requests.Response], done: Callable[[int], bool]) -> int | None:
        """The status with which it was done; None if it never was."""
        deadline, tries = time.monotonic() + TRIED_FOR, 0
        while time.monotonic() < deadline and not self._over.is_set():
            try:
                status = ask().status_code
                self.ledger.answered(str(status))
                if done(status):
                    return status
            except requests.RequestException as error:
                self.ledger.answered(type(error).__name__)
            self._over.wait(AGAIN_AFTER[min(tries, len(AGAIN_AFTER) - 1)])
            tries += 1
        return None
