"""MiniStack, run by its own Python, with at most so many calls of functions at once.

AWS starts a further environment of a function for each request that finds none free, and so does MiniStack: a hundred
requests at once are a hundred processes on a laptop's few cores, of which none gets its answers in time. Its own limits
(LAMBDA_ACCOUNT_CONCURRENCY, reserved concurrency) refuse what is more instead of letting it wait, because a function
that calls itself would wait for ever. None of ours waits for another one.
"""

from __future__ import annotations

import threading
from typing import Any

from ministack.app import main  # type: ignore[import-not-found]
from ministack.services import lambda_svc  # type: ignore[import-not-found]

AT_ONCE = 8

_free = threading.BoundedSemaphore(AT_ONCE)
_execute = lambda_svc._execute_function_with_config_scope  # noqa: SLF001


def _execute_when_free(*arguments: Any) -> Any:
    with _free:
        return _execute(*arguments)


lambda_svc._execute_function_with_config_scope = _execute_when_free  # noqa: SLF001
main()
