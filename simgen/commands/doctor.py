"""`simgen doctor`: does this machine have what simgen needs, and if not, what to do.

Two halves: the first turns facts, which are plain data, into findings; the second collects the
facts. bpy is only imported in processes of its own, since without its libraries, or with a broken
graphics driver, it may take the process down.
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
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    level: Level
    what: str
    """What was looked at and what was found."""
    advice: str = ""
    """What to do about it, empty when all is well."""


# --- from facts to findings ---------------------------------------------------------------------


def python_finding(version: tuple[int, ...]) -> Finding:
    """bpy exists for one Python only."""
    text = "Python " + ".".join(map(str, version[:3]))
    if version[:2] == (3, 13):
        return Finding(Level.OK, text)
    return Finding(Level.MISSING, text, "bpy needs Python 3.13: make setup finds one")


def libraries_finding(missing: Sequence[str]) -> Finding:
    """missing: names from `LIBRARIES` that could not be loaded."""
    if not missing:
        return Finding(Level.OK, f"system libraries: all {len(LIBRARIES)} that Blender needs")
    names = ", ".join(missing)
    return Finding(Level.MISSING, f"system libraries: no {names}", install_line(missing))


def blender_finding(outcome: Outcome) -> Finding:
    """The outcome of importing bpy and printing its version."""
    lines = outcome.output.strip().splitlines() or ["no message"]
    if outcome.code == 0:
        return Finding(Level.OK, f"Blender {lines[-1]}")
    if "No module named 'bpy'" in outcome.output:
        return Finding(Level.MISSING, "Blender: bpy is not installed", REINSTALL)
    lacking = re.search(r"(lib\S+\.so\S*): cannot open shared object", outcome.output)
    if lacking:
        library = lacking.group(1)
        advice = install_line([library]) if library in LIBRARIES else f"install what has {library}"
        return Finding(Level.MISSING, f"Blender: does not load without {library}", advice)
    return Finding(
        Level.MISSING,
        f"Blender: import bpy {ending(outcome.code)}: {lines[-1].strip()}",
        "try it by hand: python -c 'import bpy'",
    )


def devices_finding(outcome: Outcome, memory: Mapping[str, float]) -> Finding:
    """What Cycles answered when asked for its devices, and what `render.device=auto` takes of it.

    memory: gigabytes of GPUs by PCI address, as far as known.
    """
    try:
        devices = devices_in(outcome)
    except SimgenError as error:
        advice = "the driver is broken or hangs; the CPU works all the same"
        return Finding(Level.NOTE, f"render devices: {error}", advice)
    text = "render devices: " + ", ".join(_device(device, memory) for device in devices)
    kinds = {device.kind for device in devices}
    text += f"; auto takes {pick_kind('auto', kinds)}"
    if kinds <= {CPU}:
        return Finding(
            Level.NOTE,
            f"{text}, no GPU",
            "everything works on the CPU, only slower. Is there a GPU? Then install its driver "
            "(nvidia-smi must list it); in a container pass it on: docker run --gpus all "
            "-e NVIDIA_DRIVER_CAPABILITIES=all, or for AMD --device /dev/kfd --device /dev/dri",
        )
    if "CUDA" in kinds and "OPTIX" not in kinds:
        return Finding(
            Level.NOTE,
            f"{text}; CUDA without OptiX",
            "OptiX is faster: update the driver; in a container set NVIDIA_DRIVER_CAPABILITIES=all",
        )
    return Finding(Level.OK, text)


def _device(device: Device, memory: Mapping[str, float]) -> str:
    size = memory.get(pci_address(device.id) or "")
    return f"{device.name} ({device.kind}{'' if size is None else f', {size:.1f} GB'})"


def _enough(text: str, is_enough: bool, advice: str) -> Finding:
    return Finding(Level.OK, text) if is_enough else Finding(Level.NOTE, text, advice)


def disk_finding(free: int, folder: str) -> Finding:
    """Free bytes where datasets are written by default."""
    text = f"disk: {free / GIB:.1f} GiB free in {folder}"
    advice = "make room, or write elsewhere with output.dir=FOLDER"
    return _enough(text, free >= LITTLE_DISK, advice)


def memory_finding(free: int) -> Finding:
    """Bytes that this process could use."""
    text = f"memory: {free / GIB:.1f} GiB free"
    advice = "little for Blender: use runner.workers=1, small images"
    return _enough(text, free >= LITTLE_MEMORY, advice)


def shared_memory_finding(size: int | None) -> Finding:
    """Bytes of /dev/shm, None if it is not there or cannot be written."""
    if size is None:
        return Finding(
            Level.MISSING,
            "/dev/shm: not there or not writable, worker processes cannot start",
            "mount it: mount -t tmpfs tmpfs /dev/shm, in a container docker run --shm-size=1g",
        )
    advice = "that is little: in a container docker run --shm-size=1g"
    return _enough(f"/dev/shm: {size / GIB:.2f} GiB", size >= LITTLE_SHARED_MEMORY, advice)


def dependencies_finding(versions: Mapping[str, str | None]) -> Finding:
    """Installed versions by package, None where it is not installed."""
    missing = [name for name, version in versions.items() if version is None]
    if missing or not versions:
        text = f"packages: no {', '.join(missing) or 'simgen'}"
        return Finding(Level.MISSING, text, REINSTALL)
    return Finding(
        Level.OK, "packages: " + ", ".join(f"{name} {versions[name]}" for name in sorted(versions))
    )


def exit_code(findings: Sequence[Finding]) -> int:
    """1 if something that simgen needs is missing."""
    return int(any(finding.level is Level.MISSING for finding in findings))


def report(findings: Sequence[Finding]) -> Text:
    """The findings as coloured lines, each advice under its finding."""
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
    """Look at everything, print the report; 0 all good, 1 something is missing."""
    findings = collect()
    console.print(report(findings), end="", highlight=False, soft_wrap=True)
    code = exit_code(findings)
    say(console, "Something is missing." if code else "Everything that simgen needs is here.")
    return code


def collect() -> list[Finding]:
    """One finding after the other. Takes a few seconds, for Blender's start."""
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
    """Bytes this process may still take: the machine's, or its container's if that is less."""
    free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if match := re.search(r"MemAvailable:\s+(\d+) kB", text_of("/proc/meminfo")):
        free = 1024 * int(match.group(1))
    limit, used = text_of("/sys/fs/cgroup/memory.max"), text_of("/sys/fs/cgroup/memory.current")
    if limit.strip().isdigit() and used.strip().isdigit():
        free = min(free, int(limit) - int(used))
    return free


def text_of(path: str) -> str:
    """A file's text, empty if there is none."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def shared_memory() -> int | None:
    """Size of /dev/shm in bytes, None if unusable."""
    folder = "/dev/shm"
    return shutil.disk_usage(folder).total if os.access(folder, os.W_OK) else None


def dependency_versions() -> dict[str, str | None]:
    """What simgen declares to need, and what is installed; empty if simgen itself is not."""
    try:
        requirements = metadata.requires("simgen") or []
    except metadata.PackageNotFoundError:
        return {}
    needed = [text for text in requirements if "extra ==" not in text]
    return {name: version_of(name) for name in (re.split(r"[^\w.-]", n)[0] for n in needed)}


def version_of(package: str) -> str | None:
    """The installed version, None if it is not installed."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.version(package)
    return None
