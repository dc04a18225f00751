"""A sandbox for processes that read untrusted files, enforced by the kernel.

With Landlock (Linux 5.13 and later), a process permanently drops rights without root: here, all
file access except reading Python, Blender and the asset's own folder, and writing to one folder. A
seccomp filter denies what Landlock does not cover: sockets (Landlock covers only TCP, from Linux
6.7 on), shared memory and message queues, the kernel's key store, and changes of modes, owners,
times and attributes of files, its own included. Neither a library nor a script in a file can evade
either.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""System call numbers, the same on every architecture."""
_PATH_RULE = 1
_NO_NEW_PRIVILEGES = 38
_SECCOMP, _FILTER = 22, 2
"""Arguments of prctl: filter system calls."""
_READ = 1 << 0 | 1 << 2 | 1 << 3
"""Execute, read files, list folders."""
_MAKE_OTHER = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12
"""Character devices, sockets, pipes, block devices, symbolic links."""
_ALL_OF_ABI_1 = (1 << 13) - 1
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_NETWORK = 0b11
"""Bind and connect TCP, from version 4 of Landlock on."""
_SCOPES = 0b11
"""Abstract sockets of other processes, and signals to them, from version 6 on (Linux 6.12)."""
_FILE_ONLY = 1 << 0 | 1 << 1 | 1 << 2 | _TRUNCATE
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/fonts")
_MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")
_OWN = ("/proc/self/maps", "/proc/self/statm", "/proc/self/status")
"""The only readable parts of /proc and /sys: number of cores, memory, and this process's usage."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""Architecture numbers of audit.h."""
_REFUSED: dict[str, tuple[int, ...]] = {
    "x86_64": (
        *(41, 425),  # socket; io_uring_setup, which opens sockets too
        *(29, 30, 64, 68, 240),  # shmget, shmat, semget, msgget, mq_open
        *(248, 249, 250),  # add_key, request_key, keyctl
        *(90, 91, 268, 452),  # chmod, fchmod, fchmodat, fchmodat2
        *(92, 93, 94, 260),  # chown, fchown, lchown, fchownat
        *(132, 235, 261, 280),  # utime, utimes, futimesat, utimensat
        *(188, 189, 190, 463, 197, 198, 199, 466),  # setxattr, removexattr and their like
    ),
    "aarch64": (
        *(198, 425),
        *(194, 196, 190, 186, 180),
        *(217, 218, 219),
        *(52, 53, 452),
        *(54, 55),
        *(88,),
        *(5, 6, 7, 463, 14, 15, 16, 466),
    ),
}
"""Numbers of the denied system calls, in the same rows for each architecture."""
_X32 = 1 << 30
"""First number of the x32 system calls of x86_64, which are never needed."""
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | errno.EACCES, 0x80000000
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
"""Instructions of the filter program."""
GIGABYTE = 2**30


def available() -> bool:
    """Return whether the kernel can sandbox a process."""
    return _version() > 0 and platform.machine() in _ARCHITECTURES


def restrict(read: Iterable[Path], write: Iterable[Path]) -> None:
    """Restrict this process and its children permanently.

    They can read `read` and the files of Python and Blender, and write to `write`, but open no
    other file, nor change the mode, owner or times of any. They cannot create sockets, share memory
    or, from Linux 6.12 on, send signals to other processes.

    Call it before starting other threads: threads that already run are not restricted.
    Raises `OSError` if the kernel does not support it.
    """
    version = _version()
    if version <= 0:
        raise OSError("the kernel has no Landlock; expected Linux 5.13 or later with it enabled")
    handled = _ALL_OF_ABI_1
    handled |= (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    attributes = struct.pack(
        "<QQQ", handled, _NETWORK if version >= 4 else 0, _SCOPES if version >= 6 else 0
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = _call(_CREATE, ctypes.c_char_p(attributes), ctypes.c_size_t(size), 0)
    try:
        for path in (*map(Path, (*_SYSTEM, *_MACHINE, *_OWN)), *_python(), *read):
            _allow(rules, path, _READ)
        full = (_READ | (_ALL_OF_ABI_1 & ~_MAKE_OTHER) | _REFER | _TRUNCATE) & handled
        for path in (*map(Path, _DEVICES), *write):
            _allow(rules, path, full)
        _prctl(_NO_NEW_PRIVILEGES, 1, ctypes.c_ulong(0))
        _call(_RESTRICT, rules, 0)
    finally:
        os.close(rules)
    _refuse_calls()


def limit(memory: int, file_size: int, seconds: int) -> None:
    """Limit this process. memory: bytes. file_size: bytes of one file. seconds: of CPU time."""
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
    """Allow access to a path and everything below it. A missing path needs no rule."""
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


def _refuse_calls() -> None:
    """Deny the system calls in `_REFUSED` to this thread and those that it starts."""
    machine, refused = _ARCHITECTURES[platform.machine()], _REFUSED[platform.machine()]
    count = len(refused)
    steps = [  # instruction, steps to skip if true, and if false, operand
        (_LOAD, 0, 0, 4),  # seccomp_data.arch
        (_IF_EQUAL, 1, 0, machine),
        (_RETURN, 0, 0, _KILL),  # system calls of another architecture, with other numbers
        (_LOAD, 0, 0, 0),  # seccomp_data.nr
        (_IF_AT_LEAST, count + 1, 0, _X32),
        *((_IF_EQUAL, count - at, 0, call) for at, call in enumerate(refused)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    code = b"".join(struct.pack("<HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(steps), ctypes.addressof(buffer))
    _prctl(_SECCOMP, _FILTER, ctypes.c_char_p(program))


def _prctl(option: int, first: int, second: object) -> None:
    none = ctypes.c_ulong(0)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(option, ctypes.c_ulong(first), second, none, none):
        raise OSError(ctypes.get_errno(), "prctl")


def _call(number: int, *arguments: object) -> int:
    result = ctypes.CDLL(None, use_errno=True).syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock rejected a rule")
    return result
