"""The model card: what a model is, what it was made from, how good it is, and where it must not be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from housing.artifact import Artifact
from housing.manifest import Manifest
from housing.metrics import UNITS
from housing.schema import FEATURES, TARGET
from housing.split import SHARES, SPLITS


@dataclass(frozen=True)
class Gate:
    """What decides whether a model is good enough."""

    metric: str
    minimum: float


@dataclass(frozen=True)
class Card:
    """Everything that a card is made from. `outside` counts houses beyond the ranges that were learned from."""

    artifact: Artifact
    manifest: Manifest
    metrics: Mapping[str, float]
    validation: Mapping[str, float] | None
    outside: int
    gate: Gate | None


def limits(card: Card) -> list[str]:
    """Where the model must not be trusted."""
    houses = card.manifest.parts["test"].rows
    found = [
        f"{card.outside} of the {houses} houses of the test split have a feature outside of what it learned from: "
        "a prediction for such a house is a guess.",
        f"It knows {', '.join(column.name for column in FEATURES)} and nothing else: no place, no condition, no year.",
        "A price is what comparable houses of its data were sold for. Where the market moves on, train it anew.",
    ]
    if card.artifact.document["algorithm"] == "forest":
        return [*found, "A forest cannot predict a price beyond those it has seen."]
    return [*found, "It is a sum of straight lines: a very small, old house may get a price below zero."]


def card_document(card: Card) -> dict[str, Any]:
    """The card for programs."""
    document, manifest = card.artifact.document, card.manifest
    metrics = _with_units(card.metrics)
    return {
        "schema": 1,
        "name": document["name"],
        "algorithm": document["algorithm"],
        "hyperparameters": document.get("hyperparameters", {}),
        "artifact": {"sha256": card.artifact.sha256, "onnx": document["onnx"]["sha256"]},
        "data": {"sha256": manifest.input_digest, "rows": manifest.input_rows},
        "split": {
            "seed": manifest.seed,
            "groups": "a house is in one split only",
            "parts": {
                name: {"share": SHARES[name], "rows": manifest.parts[name].rows, "sha256": manifest.parts[name].sha256}
                for name in SPLITS
            },
        },
        "features": [
            {**feature, "unit": column.unit or "number"}
            for feature, column in zip(document["features"], FEATURES, strict=True)
        ],
        "target": {"name": TARGET.name, "unit": TARGET.unit},
        "metrics": {"test": metrics, **({"validation": _with_units(card.validation)} if card.validation else {})},
        **({"gate": _gate(card.gate, card.metrics)} if card.gate else {}),
        "limits": limits(card),
    }


def card_text(card: Card) -> str:
    """The card for people, as Markdown."""
    document = card_document(card)
    parameters = ", ".join(f"{name} {value:.15g}" for name, value in sorted(document["hyperparameters"].items()))
    data, parts = document["data"], document["split"]["parts"]
    blocks = [
        f"# Model card: {document['name']}",
        f"Predicts the {TARGET.name} of a house ({TARGET.unit}). Algorithm: {document['algorithm']}"
        f"{f' ({parameters})' if parameters else ''}.",
        "## How good it is",
        _metrics_table(card),
        *([_gate_text(document["gate"])] if card.gate else []),
        "## Data",
        f"{data['rows']} rows, sha256 `{data['sha256']}`, split with seed {card.manifest.seed}; "
        f"{document['split']['groups']}.",
        _table(
            ("split", "share", "rows", "sha256"),
            ((name, f"{part['share']:.0%}", part["rows"], f"`{part['sha256']}`") for name, part in parts.items()),
        ),
        "## Features",
        _table(
            ("feature", "unit", "learned from", "to"),
            (
                (one["name"], one["unit"], f"{one['minimum']:.15g}", f"{one['maximum']:.15g}")
                for one in document["features"]
            ),
        ),
        "## Limits",
        "\n".join(f"- {limit}" for limit in document["limits"]),
        f"Artifact: sha256 `{document['artifact']['sha256']}`, graph `{document['artifact']['onnx']}`.",
    ]
    return "\n\n".join(blocks) + "\n"


def _with_units(metrics: Mapping[str, float]) -> dict[str, dict[str, object]]:
    return {name: {"value": value, "unit": UNITS[name]} for name, value in metrics.items()}


def _gate(gate: Gate, metrics: Mapping[str, float]) -> dict[str, object]:
    value = metrics[gate.metric]
    return {"metric": gate.metric, "minimum": gate.minimum, "value": value, "reached": value >= gate.minimum}


def _gate_text(gate: Mapping[str, Any]) -> str:
    verdict = "reached" if gate["reached"] else "missed"
    return f"Threshold {verdict}: {gate['metric']} is {gate['value']:.6g}, at least {gate['minimum']:.6g} is needed."


def _metrics_table(card: Card) -> str:
    validation = card.validation
    header = ("metric", "test", *(("validation",) if validation else ()), "unit")
    rows = (
        (name, f"{value:.6g}", *((f"{validation[name]:.6g}",) if validation else ()), UNITS[name])
        for name, value in card.metrics.items()
    )
    return _table(header, rows)


def _table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [list(map(str, header)), *(list(map(str, row)) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
