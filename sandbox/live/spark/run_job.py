"""Runs one Glue job of the sandbox as a local PySpark process.

The emulator starts this file in place of the job's script. The job's arguments arrive as environment variables named
without their leading dashes; the variables of the process itself are listed in SLIPWAY_LIVE_VARIABLES. The script and
its library are fetched from the emulator's S3, the buckets that the arguments name are mirrored to a folder, the script
runs on that folder (LAKEHOUSE_S3_ROOT), and what it wrote or deleted goes back. The exit code is the script's. Standard
error says in one line what went wrong: the emulator shows only the beginning of what it finds there.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

from attach import JobJvm, job_settings
from mirror import Mirror, s3_client

_RESERVED = "SLIPWAY_"


def job_arguments(variables: Mapping[str, str]) -> dict[str, str]:
    """The job's own arguments out of the process's variables, without their dashes."""
    own = set(variables.get("SLIPWAY_LIVE_VARIABLES", "").split(","))
    return {name: value for name, value in variables.items() if name not in own and not name.startswith(_RESERVED)}


def command_line(script: str, arguments: Mapping[str, str]) -> list[str]:
    """The argument vector that Glue gives to a Spark script."""
    return [script, *(word for name, value in sorted(arguments.items()) for word in (f"--{name}", value))]


def buckets_of(arguments: Mapping[str, str]) -> list[str]:
    """Buckets that the job works on: every argument whose name ends with `_bucket`."""
    return sorted({value for name, value in arguments.items() if name.endswith("_bucket") and value})


def exit_code_of(error: SystemExit) -> int:
    """What a process ends with when this reaches its top."""
    if error.code is None:
        return 0
    return error.code if isinstance(error.code, int) else 1


def run_script(script: Path, arguments: Mapping[str, str], libraries: list[Path]) -> tuple[int, str]:
    """Run the script as `__main__`. Returns its exit code and what to tell about a failure."""
    sys.path[:0] = [str(library) for library in libraries]
    sys.argv = command_line(str(script), arguments)
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as error:
        code = exit_code_of(error)
        told = "" if error.code is None or isinstance(error.code, int) else str(error.code)
        return code, told or (f"the script ended with {code}" if code else "")
    except BaseException as error:  # whatever the script raises is the job's failure
        traceback.print_exc()
        return 1, f"{type(error).__name__}: {error}"
    return 0, ""


def end_with_parent() -> None:
    """End this process, and with it the JVM that reads from it, when the emulator is gone."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def redirect_output(log: Path) -> int:
    """Send standard output and error to the log; returns a descriptor of the real standard error."""
    log.parent.mkdir(parents=True, exist_ok=True)
    real = os.dup(2)
    os.set_inheritable(real, False)
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)
    return real


def run(variables: Mapping[str, str], folder: Path) -> tuple[int, str]:
    """Prepare, run and carry back one job in a folder of its own; returns the exit code and the reason of a failure."""
    arguments = job_arguments(variables)
    account, region = variables["SLIPWAY_JOB_ACCOUNT"], variables["SLIPWAY_JOB_REGION"]
    own = {
        "AWS_ACCESS_KEY_ID": account,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "LAKEHOUSE_S3_ROOT": str(folder / "s3"),
    }
    os.environ.update(own)
    jvm = JobJvm(folder, Path(variables["SLIPWAY_LIVE_CACHE"]))
    try:
        mirror = Mirror(s3_client(), folder / "s3", Path(variables["S3_DATA_DIR"]) / account)
        script = mirror.fetch(variables["SLIPWAY_JOB_SCRIPT"], folder)
        extra = arguments.get("extra-py-files", "")
        libraries = [mirror.fetch(location, folder) for location in extra.split(",") if location]
        mirror.download(buckets_of(arguments))
        jvm.connect(job_settings(folder, own))
        code, reason = run_script(script, arguments, libraries)
    finally:
        jvm.end()
    if code == 0:
        mirror.upload()
    return code, reason


def main() -> int:
    """Run the job that the variables describe."""
    variables = dict(os.environ)
    threading.Thread(target=end_with_parent, daemon=True).start()
    name = f"{variables['SLIPWAY_JOB_NAME']}-{int(time.time() * 1000)}-{os.getpid()}"
    real = redirect_output(Path(variables["SLIPWAY_LIVE_LOGS"]) / "jobs" / f"{name}.log")
    folder = Path(variables["SLIPWAY_LIVE_JOBS"]) / name
    folder.mkdir(parents=True)
    try:
        code, reason = run(variables, folder)
    except Exception as error:  # the message is all that the emulator passes on
        traceback.print_exc()
        code, reason = 1, f"{type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if code:
        os.write(real, f"{reason[:1800]}\n".encode())
    return code


if __name__ == "__main__":
    ended = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that Spark left behind have nothing more to say.
    os._exit(ended)
