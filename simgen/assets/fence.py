"""Bounds on what this process may do from now on, for files that come from anywhere.

Landlock (Linux 5.13 and later) lets a process give up rights for good, without root: here all but
reading Python, Blender and the asset's own folder and writing one folder, and the network. It is
the kernel that says no, whatever a library or a script inside a file tries.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""Numbers of the system calls, the same on every architecture."""
_PATH_RULE = 1
_NO_NEW_PRIVILEGES = 38
_READ = 1 << 0 | 1 << 2 | 1 << 3
"""Execute, read files, list folders."""
_MAKE_OTHER = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12
"""Character devices, sockets, pipes, block devices, symbolic links."""
_ALL_OF_ABI_1 = (1 << 13) - 1
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_NETWORK = 0b11
"""Bind and connect TCP, from the fourth version on."""
_FILE_ONLY = 1 << 0 | 1 << 1 | 1 << 2 | _TRUNCATE
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/proc", "/sys", "/etc/ld.so.cache", "/etc/fonts")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/shm")
GIGABYTE = 2**30


def available() -> bool:
    """Whether the kernel can fence a process in."""
    return _version() > 0


def fence_in(read: Iterable[Path], write: Iterable[Path]) -> None:
    """From now on this process and its children can read `read` and what Python and Blender consist
    of, and write `write`; no other file, and no TCP where the kernel can forbid it (Linux 6.7).

    Call it before other threads start: only those started later are held.
    Raises `OSError` where the kernel cannot.
    """
    version = _version()
    if version <= 0:
        raise OSError("the kernel has no Landlock (Linux 5.13 or later has)")
    handled = _ALL_OF_ABI_1
    handled |= (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    attributes = struct.pack("<Q", handled) + struct.pack("<Q", _NETWORK if version >= 4 else 0)
    size = 16 if version >= 4 else 8
    rules = _call(_CREATE, ctypes.c_char_p(attributes), ctypes.c_size_t(size), 0)
    try:
        for path in (*map(Path, _SYSTEM), *_python(), *read):
            _allow(rules, path, _READ)
        full = (_READ | (_ALL_OF_ABI_1 & ~_MAKE_OTHER) | _REFER | _TRUNCATE) & handled
        for path in (*map(Path, _DEVICES), *write):
            _allow(rules, path, full)
        _prctl()
        _call(_RESTRICT, rules, 0)
    finally:
        os.close(rules)


def limit(memory: int, file_size: int, seconds: int) -> None:
    """Bounds on this process: bytes of memory, bytes of one file, seconds of processor time."""
    for what, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.getrlimit(what)
        bound = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(what, (bound, bound))


def _python() -> list[Path]:
    places = {sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path}
    places.add(str(Path(__file__).resolve().parents[1]))
    return [Path(place) for place in places if place]


def _allow(rules: int, path: Path, rights: int) -> None:
    """A path and all below it. One that is not there needs no rule."""
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= _FILE_ONLY
        # packed: an unsigned 64-bit number and a file descriptor
        rule = struct.pack("<Qi", rights, handle)
        _call(_ADD, rules, _PATH_RULE, ctypes.c_char_p(rule), 0)
    finally:
        os.close(handle)


def _version() -> int:
    if sys.platform != "linux":
        return 0
    return ctypes.CDLL(None).syscall(_CREATE, None, ctypes.c_size_t(0), 1)


def _prctl() -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _call(number: int, *arguments: object) -> int:
    result = ctypes.CDLL(None, use_errno=True).syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock refused a rule")
    return result
