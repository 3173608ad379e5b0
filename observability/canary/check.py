"""Canary of CloudWatch Synthetics: asks each address in TARGETS and fails when one does not answer with 200."""

import json
import logging
import os
import urllib.error
import urllib.request

# Ten addresses that all hang must end before the run is given up.
SECONDS_PER_ADDRESS = 5
AGENT = "slipway-canary"

logger = logging.getLogger(__name__)


def problem_of(url: str) -> str | None:
    """What is wrong with the answer of one address, or None."""
    request = urllib.request.Request(url, headers={"User-Agent": AGENT})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS_PER_ADDRESS) as answer:
            status = int(answer.status)
    except urllib.error.HTTPError as error:
        status = error.code
    except OSError as error:
        return f"no answer ({error})"
    return None if status == 200 else f"answered {status}"


def handler(_event: object, _context: object) -> str:
    """Asks all of them, so that one failure hides no other; the exception is what Synthetics counts as a failure."""
    targets: dict[str, str] = json.loads(os.environ["TARGETS"])
    problems = {name: problem for name, url in targets.items() if (problem := problem_of(url)) is not None}
    for name, problem in problems.items():
        logger.error("%s: %s", name, problem)
    if problems:
        raise RuntimeError("; ".join(f"{name}: {problem}" for name, problem in problems.items()))
    return f"{len(targets)} answered"
