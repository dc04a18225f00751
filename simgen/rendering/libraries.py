"""The system libraries that Blender needs, and which of them this machine lacks."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence

from simgen.errors import SimgenError

# What bpy links to or loads and does not bring along, and the Debian package that has it.
# Read off with `readelf -d` from bpy 5.2.3; libEGL is loaded when EEVEE or Workbench draws.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libICE.so.6": "libice6",
    "libSM.so.6": "libsm6",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libXrender.so.1": "libxrender1",
    "libxkbcommon.so.0": "libxkbcommon0",
}


def missing_libraries() -> list[str]:
    """Names from `LIBRARIES` that do not load here. Takes milliseconds."""
    return [name for name in LIBRARIES if not loads(name)]


def loads(library: str) -> bool:
    """Whether the dynamic linker finds it."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_line(missing: Sequence[str]) -> str:
    """The command that installs the libraries on Debian and Ubuntu."""
    packages = sorted(LIBRARIES[name] for name in missing)
    return f"apt-get install {' '.join(packages)}  (Debian, Ubuntu; as root)"


def check_machine() -> None:
    """Raise `SimgenError` where Blender cannot start, before each worker fails to."""
    missing = missing_libraries() if sys.platform == "linux" else []
    if missing:
        raise SimgenError(
            f"Blender needs {', '.join(missing)}, which this machine lacks; "
            f"{install_line(missing)}; `simgen doctor` says more"
        )
