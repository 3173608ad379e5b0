"""Where SageMaker puts what a training reads, and where it looks for what comes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from housing.errors import UsageError

ROOT = Path("/opt/ml")


@dataclass(frozen=True)
class Training:
    """Folders and hyper-parameters of a training job."""

    train: Path
    validation: Path
    manifest: Path | None
    model: Path
    output: Path
    hyperparameters: Mapping[str, object]


def training_of(environment: Mapping[str, str], root: Path = ROOT) -> Training:
    """Reads the SM_* variables; what is not set is where a container finds it that SageMaker itself starts.

    Raises UsageError for a channel that is missing, and for one that training must not see.
    """
    inputs = Path(environment.get("SM_INPUT_DIR", root / "input"))

    def channel(name: str) -> Path:
        return Path(environment.get(f"SM_CHANNEL_{name.upper()}", inputs / "data" / name))

    missing = [name for name in ("train", "validation") if not channel(name).is_dir()]
    if missing:
        folders = ", ".join(str(channel(name)) for name in missing)
        raise UsageError(f"channel {' and '.join(missing)} is missing: no folder {folders}")
    if channel("test").is_dir():
        raise UsageError(f"channel test is there ({channel('test')}): training must not see what it is measured with")
    return Training(
        train=channel("train"),
        validation=channel("validation"),
        manifest=channel("manifest") if channel("manifest").is_dir() else None,
        model=Path(environment.get("SM_MODEL_DIR", root / "model")),
        output=Path(environment.get("SM_OUTPUT_DATA_DIR", root / "output" / "data")),
        hyperparameters=_hyperparameters(environment, inputs),
    )


def _hyperparameters(environment: Mapping[str, str], inputs: Path) -> Mapping[str, object]:
    given = environment.get("SM_HPS")
    path = Path(environment.get("SM_INPUT_CONFIG_DIR", inputs / "config")) / "hyperparameters.json"
    where = "SM_HPS" if given is not None else str(path)
    if given is None:
        given = path.read_text("utf-8") if path.is_file() else "{}"
    try:
        values = json.loads(given)
    except ValueError as error:
        raise UsageError(f"{where}: not JSON: {error}") from error
    if not isinstance(values, dict):
        raise UsageError(f"{where}: got {given}, expected hyper-parameters by name")
    return values


def tell_failure(message: str, command: str, environment: Mapping[str, str], root: Path = ROOT) -> None:
    """Leaves the reason where SageMaker takes it from, so that it is shown with the job.

    It shows the first 1,024 bytes. Outside of SageMaker there is no such folder, and nothing is written.
    """
    folder = Path(environment.get("SM_OUTPUT_DIR", root / "output"))
    if folder.is_dir():
        # It is on the error output already: that it cannot be left here as well must not hide it.
        with suppress(OSError):
            (folder / ("failure" if command == "train" else "message")).write_text(message, "utf-8")
