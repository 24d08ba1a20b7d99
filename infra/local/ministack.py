"""MiniStack, the local AWS, as a process in the background.

It holds a lock on a file, in which its process id is, for as long as it lives: whether it runs is never guessed from an
id that another program may have got since.
"""

import fcntl
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from infra.local.layout import ROOT, STATE, TOOLS, LocalError

HOST = "127.0.0.1"
REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
LOG = STATE / "ministack.log"
_LOCK = STATE / "ministack.lock"
LAUNCHER = ROOT / "infra/local/queueing.py"
_PORTS = range(1024, 65_536)
# Below the ports that systems give to outgoing connections.
_USUAL_PORTS = range(20_000, 30_000)
# The same for a checkout each time, and another for each checkout.
_OWN_PORT = _USUAL_PORTS[zlib.crc32(str(ROOT).encode()) % len(_USUAL_PORTS)]
_START_WITHIN = 60.0
_STOP_WITHIN = 10.0
_children: list[subprocess.Popen[bytes]] = []


def endpoint(port: int) -> str:
    return f"http://{HOST}:{port}"


def start(launcher: Path = LAUNCHER) -> int:
    """Start it with nothing in it and wait until it answers; its port. Raises LocalError."""
    port = _choose_port()
    for name in ("tmp", "state", "s3"):
        shutil.rmtree(STATE / name, ignore_errors=True)
        (STATE / name).mkdir(parents=True)
    LOG.write_text("")
    _run(launcher, port)
    return port


def resume(launcher: Path, port: int) -> None:
    """Start one that was stopped again, with what its launcher has stored of it. Raises LocalError."""
    (STATE / "tmp").mkdir()
    _run(launcher, port)


def _run(launcher: Path, port: int) -> None:
    with _LOCK.open("a") as lock, LOG.open("a") as log, _uninterrupted():
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        process = subprocess.Popen(
            [TOOLS / "python", "-P", launcher],
            cwd=STATE,
            env=_environment(port),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[lock.fileno()],
            start_new_session=True,
        )
        _children.append(process)
        lock.truncate(0)
        lock.write(str(process.pid))
    deadline = time.monotonic() + _START_WITHIN
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise LocalError(f"MiniStack did not start; see {LOG.relative_to(ROOT)}")
        time.sleep(0.05)


def stop(by: int = signal.SIGTERM, within: float = _STOP_WITHIN) -> bool:
    """End it with all functions it runs; False when it was not running. Raises LocalError if it cannot be known.

    What is not gone by that signal `within` so many seconds is killed.
    """
    if not is_running():
        _refuse_lost()
        return False
    pid = process_id()
    _signal(pid, by)
    deadline = time.monotonic() + within
    while is_running() and time.monotonic() < deadline:
        time.sleep(0.05)
    _signal(pid, signal.SIGKILL)
    while is_running():
        time.sleep(0.05)
    while _children:
        _children.pop().wait()
    shutil.rmtree(STATE / "tmp", ignore_errors=True)
    return True


def process_id() -> int:
    """Of the one that runs, and of the session that all its functions belong to."""
    return int(_LOCK.read_text())


def is_running() -> bool:
    if not _LOCK.exists():
        return False
    with _LOCK.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def named_by_environment(endpoint_url: str) -> Iterator[None]:
    """Within the block, the environment names this AWS and no other, as the product's own code expects it to."""
    before = dict(os.environ)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    os.environ.update(CREDENTIALS, AWS_ENDPOINT_URL=endpoint_url)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def stopped_on_failure() -> Iterator[None]:
    """Whatever ends the block early, Ctrl-C included, leaves no process behind."""
    try:
        yield
    except BaseException:
        stop()
        raise


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A Ctrl-C waits for the end of the block: no process starts that `stop` does not know of."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _environment(port: int) -> dict[str, str]:
    """Nothing of the caller's, because MiniStack hands its own environment on to every function."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(STATE),
        "TMPDIR": str(STATE / "tmp"),
        "STATE_DIR": str(STATE / "state"),
        "S3_DATA_DIR": str(STATE / "s3"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_WARM_TTL_SECONDS": "3600",
    }


def _choose_port() -> int:
    wanted = os.environ.get("ANSWERBY_PORT")
    if wanted:
        if not (wanted.isdecimal() and int(wanted) in _PORTS):
            raise LocalError(f"ANSWERBY_PORT is {wanted!r}: it must be a number from 1024 to 65535")
        if not _is_free(int(wanted)):
            raise LocalError(
                f"Port {wanted} is used by another program. Set ANSWERBY_PORT to a free one, "
                "or unset it to have one chosen."
            )
        return int(wanted)
    port = next(filter(_is_free, range(_OWN_PORT, _OWN_PORT + 100)), None)
    if port is None:
        raise LocalError("No free port found. Set ANSWERBY_PORT to one.")
    return port


def _refuse_lost() -> None:
    """One whose lock was deleted with its file still runs, and nothing tells its process any more."""
    if "ANSWERBY_PORT" not in os.environ and _answers(_OWN_PORT):
        raise LocalError(
            f"A local AWS answers on port {_OWN_PORT}, but {STATE.name} does not know of it: were files there deleted "
            f"while it was up? End it by\n\n  pkill -f {shlex.quote(str(LAUNCHER))}\n\n"
            "or, if it is not of this checkout, set ANSWERBY_PORT to a free port."
        )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == HTTPStatus.OK
    except (HTTPException, OSError):
        return False
    finally:
        connection.close()


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return
