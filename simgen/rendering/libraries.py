"""The system libraries that Blender needs, and detection of missing ones."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence

from simgen.errors import SimgenError

# Libraries that bpy links to or loads but does not include, and the Debian packages that have
# them. From `readelf -d` on bpy 5.2.3; libEGL is loaded when EEVEE or Workbench renders.
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
    """Return the names in `LIBRARIES` that cannot be loaded. Takes milliseconds."""
    return [name for name in LIBRARIES if not loads(name)]


def loads(library: str) -> bool:
    """Return whether the dynamic linker can load a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_line(missing: Sequence[str]) -> str:
    """Return the command that installs missing libraries on Debian and Ubuntu."""
    packages = sorted(LIBRARIES[name] for name in missing)
    return f"apt-get install {' '.join(packages)}  (Debian, Ubuntu; as root)"


def check_machine() -> None:
    """Raise `SimgenError` if Blender cannot start here, before every worker fails."""
    missing = missing_libraries() if sys.platform == "linux" else []
    if missing:
        raise SimgenError(
            f"Blender needs {', '.join(missing)}, which this machine lacks; "
            f"{install_line(missing)}; run `simgen doctor` for details"
        )
