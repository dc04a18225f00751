"""Updates `constraints.txt` to the newest versions that `pyproject.toml` allows, today.

Run by `make constraints`. Only names and versions come into the file: no index, no hash.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import bootstrap

HEADER = """\
# The whole environment, pinned: what `make setup` installs. Made by `make constraints`.
"""


def main() -> int:
    """Resolve, write the file, say how many pins it has."""
    env = bootstrap.uv_environment(dict(os.environ))
    try:
        uv = bootstrap.find_uv(env) or bootstrap.install_uv(env)
    except bootstrap.SetupError as error:
        sys.exit(f"constraints: {error}")
    pins = resolved(uv, env)
    (bootstrap.ROOT / "constraints.txt").write_text(HEADER + "\n".join(pins) + "\n")
    print(f"constraints.txt: {len(pins)} versions pinned")
    return 0


def resolved(uv: Path, env: dict[str, str]) -> list[str]:
    """The lines `name==version` of everything that simgen and its extras need."""
    command = [str(uv), "pip", "compile", "pyproject.toml", "--quiet", "--all-extras", "--upgrade"]
    command += ["--python-version", bootstrap.WANTED, "--no-header", "--no-annotate"]
    command += ["--no-emit-index-url", "--no-emit-find-links"]
    result = subprocess.run(command, cwd=bootstrap.ROOT, env=env, text=True, capture_output=True)
    if result.returncode != 0:
        sys.exit(f"constraints: uv could not resolve pyproject.toml:\n{result.stderr}")
    return [line for line in result.stdout.splitlines() if line and not line.startswith("#")]


if __name__ == "__main__":
    sys.exit(main())
