"""What commands import before they need it: each of these modules costs tenths of a second."""

import subprocess
import sys

import pytest

HEAVY = {"bpy", "matplotlib", "mujoco", "pandas", "scipy", "torch", "trimesh"}


def imported(statements: str) -> set[str]:
    """Return the modules that a new process has imported after some statements."""
    code = f"import sys\n{statements}\nprint('modules', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("modules ")[2].split())


def test_help_needs_no_arrays() -> None:
    found = imported("from simgen.cli import main; main(['--help'])")
    assert "simgen.cli" in found
    assert not found & {*HEAVY, "numpy", "cv2", "hydra", "omegaconf"}


@pytest.mark.parametrize(
    "statements",
    [
        "import simgen.commands.generate, simgen.runs.generate",  # as for a finished dataset
        "import simgen.commands.card, simgen.commands.validate, simgen.commands.stats",
        "import simgen.commands.export, simgen.commands.view",
        "import simgen.runs.backends.worker, simgen.runs.job",
        "import simgen; simgen.open",
    ],
)
def test_neither_blender_nor_scientific_packages_are_imported_early(statements: str) -> None:
    assert not imported(statements) & HEAVY
