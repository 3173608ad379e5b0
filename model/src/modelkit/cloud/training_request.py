"""What a training is asked for: events become a request, and a request becomes the parameters of one execution."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modelkit.documents import THRESHOLD_METRICS
from modelkit.errors import DocumentError, RequestError, SettingsError
from modelkit.hashing import digest_of
from modelkit.reader import Reader, is_number, parse_json, shown

#: The parameter that the snapshot decides, and nobody else.
INPUT_MANIFEST = "InputManifest"
_PUBLISHED = "Dataset Published"
_SCHEDULED = "Scheduled Event"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TYPES = ("String", "Integer", "Float")
#: What the training code takes; found out here, it costs no machine.
_RANGES = {
    "Threshold": (0.0, 1.0),
    "Seed": (0.0, 4294967295.0),
    "Alpha": (0.0, 1e6),
    "Trees": (1.0, 2000.0),
    "Depth": (1.0, 64.0),
}
_LONGEST = 1024


@dataclass(frozen=True)
class Parameter:
    """A parameter as the pipeline's definition declares it."""

    name: str
    type: str
    default: Any = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """What is asked for beyond the pipeline's defaults. `attempt` above 1 asks for another execution of the same."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    attempt: int = 1


def declared(text: str) -> dict[str, Parameter]:
    """The parameters of a rendered definition, by name. Raises SettingsError when that is not what the text holds."""
    where = "PIPELINE_PARAMETERS"
    try:
        items = parse_json(text.encode(), where)
        if not isinstance(items, list):
            raise DocumentError(where, [f"got {shown(items)}, expected a list"])
        problems: list[str] = []
        found = [_declaration(Reader(item, f"[{number}]", problems)) for number, item in enumerate(items)]
        if problems:
            raise DocumentError(where, problems)
    except DocumentError as error:
        raise SettingsError(str(error)) from error
    return {parameter.name: parameter for parameter in found}


def _declaration(reader: Reader) -> Parameter:
    name = reader.text("Name", _NAME, "1 to 256 letters, digits, _ and -")
    kind = reader.choice("Type", _TYPES)
    default = reader.get("DefaultValue") if reader.has("DefaultValue") else None
    values = reader.get("EnumValues") if reader.has("EnumValues") else []
    if not isinstance(values, list):
        reader.refuse("EnumValues", "a list")
        values = []
    return Parameter(name, kind, default, tuple(str(value) for value in values))


def request_of(event: Any, dataset: str, environment: str, metric: str) -> Request | str:
    """The request that an event is, or why there is nothing to do. Raises RequestError for one that makes no sense."""
    if not isinstance(event, dict):
        raise RequestError(f"event: got {shown(event)}, expected an object")
    kind = event.get("detail-type")
    if kind == _PUBLISHED:
        return _published(event.get("detail"), dataset, environment)
    if kind == _SCHEDULED:
        return Request()
    if kind is not None:
        raise RequestError(f"detail-type: got {shown(kind)}, expected {_PUBLISHED} or {_SCHEDULED}")
    return _by_hand(Reader(event, "request"), metric)


def _published(detail: Any, dataset: str, environment: str) -> Request | str:
    if not isinstance(detail, dict) or not isinstance(detail.get("dataset"), str):
        raise RequestError(f"detail.dataset: got {shown(detail)}, expected the name of a dataset")
    if detail["dataset"] != dataset:
        return f"{shown(detail['dataset'])} was published, models are trained on {dataset}"
    if detail.get("environment", environment) != environment:
        return f"published in {shown(detail['environment'])}, this is {environment}"
    return Request()


def _by_hand(reader: Reader, metric: str) -> Request:
    given = reader.get("parameters") if reader.has("parameters") else {}
    if not isinstance(given, dict):
        reader.refuse("parameters", "an object: {name: value}")
        given = {}
    attempt = reader.whole("attempt", 1, 1000) if reader.has("attempt") else 1
    if reader.has("metric"):
        named = reader.choice("metric", THRESHOLD_METRICS)
        if named and named != metric:
            reader.refuse("metric", f"{metric}, by which this pipeline decides")
    reader.only()
    if reader.problems:
        raise RequestError("\n".join(reader.problems))
    return Request(given, attempt)


def parameters_of(declarations: Mapping[str, Parameter], given: Mapping[str, Any]) -> dict[str, str]:
    """Every parameter of an execution but the manifest, as text: what was given, else the default.

    Raises RequestError that lists what is unknown, of another type, out of its range, or missing.
    """
    names = sorted(name for name in declarations if name != INPUT_MANIFEST)
    problems = [_unknown(name, names) for name in sorted(given) if name not in names]
    values: dict[str, str] = {}
    for name in names:
        value = given.get(name, declarations[name].default)
        rule = _broken(declarations[name], value)
        if rule is None:
            values[name] = _text(declarations[name], value)
        elif name in given or value is not None:
            problems.append(f"parameters.{name}: got {shown(value)}, expected {rule}")
        else:
            problems.append(f"parameters.{name}: is missing, expected {rule}")
    if problems:
        raise RequestError("\n".join(problems))
    return values


def _unknown(name: str, names: list[str]) -> str:
    if name == INPUT_MANIFEST:
        return f"parameters.{name}: follows from what the lake published last, leave it out"
    return f"parameters.{shown(name)[1:-1]}: is unknown, known are {', '.join(names)}"


def _broken(parameter: Parameter, value: Any) -> str | None:
    """The rule that a value breaks."""
    if parameter.type == "String":
        return _broken_text(parameter, value)
    low, high = _RANGES.get(parameter.name, (float("-inf"), float("inf")))
    fits = is_number(value) and low <= value <= high
    if fits and (parameter.type == "Float" or isinstance(value, int)):
        return None
    kind = "a number" if parameter.type == "Float" else "a whole number"
    return kind if parameter.name not in _RANGES else f"{kind} from {low:.15g} to {high:.15g}"


def _broken_text(parameter: Parameter, value: Any) -> str | None:
    if parameter.values:
        return None if value in parameter.values else f"one of {', '.join(parameter.values)}"
    return None if isinstance(value, str) and len(value) <= _LONGEST else f"a text of at most {_LONGEST} characters"


def _text(parameter: Parameter, value: Any) -> str:
    """One way to write a value: 1 and 1.0 are the same Float, and have to give the same token."""
    return repr(float(value)) if parameter.type == "Float" else str(value)


def request_token(snapshot: str, code: str, parameters: Mapping[str, str], attempt: int = 1) -> str:
    """What makes two requests the same for SageMaker: data, code, parameters, and which attempt it is."""
    return digest_of({"snapshot": snapshot, "code": code, "parameters": dict(parameters), "attempt": attempt})
