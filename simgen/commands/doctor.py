"""`simgen doctor`: checks whether this machine meets simgen's requirements, and advises if not.

The first half turns facts, which are plain data, into findings; the second half collects the facts.
bpy is only imported in separate processes, since it may crash a process if its libraries are
missing or the graphics driver is broken.
"""

from __future__ import annotations

import contextlib
import enum
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rich.console import Console
from rich.text import Text

from simgen.errors import SimgenError
from simgen.rendering.devices import CPU, Device, pci_address, pick_kind
from simgen.rendering.libraries import LIBRARIES, install_line, missing_libraries
from simgen.rendering.probes import Outcome, ask_devices, devices_in, ending, gpu_memory, outcome_of
from simgen.runs.console import say

GIB = 2**30
LITTLE_DISK = 5 * GIB
LITTLE_MEMORY = 4 * GIB
LITTLE_SHARED_MEMORY = GIB // 16
REINSTALL = "make setup in a checkout, elsewhere reinstall simgen with pip"


class Level(enum.StrEnum):
    """Severity of a finding."""

    OK = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    level: Level
    what: str
    """What was checked, and the result."""
    advice: str = ""
    """What to do; empty if nothing is wrong."""


# --- from facts to findings ---------------------------------------------------------------------


def python_finding(version: tuple[int, ...]) -> Finding:
    """Check the Python version: bpy supports exactly one."""
    text = "Python " + ".".join(map(str, version[:3]))
    if version[:2] == (3, 13):
        return Finding(Level.OK, text)
    return Finding(Level.MISSING, text, "bpy needs Python 3.13: make setup finds one")


def libraries_finding(missing: Sequence[str]) -> Finding:
    """Check the system libraries. missing: names from `LIBRARIES` that could not be loaded."""
    if not missing:
        return Finding(Level.OK, f"system libraries: all {len(LIBRARIES)} that Blender needs")
    names = ", ".join(missing)
    return Finding(Level.MISSING, f"system libraries: missing {names}", install_line(missing))


def blender_finding(outcome: Outcome) -> Finding:
    """Check the outcome of importing bpy and printing its version."""
    lines = outcome.output.strip().splitlines() or ["no message"]
    if outcome.code == 0:
        return Finding(Level.OK, f"Blender {lines[-1]}")
    if "No module named 'bpy'" in outcome.output:
        return Finding(Level.MISSING, "Blender: bpy is not installed", REINSTALL)
    lacking = re.search(r"(lib\S+\.so\S*): cannot open shared object", outcome.output)
    if lacking:
        library = lacking.group(1)
        known = library in LIBRARIES
        advice = install_line([library]) if known else f"install the package with {library}"
        return Finding(Level.MISSING, f"Blender: does not load without {library}", advice)
    return Finding(
        Level.MISSING,
        f"Blender: import bpy {ending(outcome.code)}: {lines[-1].strip()}",
        "for details, run: python -c 'import bpy'",
    )


def devices_finding(outcome: Outcome, memory: Mapping[str, float]) -> Finding:
    """Check the devices that Cycles lists, and which of them `render.device=auto` selects.

    memory: gigabytes of GPUs by PCI address, if known.
    """
    try:
        devices = devices_in(outcome)
    except SimgenError as error:
        advice = "the driver is broken or hangs; rendering on the CPU still works"
        return Finding(Level.NOTE, f"render devices: {error}", advice)
    text = "render devices: " + ", ".join(_device(device, memory) for device in devices)
    kinds = {device.kind for device in devices}
    text += f"; auto selects {pick_kind('auto', kinds)}"
    if kinds <= {CPU}:
        return Finding(
            Level.NOTE,
            f"{text}, no GPU",
            "everything works on the CPU, but slower. If there is a GPU, install its driver "
            "(nvidia-smi must list it); in a container, pass it through: docker run --gpus all "
            "-e NVIDIA_DRIVER_CAPABILITIES=all, or for AMD --device /dev/kfd --device /dev/dri",
        )
    if "CUDA" in kinds and "OPTIX" not in kinds:
        return Finding(
            Level.NOTE,
            f"{text}; CUDA without OptiX",
            "OptiX is faster: update the driver; in a container, set "
            "NVIDIA_DRIVER_CAPABILITIES=all",
        )
    return Finding(Level.OK, text)


def _device(device: Device, memory: Mapping[str, float]) -> str:
    size = memory.get(pci_address(device.id) or "")
    return f"{device.name} ({device.kind}{'' if size is None else f', {size:.1f} GB'})"


def _enough(text: str, is_enough: bool, advice: str) -> Finding:
    return Finding(Level.OK, text) if is_enough else Finding(Level.NOTE, text, advice)


def disk_finding(free: int, folder: str) -> Finding:
    """Check the free space in the default folder of datasets, bytes."""
    text = f"disk: {free / GIB:.1f} GiB free in {folder}"
    advice = "free some space, or write elsewhere with output.dir=FOLDER"
    return _enough(text, free >= LITTLE_DISK, advice)


def memory_finding(free: int) -> Finding:
    """Check the memory available to this process, bytes."""
    text = f"memory: {free / GIB:.1f} GiB free"
    advice = "not much for Blender: use runner.workers=1 and small images"
    return _enough(text, free >= LITTLE_MEMORY, advice)


def shared_memory_finding(size: int | None) -> Finding:
    """Check the size of /dev/shm, bytes; None if it is missing or not writable."""
    if size is None:
        return Finding(
            Level.MISSING,
            "/dev/shm: missing or not writable, so worker processes cannot start",
            "mount it: mount -t tmpfs tmpfs /dev/shm; in a container: docker run --shm-size=1g",
        )
    advice = "that is small; in a container, use docker run --shm-size=1g"
    return _enough(f"/dev/shm: {size / GIB:.2f} GiB", size >= LITTLE_SHARED_MEMORY, advice)


def dependencies_finding(versions: Mapping[str, str | None]) -> Finding:
    """Check the dependencies. versions: by package, None if not installed."""
    missing = [name for name, version in versions.items() if version is None]
    if missing or not versions:
        text = f"packages: missing {', '.join(missing) or 'simgen'}"
        return Finding(Level.MISSING, text, REINSTALL)
    return Finding(
        Level.OK, "packages: " + ", ".join(f"{name} {versions[name]}" for name in sorted(versions))
    )


def exit_code(findings: Sequence[Finding]) -> int:
    """Return 1 if a requirement is missing, otherwise 0."""
    return int(any(finding.level is Level.MISSING for finding in findings))


def report(findings: Sequence[Finding]) -> Text:
    """Format findings as coloured lines, with any advice below its finding."""
    styles = {Level.OK: "green", Level.NOTE: "yellow", Level.MISSING: "bold red"}
    text = Text()
    for finding in findings:
        text.append(f"{finding.level:>7}  ", styles[finding.level])
        text.append(f"{finding.what}\n")
        if finding.advice:
            text.append(f"         {finding.advice}\n", "cyan")
    return text


# --- the facts ----------------------------------------------------------------------------------


def run(words: Sequence[str], console: Console) -> int:
    """Check everything and print the report. Return 1 if a requirement is missing, otherwise 0."""
    findings = collect()
    console.print(report(findings), end="", highlight=False, soft_wrap=True)
    code = exit_code(findings)
    say(console, "Some requirements are missing." if code else "All requirements are met.")
    return code


def collect() -> list[Finding]:
    """Collect all findings. Takes a few seconds, since it starts Blender."""
    findings = [python_finding(sys.version_info[:3])]
    if sys.platform == "linux":
        findings.append(libraries_finding(missing_libraries()))
    blender = blender_finding(outcome_of("-c", IMPORT_BPY))
    findings.append(blender)
    if blender.level is Level.OK:
        findings.append(devices_finding(ask_devices(), gpu_memory()))
    findings.append(disk_finding(shutil.disk_usage(Path.cwd()).free, str(Path.cwd())))
    findings.append(memory_finding(free_memory()))
    if sys.platform == "linux":
        findings.append(shared_memory_finding(shared_memory()))
    findings.append(dependencies_finding(dependency_versions()))
    return findings


IMPORT_BPY = "import os, bpy; print(bpy.app.version_string, flush=True); os._exit(0)"


def free_memory() -> int:
    """Return the memory available to this process, bytes: of the machine or of its container,
    whichever is less."""
    free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if match := re.search(r"MemAvailable:\s+(\d+) kB", text_of("/proc/meminfo")):
        free = 1024 * int(match.group(1))
    limit, used = text_of("/sys/fs/cgroup/memory.max"), text_of("/sys/fs/cgroup/memory.current")
    if limit.strip().isdigit() and used.strip().isdigit():
        free = min(free, int(limit) - int(used))
    return free


def text_of(path: str) -> str:
    """Return the text of a file; empty if it cannot be read."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def shared_memory() -> int | None:
    """Return the size of /dev/shm in bytes, or None if unusable."""
    folder = "/dev/shm"
    return shutil.disk_usage(folder).total if os.access(folder, os.W_OK) else None


def dependency_versions() -> dict[str, str | None]:
    """Return the installed version of each dependency; empty if simgen is not installed."""
    try:
        requirements = metadata.requires("simgen") or []
    except metadata.PackageNotFoundError:
        return {}
    needed = [text for text in requirements if "extra ==" not in text]
    return {name: version_of(name) for name in (re.split(r"[^\w.-]", n)[0] for n in needed)}


def version_of(package: str) -> str | None:
    """Return the installed version, or None."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.version(package)
    return None
