"""MiniStack with what AWS does not lose: run by MiniStack's own Python instead of infra/local/queueing.py.

Its PERSIST_STATE stores everything when it ends by SIGTERM, and finds it again. What it needs besides, to be as good as
AWS in what matters here:

- It stores how far consumers have read a table's stream, and not the stream: they would be deaf until as many records
  have been written again. The stream is stored too, as DynamoDB keeps it for a day.
- It skips a service whose state changed while it was being copied. Here it is copied again.
- Functions go on working while it ends, and what they do is not stored any more. Here it ends when all is stored.
- SIGUSR1 cuts the power: the stores are written out and the process is killed by SIGKILL before it can send another
  byte, so that all that it has answered is stored, and whoever waits for an answer gets none.
"""

from __future__ import annotations

import os
import runpy
import signal
from pathlib import Path
from typing import Any

os.environ["PERSIST_STATE"] = "1"

from ministack import app  # type: ignore[import-not-found]
from ministack.services import dynamodb  # type: ignore[import-not-found]

COMPLETE = Path(os.environ["STATE_DIR"]) / "complete"
_STREAM = ("_stream_records", "_stream_trimmed")

_tables, _restore_tables, _save = dynamodb.get_state, dynamodb.load_persisted_state, app.save_all


def _tables_and_streams() -> dict[str, Any]:
    return {**_tables(), **{name: getattr(dynamodb, name) for name in _STREAM}}


def _restore(state: dict[str, Any]) -> None:
    _restore_tables(state)
    for name in _STREAM:
        getattr(dynamodb, name).update(state[name])


def _save_all(services: dict[str, Any]) -> None:
    _save({name: _stubborn(copy) for name, copy in services.items()})
    COMPLETE.touch()
    os.kill(os.getpid(), signal.SIGKILL)


def _stubborn(copy: Any) -> Any:
    def copied() -> Any:
        while True:
            try:
                return copy()
            except RuntimeError:  # a dictionary changed its size during the iteration
                continue

    return copied


def _die() -> None:
    _save_all(app._build_persistence_save_dict())


COMPLETE.unlink(missing_ok=True)
dynamodb.get_state, dynamodb.load_persisted_state, app.save_all = _tables_and_streams, _restore, _save_all
# By the thread that sends all answers, in between two of its tasks.
signal.signal(signal.SIGUSR1, lambda *_: app._MAIN_LOOP.call_soon_threadsafe(_die))
runpy.run_path(str(Path(__file__).parents[2] / "infra/local/queueing.py"))
