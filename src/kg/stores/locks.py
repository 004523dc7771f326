"""Locks of the operating system on files: given back when the process ends, however it ends."""

import json
import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from kg.errors import GraphError, StoreUnavailableError

_POLL = 0.02  # seconds between attempts


class FileLock:
    """A shared or exclusive lock on a file of a graph folder; no two processes need to trust a pid."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise GraphError(
                f"Cannot write {path}: {error.strerror}. This needs a folder that kg may write; "
                "copy the graph to one."
            ) from error

    def take(self, *, exclusive: bool = False, wait: float = 0.0) -> bool:
        """Takes or converts the lock; False when another still holds it after `wait` seconds.

        A failed conversion loses what was held before, as flock(2) says: take it again.
        """
        import fcntl

        kind = (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(self._file, kind)
                return True
            except BlockingIOError:
                if time.monotonic() >= until:
                    return False
                time.sleep(_POLL)

    def release(self) -> None:
        """Gives the lock back and closes the file; once is enough, twice does no harm."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> "FileLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def taken(path: Path, *, exclusive: bool = False, wait: float, why: str, signed: bool = False) -> FileLock:
    """The lock, taken; a StoreUnavailableError says who is in the way (`why`) when `wait` seconds do not do.

    A lock that is `signed` says in its file who holds it, for those who cannot have it.
    """
    lock = FileLock(path)
    try:
        if lock.take(exclusive=exclusive, wait=wait):
            if signed:
                with suppress(OSError):  # a full disk does not keep anyone from the lock
                    path.write_text(json.dumps(whoami()), "utf8")
            return lock
    except BaseException:
        lock.release()
        raise
    lock.release()
    raise StoreUnavailableError(why + holder(path))


def whoami() -> dict[str, Any]:
    """This process as others are told of it."""
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:120]
    since = time.strftime("%H:%M:%S")
    return {"process": os.getpid(), "host": socket.gethostname(), "command": command, "since": since}


def holder(path: Path) -> str:
    """Who has signed the file, as a sentence to put behind another; empty where nobody has."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        who = json.loads(path.read_text("utf8"))
        return f" It is `{who['command']}` (process {who['process']} on {who['host']}, since {who['since']})."
    return ""


def is_held(path: Path) -> bool:
    """Whether some process holds the file exclusively."""
    if not path.exists():
        return False
    with FileLock(path) as lock:
        return not lock.take()
