"""Cycles and its devices: pinning in its own list, and what it does when a device is lost. The
device is one that this machine has not, so the errors are Cycles' own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TINY, content

pytestmark = pytest.mark.render

PLUGINS = Path(__file__).parent.parent / "plugin"

PIN = """
import os, sys
import bpy
from simgen.rendering.blender.devices import choose_device, pin
from simgen.rendering.devices import Device
preferences = bpy.context.preferences.addons["cycles"].preferences
preferences.refresh_devices()
for kind, id in (("CUDA", "a"), ("OPTIX", "a_OptiX"), ("OPTIX", "b_OptiX")):
    entry = preferences.devices.add()
    entry.type, entry.id, entry.name, entry.use = kind, id, "RTX", True
for entry in preferences.devices:
    entry.use = True
pin(preferences, Device("OPTIX", "RTX", "b_OptiX"))
print([(e.type, e.id) for e in preferences.devices if e.use], preferences.compute_device_type)
try:
    pin(preferences, Device("OPTIX", "RTX", "gone"))
except RuntimeError as error:
    print(error)
print([e.id for e in preferences.devices if e.use])
os._exit(0)
"""

LOSE = """
import os, sys
from pathlib import Path
import bpy, _cycles
from simgen.rendering.blender import render as module
from simgen.rendering.blender.render import (
    IMAGE_PASS, LABEL_PASSES, read_passes, render, set_up_render
)
from simgen.rendering.blender.session import reset
from simgen.spec.scene import RenderSpec
def stage():
    scene = reset()
    scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(scene.camera)
    spec = RenderSpec(16, 12, 1, False, 4, 0)
    set_up_render(scene, spec, image=True, threads=1, device="CPU")
    return scene
def attempt(scene):
    try:
        render(scene)
        passes = read_passes(scene, Path(sys.argv[1]), {**LABEL_PASSES, **IMAGE_PASS})
        print("made", sorted(passes))
    except (RuntimeError, OSError) as error:
        print(type(error).__name__, error)
attempt(stage())
scene = stage()
read = module.read_exr  # a result that is left empty has zeros in all passes
module.read_exr = lambda *given: {name: 0.0 * found for name, found in read(*given).items()}
attempt(scene)
module.read_exr = read
_cycles.set_device_override("CUDA")
scene = stage()
attempt(scene)
attempt(scene)
os._exit(0)
"""


def run(code: str, *words: str) -> list[str]:
    """Lines that a process of its own printed: what is done to Cycles here stays done."""
    done = subprocess.run(
        [sys.executable, "-u", "-c", code, *words], capture_output=True, text=True, timeout=300
    )
    lines = done.stdout.splitlines()
    return [line for line in lines if line and not line.startswith(("Error", "00:"))]


def test_one_gpu_is_used_and_nothing_beside_it() -> None:
    used, error, after = run(PIN)
    assert used == "[('OPTIX', 'b_OptiX')] OPTIX"
    assert error == "Cycles does not accept the GPU RTX (gone)"
    assert after == "[]"


def test_a_device_that_is_lost_is_an_error_and_never_an_image(tmp_path: Path) -> None:
    before, empty, lost, again = run(LOSE, str(tmp_path))
    assert before == "made ['depth', 'index', 'radiance.B', 'radiance.G', 'radiance.R']"
    assert empty == "RuntimeError Cycles rendered nothing: the image is empty"
    assert lost == "RuntimeError Cycles stopped: Found no Cycles device of the specified type"
    # Cycles reports the same error only once, and calls the next render finished.
    assert again.startswith("OSError")


@pytest.mark.exhaustive
def test_a_run_that_loses_its_gpu_ends_in_the_same_bytes(tmp_path: Path) -> None:
    lost = tmp_path / "lost"
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    lost.touch()
    generate(undisturbed, lost)
    lost.unlink()
    generate(disturbed, lost)
    assert lost.exists()
    assert content(disturbed) == content(undisturbed)
    logs = "".join(path.read_text() for path in (disturbed / ".simgen" / "logs").glob("*.jsonl"))
    assert "Cycles stopped: Found no Cycles device" in logs


def generate(folder: Path, lost: Path) -> None:
    words = [*TINY, "scene=flying", "num_scenes=2", "render.device=cpu", "runner.retry_seconds=0"]
    command = [sys.executable, "-m", "simgen", "generate", "--plugin", "lost_gpu", *words]
    path = os.pathsep.join([str(PLUGINS), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*command, f"output.dir={folder}"],
        env={**os.environ, "PYTHONPATH": path, "SIMGEN_TEST_LOST": str(lost)},
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


DENOISE = """
import os
from simgen.rendering.blender.render import set_up_render
from simgen.rendering.blender.session import reset
from simgen.spec.scene import RenderSpec
for denoiser, device in (("oidn", "GPU"), ("oidn", "CPU"), ("", "GPU")):
    scene = reset()
    spec = RenderSpec(16, 12, 1, True, 4, 0, denoiser=denoiser)
    set_up_render(scene, spec, image=True, threads=1, device=device)
    print("use gpu:", scene.cycles.denoiser, scene.cycles.denoising_use_gpu)
os._exit(0)
"""


def test_images_are_denoised_where_they_are_rendered_unless_the_spec_is_older() -> None:
    done = subprocess.run(
        [sys.executable, "-u", "-c", DENOISE], capture_output=True, text=True, check=True
    )
    found = [line for line in done.stdout.splitlines() if line.startswith("use gpu:")]
    assert found == [f"use gpu: OPENIMAGEDENOISE {on}" for on in (True, False, False)]
