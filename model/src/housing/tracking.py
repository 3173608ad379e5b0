"""Tells MLflow about a run, where MLFLOW_TRACKING_URI says that there is one to tell."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from importlib.util import find_spec

from housing.errors import UsageError

VARIABLE = "MLFLOW_TRACKING_URI"
_EXPERIMENT = "housing"

# What MLflow does unless told otherwise: it reports its use to its makers, asks git about the folder it runs in, and
# tries for minutes to reach a server that is not there.
_DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}


@dataclass(frozen=True)
class Tracked:
    """What MLflow is told about a run."""

    name: str
    metrics: Mapping[str, float]
    parameters: Mapping[str, object] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def check_tracking(environment: Mapping[str, str]) -> None:
    """Raises UsageError where tracking is asked for and cannot be: better before a long training than after it."""
    if environment.get(VARIABLE) and find_spec("mlflow") is None:
        raise UsageError(f"{VARIABLE} is set, and mlflow is not installed; install mlflow-skinny, or unset it")


def track(run: Tracked, environment: MutableMapping[str, str] = os.environ) -> bool:
    """Logs a run; whether it did. Without MLFLOW_TRACKING_URI nothing happens.

    A model that is trained is worth more than the note about it: a server that cannot be reached is only reported.
    """
    uri = environment.get(VARIABLE)
    if not uri:
        return False
    for name, value in _DEFAULTS.items():
        environment.setdefault(name, value)
    if uri.startswith("file:"):
        # A folder is what there is without a server; MLflow wants to be told that this is meant.
        environment.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    try:
        _log(run, uri, environment.get("MLFLOW_EXPERIMENT_NAME", _EXPERIMENT))
    except Exception as error:  # whatever a server or its client raise
        print(f"not tracked: {uri}: {error}", file=sys.stderr)
        return False
    return True


def _log(run: Tracked, uri: str, experiment: str) -> None:
    from mlflow.entities import Metric, Param, RunTag
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    found = client.get_experiment_by_name(experiment)
    where = found.experiment_id if found is not None else client.create_experiment(experiment)
    started = client.create_run(where, run_name=run.name)
    now = started.info.start_time
    client.log_batch(
        started.info.run_id,
        metrics=[Metric(name, value, now, 0) for name, value in sorted(run.metrics.items())],
        params=[Param(name, str(value)) for name, value in sorted(run.parameters.items())],
        tags=[RunTag(name, value) for name, value in sorted(run.tags.items())],
    )
    client.set_terminated(started.info.run_id)
