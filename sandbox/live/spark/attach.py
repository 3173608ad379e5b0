"""PySpark of this process on a JVM that runs already: what one job changes in it is gone before the next."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jvm import Jvm
from keeper import Loan


class Attachment:
    """PySpark of a process as the one user of a JVM's gateway."""

    def __init__(self, jvm: Any, settings: Mapping[str, str]) -> None:
        """Take over py4j's view of the JVM and give it a job's settings, which every session of the job has."""
        self._jvm = jvm
        self._settings = settings
        self._before = self._spark_settings()
        for name, value in settings.items():
            jvm.java.lang.System.setProperty(name, value)

    @classmethod
    def open(cls, port: int, secret: str, settings: Mapping[str, str]) -> Attachment:
        """Connect PySpark to the gateway on this port of 127.0.0.1. Raises Py4JError when nobody answers."""
        gateway = connect(port, secret)
        from pyspark import SparkContext

        SparkContext._ensure_initialized(gateway=gateway)
        return cls(SparkContext._jvm, settings)

    def clean(self) -> bool:
        """Stop what the job left running and take its settings back; False when the next job would notice this one."""
        running = self._running()
        if running.isDefined():
            running.get().stop()
        sessions = self._jvm.org.apache.spark.sql.SparkSession
        sessions.clearDefaultSession()
        sessions.clearActiveSession()
        # Connections to file systems keep the settings of the job that opened them.
        self._jvm.org.apache.hadoop.fs.FileSystem.closeAll()
        for name in self._settings:
            self._jvm.java.lang.System.clearProperty(name)
        return bool(self._spark_settings() == self._before and self._running().isEmpty())

    def _running(self) -> Any:
        """Scala's Option of the active SparkContext."""
        companion = getattr(self._jvm.org.apache.spark, "SparkContext$")
        return getattr(companion, "MODULE$").getActive()

    def _spark_settings(self) -> Any:
        """The JVM's system properties whose names begin with `spark.`: each new session starts from them."""
        return self._jvm.org.apache.spark.SparkConf(True).toDebugString()


def connect(port: int, secret: str) -> Any:
    """A py4j gateway as PySpark opens it, to the JVM on this port of 127.0.0.1."""
    os.environ.update(
        PYSPARK_GATEWAY_PORT=str(port),
        PYSPARK_GATEWAY_SECRET=secret,
        SPARK_LOCAL_IP="127.0.0.1",
        PYSPARK_PYTHON=sys.executable,
        PYSPARK_DRIVER_PYTHON=sys.executable,
    )
    from pyspark.java_gateway import launch_gateway

    _remember_names()
    return launch_gateway()  # type: ignore[no-untyped-call,unused-ignore]


def _remember_names() -> None:
    """Let py4j ask only once what a name is: the JVM looks into each of Spark's 250 jars for a class that is none."""
    from py4j.java_gateway import (  # type: ignore[import-untyped,unused-ignore]
        JavaClass,
        JavaMember,
        JavaPackage,
        JVMView,
    )

    def remember(kind: Any, known: Callable[[str, Any], bool]) -> None:
        ask = kind.__getattr__

        def answer(self: Any, name: str) -> Any:
            found = ask(self, name)
            if known(name, found):
                self.__dict__[name] = found
            return found

        kind.__getattr__ = answer

    # A name without a package may be imported later; one of a package stays what it is, and so does a method.
    remember(JVMView, lambda name, found: name.islower() or isinstance(found, JavaClass))
    remember(JavaPackage, lambda _, found: isinstance(found, JavaClass | JavaPackage))
    remember(JavaClass, lambda _, found: isinstance(found, JavaMember))


class JobJvm:
    """The JVM of one job: the sandbox's warm one, or its own where there is none or others keep it busy."""

    def __init__(self, folder: Path, cache: Path) -> None:
        """Ask for it, or start it, without waiting: the job has other things to prepare."""
        self._folder = folder
        self._cache = cache
        self._loan = Loan.request()
        self._own = None if self._loan is not None else self._start()
        self._attachment: Attachment | None = None

    def connect(self, settings: Mapping[str, str]) -> None:
        """Wait for it and let PySpark of this process use it. Raises RuntimeError when it does not start."""
        lent = self._loan.gateway() if self._loan is not None else None
        if lent is not None:
            self._attachment = Attachment.open(lent.port, lent.secret, settings)
            print(f"Spark runs in the sandbox's JVM, process {lent.pid}", flush=True)
            return
        self._own = self._own or self._start()
        port, secret = self._own.gateway()
        Attachment.open(port, secret, settings)
        print(f"Spark runs in a JVM of this job, process {self._own.pid}", flush=True)

    def end(self) -> None:
        """Give the warm JVM back, end one of the job's own."""
        if self._own is not None:
            self._own.end()
        if self._loan is not None:
            self._loan.end(self._clean())

    def _start(self) -> Jvm:
        return Jvm.start(self._folder, self._cache)

    def _clean(self) -> bool:
        try:
            return self._attachment is not None and self._attachment.clean()
        except Exception:  # the JVM may be gone; what the job has to tell is more important
            traceback.print_exc()
            return False


def job_settings(folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Settings for one job: tables go to a folder of its own, and Python workers get these variables."""
    workers = {f"spark.executorEnv.{name}": value for name, value in variables.items()}
    return {"spark.sql.warehouse.dir": str(folder / "warehouse"), **workers}
