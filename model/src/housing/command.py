"""Command line of the zip: reads arguments and surroundings, runs a step, says what came of it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from housing.card import Gate
from housing.errors import HousingError
from housing.evaluate import Evaluation, evaluate
from housing.hyperparameters import describe, parse_grid, parse_hyperparameters
from housing.metrics import check_gate
from housing.preprocess import preprocess
from housing.surroundings import tell_failure, training_of
from housing.tracking import Tracked, check_tracking, track
from housing.train import train

_SEEDS = (0, 2**32 - 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code: 2 where a person can do something about what went wrong."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace, Mapping[str, str]], None] = options.run
    try:
        run(options, os.environ)
    except HousingError as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        tell_failure(str(error), options.command, os.environ)
        return 2
    except OSError as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        tell_failure(str(error), options.command, os.environ)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="model.zip", description="The steps of the model of house prices.")
    steps = parser.add_subparsers(dest="command", required=True)
    first = steps.add_parser("preprocess", help="checks the data and splits it")
    first.add_argument("--input", type=Path, required=True, help="folder with .parquet or .csv files")
    first.add_argument("--output", type=Path, required=True, help="folder for train, validation, test and manifest")
    first.add_argument("--seed", type=_seed, default=42, help="same seed, same split (default 42)")
    first.set_defaults(run=_preprocess)
    second = steps.add_parser("train", help=f"trains a model; hyper-parameters: {describe()}")
    second.add_argument("--grid", help='tries combinations and keeps the best, as JSON: {"alpha": [0.1, 1]}')
    second.set_defaults(run=_train)
    third = steps.add_parser("evaluate", help="measures a model")
    third.add_argument("--model", type=Path, required=True, help="folder with model.tar.gz")
    third.add_argument("--test", type=Path, required=True, help="folder of the test split")
    third.add_argument("--validation", type=Path, help="folder of the validation split, for the model card")
    third.add_argument("--manifest", type=Path, required=True, help="folder of the splits' manifest")
    third.add_argument("--output", type=Path, required=True, help="folder for evaluation, model card and predictions")
    third.add_argument("--metric", help="what decides whether the model is good enough, for the model card")
    third.add_argument("--threshold", type=float, help="what that metric has to reach, from 0 to 1")
    third.set_defaults(run=_evaluate)
    return parser


def _seed(text: str) -> int:
    least, most = _SEEDS
    if not text.isdecimal() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"got {text}, expected a whole number from {least} to {most}")
    return int(text)


def _preprocess(options: argparse.Namespace, _environment: Mapping[str, str]) -> None:
    prepared = preprocess(options.input, options.output, options.seed)
    print(", ".join(f"{name}: {rows} rows" for name, rows in prepared.rows.items()))


def _train(options: argparse.Namespace, environment: Mapping[str, str]) -> None:
    job = training_of(environment)
    check_tracking(environment)
    single = [parse_hyperparameters(job.hyperparameters)]
    trained = train(job, single if options.grid is None else parse_grid(options.grid, job.hyperparameters))
    # SageMaker finds the metrics by these lines.
    for name, value in trained.metrics.items():
        print(f"validation:{name}={value!r};")
    print(f"artifact: sha256 {trained.artifact.sha256}")
    metrics = {f"validation_{name}": value for name, value in trained.metrics.items()}
    tags = {"artifact.sha256": trained.artifact.sha256, "data.sha256": trained.artifact.document["training"]["data"]}
    track(Tracked("train", metrics, asdict(trained.parameters), tags))


def _evaluate(options: argparse.Namespace, environment: Mapping[str, str]) -> None:
    check_gate(options.metric, options.threshold)
    check_tracking(environment)
    gate = None if options.metric is None else Gate(options.metric, options.threshold)
    job = Evaluation(options.model, options.test, options.manifest, options.output, options.validation, gate)
    card = evaluate(job)
    for name, value in card.metrics.items():
        print(f"test:{name}={value!r};")
    metrics = {f"test_{name}": value for name, value in card.metrics.items()}
    track(Tracked("evaluate", metrics, tags={"artifact.sha256": card.artifact.sha256}))
