"""Update `constraints.txt` to the newest versions that `pyproject.toml` allows.

Run by `make constraints`. The file contains only names and versions: no index, no hash.
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
    """Resolve the versions, write the file, and print the number of pins."""
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
    """Return lines `name==version` for all dependencies of simgen and its extras."""
    command = [str(uv), "pip", "compile", "pyproject.toml", "--quiet", "--all-extras", "--upgrade"]
    command += ["--python-version", bootstrap.WANTED, "--no-header", "--no-annotate"]
    command += ["--no-emit-index-url", "--no-emit-find-links"]
    result = subprocess.run(command, cwd=bootstrap.ROOT, env=env, text=True, capture_output=True)
    if result.returncode != 0:
        sys.exit(f"constraints: uv could not resolve pyproject.toml:\n{result.stderr}")
    return [line for line in result.stdout.splitlines() if line and not line.startswith("#")]


if __name__ == "__main__":
    sys.exit(main())
