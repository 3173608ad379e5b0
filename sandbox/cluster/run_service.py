"""Runs a Python module as a container would, and ends with it when the pipe on standard input is closed.

The pipe closes when the process that started this one ends in whatever way, so a service never outlives it.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

PATIENCE_SECONDS = 2.0


def end_with_parent(descriptor: int) -> None:
    """Wait for the end of the pipe, ask this process to end, then end its whole group."""
    while os.read(descriptor, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_SECONDS)
    os.killpg(os.getpgid(0), signal.SIGKILL)


def keep_from_children() -> int:
    """Move the pipe away from standard input, where every child process would hold it open; returns where it is now."""
    descriptor = os.dup(0)
    os.set_inheritable(descriptor, False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return descriptor


def main() -> None:
    """`run_service.py <module> <word>…`, in the folder of the image."""
    threading.Thread(target=end_with_parent, args=(keep_from_children(),), daemon=True).start()
    sys.path[0] = os.getcwd()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
