"""Keeps one JVM with Spark warm for the jobs of a sandbox and lends it to one of them at a time.

It is a thread of the emulator's process, so that the JVM, which reads from a pipe of that process, never outlives it.
Jobs connect to a port of 127.0.0.1 and prove that they know the key: both are in KEEPER_VARIABLE, which processes of
the emulator inherit. The connection is the loan: it lasts until the job closes it. A job that does not give the JVM
back with a word, because it crashed or was killed, may have left anything in it, so that JVM is ended.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import threading
from dataclasses import asdict, dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

from jvm import Jvm

KEEPER_VARIABLE = "SLIPWAY_LIVE_KEEPER"
_GIVEN_BACK = b"as it was"


@dataclass(frozen=True)
class Lent:
    """A JVM that a job may use: its process, its gateway's port on 127.0.0.1, and the gateway's secret."""

    pid: int
    port: int
    secret: str


class Keeper:
    """The one JVM, started with the first job and ended when it has been idle for a while."""

    def __init__(self, folder: Path, cache: Path, log: Path, patience: float = 8.0, idle: float = 300.0) -> None:
        """Temporary files go below the folder, the JVM's output to the log.

        A job that finds the JVM busy waits for `patience` seconds; after `idle` seconds without a job the JVM is ended.
        """
        self._folder = folder
        self._cache = cache
        self._log = log
        self._patience = patience
        self._idle = idle
        self._key = secrets.token_hex(16)
        self._listener = Listener(("127.0.0.1", 0), backlog=16, authkey=self._key.encode())
        # Held by whoever uses, starts or ends the JVM.
        self._free = threading.Lock()
        self._jvm: Jvm | None = None
        self._started = 0
        self._timer: threading.Timer | None = None

    def start(self) -> str:
        """Begin to serve, in threads that do not keep the process alive; returns the value of KEEPER_VARIABLE."""
        threading.Thread(target=self._serve, daemon=True).start()
        _, port = self._listener.address
        return f"{port}:{self._key}"

    def _serve(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except (AuthenticationError, EOFError, OSError):
                continue  # Somebody without the key, or gone already.
            threading.Thread(target=self._lend, args=(connection,), daemon=True).start()

    def _lend(self, connection: Connection) -> None:
        with connection:
            if not self._free.acquire(timeout=self._patience):
                connection.send_bytes(b"null")
                return
            try:
                self._lend_free(connection)
            except (OSError, RuntimeError):
                # The job is gone or the JVM did not start.
                self._end()
            finally:
                self._free.release()

    def _lend_free(self, connection: Connection) -> None:
        if self._timer is not None:
            self._timer.cancel()
        jvm = self._ready()
        port, secret = jvm.gateway()
        connection.send_bytes(json.dumps(asdict(Lent(jvm.pid, port, secret))).encode())
        if _last_word(connection) != _GIVEN_BACK:
            self._end()
            return
        self._timer = threading.Timer(self._idle, self._end_idle, (jvm,))
        self._timer.daemon = True
        self._timer.start()

    def _ready(self) -> Jvm:
        if self._jvm is not None and self._jvm.answers():
            return self._jvm
        self._end()
        self._started += 1
        folder = self._folder / str(self._started)
        folder.mkdir(parents=True, mode=0o700)
        self._jvm = Jvm.start(folder, self._cache, log=self._log)
        return self._jvm

    def _end_idle(self, jvm: Jvm) -> None:
        if self._free.acquire(blocking=False):
            try:
                if self._jvm is jvm:
                    self._end()
            finally:
                self._free.release()

    def _end(self) -> None:
        if self._jvm is not None:
            self._jvm.end()
            self._jvm = None
            shutil.rmtree(self._folder / str(self._started), ignore_errors=True)


class Loan:
    """A job's request for the kept JVM. It may be made early: the JVM starts while the job prepares itself."""

    def __init__(self, connection: Connection) -> None:
        """Take over an open connection to the keeper."""
        self._connection = connection

    @classmethod
    def request(cls) -> Loan | None:
        """Ask the keeper that this process's variables name; None when there is none."""
        port, _, key = os.environ.pop(KEEPER_VARIABLE, "").partition(":")
        if not key:
            return None
        try:
            return cls(Client(("127.0.0.1", int(port)), authkey=key.encode()))
        except (AuthenticationError, EOFError, OSError):
            return None

    def gateway(self) -> Lent | None:
        """Wait for the JVM; None when others keep it busy."""
        try:
            answer = json.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            return None
        return None if answer is None else Lent(**answer)

    def end(self, clean: bool) -> None:
        """Give the JVM back; clean says that the next job will find it as this one did."""
        with self._connection:
            if clean:
                self._connection.send_bytes(_GIVEN_BACK)


def _last_word(connection: Connection) -> bytes:
    try:
        return connection.recv_bytes()
    except (EOFError, OSError):
        return b""
