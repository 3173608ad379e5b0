"""How a model is served: the variable SERVING, as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from modelkit.errors import DocumentError, SettingsError
from modelkit.reader import Reader, parse_json

Strategy = Literal["canary", "linear", "all-at-once"]
_STRATEGIES = ("canary", "linear", "all-at-once")
#: The rest of 63 characters is for the version, the digest and the count in the names of models and configurations.
_ENDPOINT = re.compile(r"[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,35}")
_IMAGE = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+")
_INSTANCE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")
_DESTINATION = re.compile(r"s3://[a-z0-9.-]{3,63}/\S+")
_ID = re.compile(r"[-0-9a-zA-Z]{1,32}")
_ALARM = re.compile(r"\S.{0,254}")
_VARIABLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,1023}")
_OWN_VARIABLES = ("MODEL_NAME", "MODEL_VERSION", "MODEL_SHA256")
_LONGEST = 1024
#: Most a step may move at once, least it may be for a linear shift to be one.
_CANARY_PERCENT, _LINEAR_PERCENT = (1, 50), (10, 50)
#: Families whose disks are in the machine: they are always encrypted, and SageMaker refuses a key for them.
_OWN_DISKS = re.compile(r"ml\.(?:[a-z]+\d+[a-z]*d[a-z]*|[gp]\d+[a-z]*|trn\d+[a-z]*|dl\d+)\..*")


@dataclass(frozen=True)
class Instances:
    """Machines of the variant, and how many a new endpoint begins with."""

    type: str
    count: int

    @property
    def takes_key(self) -> bool:
        """Whether its disks are encrypted with a key of ours."""
        return not _OWN_DISKS.fullmatch(self.type) or self.type.startswith(("ml.p2.", "ml.p3."))


@dataclass(frozen=True)
class Serverless:
    """A variant without machines of its own."""

    memory_mb: int
    max_concurrency: int


@dataclass(frozen=True)
class Network:
    """Where containers run."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]


@dataclass(frozen=True)
class Capture:
    """What share of requests and answers is kept, and where."""

    percent: int
    destination: str


@dataclass(frozen=True)
class Guardrails:
    """How traffic goes over to a new version, and which alarms send it back."""

    strategy: Strategy = "all-at-once"
    percent: int | None = None
    wait_seconds: int = 0
    termination_wait_seconds: int = 0
    maximum_seconds: int | None = None
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Serving:
    """All of it. `image` None: the image that the model was registered with."""

    endpoint: str
    role_arn: str
    variant: Instances | Serverless
    image: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    isolated: bool = True
    network: Network | None = None
    key_arn: str | None = None
    capture: Capture | None = None
    guardrails: Guardrails | None = None


def serving_of(text: str) -> Serving:
    """Reads the variable. Raises SettingsError that lists every problem."""
    try:
        reader = Reader(parse_json(text.encode(), "SERVING"))
        reader.finish("SERVING")
        serving = _serving(reader)
        reader.only()
        reader.finish("SERVING")
    except DocumentError as error:
        raise SettingsError(str(error)) from error
    return serving


def _serving(reader: Reader) -> Serving:
    variant = _variant(reader)
    isolated = reader.flag("isolated") if reader.has("isolated") else not isinstance(variant, Serverless)
    serving = Serving(
        endpoint=reader.text("endpoint", _ENDPOINT, "1 to 36 letters, digits and -"),
        role_arn=reader.text("roleArn", _ROLE, "the ARN of a role"),
        variant=variant,
        image=reader.text("image", _IMAGE, "<repository>@sha256:<64 hex>") if reader.has("image") else None,
        environment=_environment(reader),
        isolated=isolated,
        network=_network(reader.inner("network")) if reader.has("network") else None,
        key_arn=reader.text("keyArn", _KEY, "the ARN of a key") if reader.has("keyArn") else None,
        capture=_capture(reader.inner("capture")) if reader.has("capture") else None,
        guardrails=_guardrails(reader.inner("deployment")) if reader.has("deployment") else None,
    )
    if isinstance(variant, Serverless):
        _refuse_for_serverless(reader, serving)
    return serving


def _variant(reader: Reader) -> Instances | Serverless:
    if reader.has("instances") == reader.has("serverless"):
        reader.problems.append("instances, serverless: expected exactly one of the two")
        for name in ("instances", "serverless"):
            if reader.has(name):
                reader.get(name)
        return Instances("", 0)
    if reader.has("serverless"):
        inner = reader.inner("serverless")
        memory = inner.whole("memoryMb", 1024, 6144)
        if memory % 1024:
            inner.refuse("memoryMb", "a multiple of 1024")
        serverless = Serverless(memory, inner.whole("maxConcurrency", 1, 200))
        inner.only()
        return serverless
    inner = reader.inner("instances")
    instances = Instances(inner.text("type", _INSTANCE, "a type like ml.m5.large"), inner.whole("count", 1, 1000))
    inner.only()
    return instances


def _refuse_for_serverless(reader: Reader, serving: Serving) -> None:
    given = {
        "isolated": serving.isolated,
        "network": serving.network is not None,
        "capture": serving.capture is not None,
        "deployment": serving.guardrails is not None,
    }
    reader.problems += [f"{name}: SageMaker has none for a serverless variant" for name, has in given.items() if has]


def _environment(reader: Reader) -> dict[str, str]:
    if not reader.has("environment"):
        return {}
    value = reader.get("environment")
    if isinstance(value, dict) and all(_is_variable(name, each) for name, each in value.items()) and len(value) <= 97:
        return value
    taken = ", ".join(_OWN_VARIABLES)
    reader.refuse("environment", f"at most 97 texts by name, each at most {_LONGEST} long, none of {taken}")
    return {}


def _is_variable(name: str, value: object) -> bool:
    fits = isinstance(value, str) and len(value) <= _LONGEST
    return fits and _VARIABLE.fullmatch(name) is not None and name not in _OWN_VARIABLES


def _network(reader: Reader) -> Network:
    network = Network(reader.texts("subnets", _ID, "ids", 16), reader.texts("securityGroups", _ID, "ids", 5))
    reader.only()
    return network


def _capture(reader: Reader) -> Capture:
    capture = Capture(reader.whole("percent", 1, 100), reader.text("destination", _DESTINATION, "s3://bucket/prefix"))
    reader.only()
    return capture


def _guardrails(reader: Reader) -> Guardrails:
    strategy = cast(Strategy, reader.choice("strategy", _STRATEGIES))
    guardrails = Guardrails(
        strategy=strategy,
        percent=_percent(reader, strategy),
        wait_seconds=_seconds(reader, "waitSeconds", 0, 3600) or 0,
        termination_wait_seconds=_seconds(reader, "terminationWaitSeconds", 0, 3600) or 0,
        maximum_seconds=_seconds(reader, "maximumSeconds", 600, 28800),
        alarms=_alarms(reader),
    )
    reader.only()
    return guardrails


def _alarms(reader: Reader) -> tuple[str, ...]:
    # An environment may have none: then nothing sends traffic back.
    if not reader.has("alarms") or reader.get("alarms") == []:
        return ()
    return reader.texts("alarms", _ALARM, "names of alarms", 10)


def _seconds(reader: Reader, name: str, least: int, most: int) -> int | None:
    return reader.whole(name, least, most) if reader.has(name) else None


def _percent(reader: Reader, strategy: Strategy) -> int | None:
    if strategy in ("canary", "linear"):
        return reader.whole("percent", *(_CANARY_PERCENT if strategy == "canary" else _LINEAR_PERCENT))
    if reader.has("percent"):
        reader.get("percent")
        if strategy:
            reader.refuse("percent", f"none with the strategy {strategy}")
    return None
