import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "image" / "train.py"


def start(code: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SM_CHANNEL_CODE": str(code)}
    return subprocess.run([sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, check=False)


def pack(path: Path, program: str) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("__main__.py", program)
        packed.writestr("part.py", "WORD = 'from the zip'")


def test_runs_the_code_of_its_channel_as_the_word_says(tmp_path: Path) -> None:
    pack(tmp_path / "0a1b.zip", "import sys\nfrom part import WORD\nprint(WORD, sys.argv[1:])\nsys.exit(5)")
    ended = start(tmp_path)
    assert (ended.stdout, ended.returncode) == ("from the zip ['train']\n", 5), ended.stderr


@pytest.mark.parametrize("names", [(), ("a.zip", "b.zip")])
def test_refuses_to_guess(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        pack(tmp_path / name, "raise SystemExit(0)")
    ended = start(tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == f"{tmp_path}: got {len(names)} zip files, expected the one of the training code\n"
