"""MiniStack as the child of a supervisor: it saves its state and ends when the pipe on its standard input is closed.

The pipe closes when the supervisor ends in whatever way, so the emulator never outlives it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "spark"))
sys.path.insert(0, str(Path(__file__).parents[1] / "aws-api"))

from emulator_extras import extend  # the folders have to be on the path first
from keeper import KEEPER_VARIABLE, Keeper
from reach import reach_accounts


def end_with_parent(descriptor: int) -> None:
    """Wait for the end of the pipe, then ask this process to end as a terminal would."""
    while os.read(descriptor, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def keep_from_children() -> int:
    """Move the pipe away from standard input, where every child process would hold it open; returns where it is now."""
    descriptor = os.dup(0)
    os.set_inheritable(descriptor, False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return descriptor


def main() -> None:
    """Serve until the supervisor is gone or asks for the end."""
    threading.Thread(target=end_with_parent, args=(keep_from_children(),), daemon=True).start()
    keeper = Keeper(
        folder=Path(os.environ["TMPDIR"]) / "spark",
        cache=Path(os.environ["SLIPWAY_LIVE_CACHE"]),
        log=Path(os.environ["SLIPWAY_LIVE_LOGS"]) / "spark.log",
    )
    os.environ[KEEPER_VARIABLE] = keeper.start()
    from hypercorn.config import Config
    from ministack.app import main as serve  # type: ignore[import-untyped,unused-ignore]

    extend()
    reach_accounts()
    # Connections that clients keep open for later are no reason to stay.
    Config.graceful_timeout = 0.3
    serve()


if __name__ == "__main__":
    main()
