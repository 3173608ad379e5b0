"""The same inputs give the same bytes in every process, whatever order its sets have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from made_houses import Run, contents, make_houses, write_csv

TESTS = Path(__file__).parent
ALGORITHMS = ("linear", "ridge", "forest")

# Imports take longer than all three chains: one process does them all.
CHAINS = """
import os, sys
from pathlib import Path
from made_houses import Run, pack
from housing.command import main
for algorithm in sys.argv[2:]:
    run = Run(Path(sys.argv[1]) / algorithm)
    os.environ.update(run.training({"algorithm": algorithm, "trees": 12}))
    assert run.preprocess() == main(["train"]) == 0
    pack(run.model)
    assert run.evaluate() == 0
    (run.model / "model.tar.gz").unlink()
"""


def chains(root: Path, order: str) -> dict[str, bytes]:
    """All that a process leaves. `order` decides how its sets are ordered."""
    for algorithm in ALGORITHMS:
        write_csv(Run(root / algorithm).data / "houses.csv", make_houses())
    paths = os.pathsep.join([str(TESTS.parents[1] / "src"), str(TESTS)])
    environment = {**os.environ, "PYTHONHASHSEED": order, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": paths}
    command = [sys.executable, "-c", CHAINS, str(root), *ALGORITHMS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return contents(root)


def test_two_processes_leave_the_same_bytes(tmp_path: Path) -> None:
    # Seeds whose sets have ai.onnx.ml and the empty text in both orders.
    first, second = chains(tmp_path / "first", "1"), chains(tmp_path / "second", "2")
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []
    expected = {f"{algorithm}/ml/model/model.onnx" for algorithm in ALGORITHMS}
    assert {*expected, "ridge/evaluation/evaluation.json"} <= set(first)
