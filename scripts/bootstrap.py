#!/usr/bin/env python3
"""Create `.venv` with Python 3.13, simgen and its dependencies. Called by `make setup`.

Requires Python 3.9 or newer and only the standard library. Steps:

1. find uv, or install it into `.tools/`;
2. find CPython 3.13 (bpy supports no other version), or let uv download it;
3. create `.venv` and install simgen into it, with the versions pinned in `constraints.txt`.

A stamp in `.venv` makes later calls return immediately unless something changed; an incomplete
`.venv` is replaced. pip's index settings also apply to uv: they are passed in environment variables
and never written to disk.
"""

import sys

if sys.version_info < (3, 9):  # before any code that older versions cannot run
    sys.exit(
        "setup: Python %d.%d is too old; setup needs 3.9 or newer. "
        "Select another one, such as `make setup PYTHON=python3.13`." % sys.version_info[:2]
    )

import configparser
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
BIN, EXE = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
VENV_PYTHON = VENV / BIN / ("python" + EXE)
STAMP = VENV / ".simgen-setup"
INCOMPLETE = "incomplete"
WANTED = "3.13"
OLDEST_UV = (0, 5)

# pip's setting, uv's variable for it, separator of its values, and uv's alternative variables.
PIP_TO_UV = [
    ("index-url", "UV_DEFAULT_INDEX", " ", ["UV_INDEX_URL"]),
    ("extra-index-url", "UV_INDEX", " ", ["UV_EXTRA_INDEX_URL"]),
    ("find-links", "UV_FIND_LINKS", ",", []),
    ("no-index", "UV_NO_INDEX", " ", []),
    ("trusted-host", "UV_INSECURE_HOST", " ", []),
    ("cert", "SSL_CERT_FILE", " ", []),
    ("proxy", "ALL_PROXY", " ", ["HTTPS_PROXY", "https_proxy", "all_proxy"]),
]

# Prints the properties of an interpreter that determine whether bpy can be installed into it.
ABOUT = (
    "import struct, sys, sysconfig; print(sys.implementation.name, '%d.%d' % sys.version_info[:2],"
    " 8 * struct.calcsize('P'), int(bool(sysconfig.get_config_var('Py_GIL_DISABLED'))),"
    " sys.executable, sep='|')"
)


class SetupError(Exception):
    """Setup cannot continue. The message is one line that says what to do."""


def main(extra: str = "") -> int:
    """Set everything up and return 0 if `.venv` is ready. extra: an extra of simgen to install as
    well."""
    stamp = STAMP.with_name(STAMP.name + (f"-{extra}" if extra else ""))
    try:
        if is_current() and (not extra or is_stamped(stamp)):
            return 0
        env = uv_environment(dict(os.environ))
        uv = find_uv(env) or install_uv(env)
        if not usable_venv():
            make_venv(uv, find_python(uv, env), env)
        if not is_current():
            install(uv, env)
            STAMP.write_text(fingerprint(), encoding="utf-8")
        if extra:
            install(uv, env, extra)
            stamp.write_text(fingerprint(), encoding="utf-8")
    except (SetupError, OSError) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("interrupted; run it again to continue")
        return 130
    say(f"ready: {VENV_PYTHON.relative_to(ROOT)}")
    return 0


def say(text: str) -> None:
    """Print one line to standard error."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


def run(command: list, env: dict) -> "subprocess.CompletedProcess[str]":
    """Run a command in the repository root with captured output; never raises on failure."""
    command = [str(part) for part in command]
    try:
        return subprocess.run(
            command, cwd=ROOT, env=env, text=True, errors="replace", capture_output=True
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def last_line(result: "subprocess.CompletedProcess[str]") -> str:
    """Return the last line that a failed command printed, which is usually the reason."""
    lines = (result.stdout + result.stderr).strip().splitlines()
    lines = [line for line in lines if not line.startswith(("[notice]", "WARNING"))]
    return lines[-1].strip() if lines else f"exit code {result.returncode}"


# --- state of .venv -----------------------------------------------------------------------------


def fingerprint() -> str:
    """Return a hash that changes if `.venv` has to be updated."""
    digest = hashlib.sha256()
    for path in (ROOT / "pyproject.toml", ROOT / "constraints.txt", VENV / "pyvenv.cfg"):
        digest.update(path.read_bytes() if path.exists() else b"-")
    digest.update(str(ROOT).encode())  # a moved folder breaks the editable install
    return digest.hexdigest()


def is_current() -> bool:
    """Return whether `.venv` was created from these files and its interpreter still runs."""
    return is_stamped(STAMP) and why_unfit(VENV_PYTHON, dict(os.environ)) is None


def is_stamped(stamp: Path) -> bool:
    """Return whether the installation that a stamp marks was made from these files."""
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == fingerprint()


def usable_venv() -> bool:
    """Return whether there is a complete `.venv` to install into."""
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == INCOMPLETE:
        return False
    in_place = (VENV / "pyvenv.cfg").is_file()
    return in_place and why_unfit(VENV_PYTHON, dict(os.environ)) is None


# --- pip's settings for uv ----------------------------------------------------------------------


def uv_environment(env: dict) -> dict:
    """Return uv's environment: pip's index settings as uv's variables, unless uv has its own."""
    env.setdefault("UV_HTTP_TIMEOUT", "300")  # bpy is one file of several hundred megabytes
    if uv_has_own_index(env):
        return env
    settings = pip_settings(env)
    for setting, variable, separator, others in PIP_TO_UV:
        values = settings.get(setting, "").split()
        if values and not any(env.get(name) for name in [variable, *others]):
            env[variable] = separator.join(values)
            if setting == "extra-index-url":  # like pip, use the best version of all indexes
                env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return env


def uv_has_own_index(env: dict) -> bool:
    """Return whether one of uv's configuration files sets an index, which overrides pip's."""
    home = Path(env.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    files = [home / "uv/uv.toml", Path("/etc/uv/uv.toml"), Path(env.get("UV_CONFIG_FILE", "/"))]
    return any("index" in read(file) for file in files)


def pip_settings(env: dict) -> dict:
    """Return pip's settings by name, from its configuration files and then its variables.

    They are read directly rather than by running pip, since Debian's python3 comes without it.
    """
    settings = {}
    for file in pip_files(env):
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(read(file))
        except configparser.Error:
            continue  # pip itself reports the error
        for section in ("global", "install"):
            if parser.has_section(section):
                settings.update({k.replace("_", "-"): v for k, v in parser.items(section)})
    for name, value in env.items():
        if name.startswith("PIP_") and value:
            settings[name[4:].lower().replace("_", "-")] = value
    return settings


def pip_files(env: dict) -> list:
    """Return pip's configuration files in ascending order of precedence."""
    if env.get("PIP_CONFIG_FILE"):
        return [Path(env["PIP_CONFIG_FILE"])]
    home = Path.home()
    config = Path(env.get("XDG_CONFIG_HOME") or home / ".config")
    files = [Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf")]
    files += [Path("/Library/Application Support/pip/pip.conf")]
    files += [home / ".pip/pip.conf", home / "Library/Application Support/pip/pip.conf"]
    files += [config / "pip/pip.conf", Path(sys.prefix) / "pip.conf"]
    if os.name == "nt":
        files = [home / "pip/pip.ini", Path(env.get("APPDATA") or home) / "pip/pip.ini"]
    return files


def read(path: Path) -> str:
    """Return a file's text, or an empty string if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


# --- uv -----------------------------------------------------------------------------------------


def find_uv(env: dict) -> Optional[Path]:
    """Return a uv that runs; the one on PATH may be a pyenv shim for one that does not."""
    folders = [Path(entry) for entry in os.get_exec_path(env)]
    folders += [TOOLS / "uv" / BIN, TOOLS / "uv-target" / "bin"]
    folders += [Path.home() / ".local/bin", Path.home() / ".cargo/bin"]
    for folder in folders:
        uv = folder / ("uv" + EXE)
        if os.access(uv, os.X_OK) and uv_version(uv, env) >= OLDEST_UV:
            return uv
    return None


def uv_version(uv: Path, env: dict) -> tuple:
    """Return uv's version, or () if it does not run."""
    result = run([uv, "--version"], env)
    found = re.match(r"uv (\d+)\.(\d+)", result.stdout)
    return tuple(map(int, found.groups())) if found and result.returncode == 0 else ()


def install_uv(env: dict) -> Path:
    """Install uv into `.tools/`, with venv if available, otherwise with pip."""
    say("installing uv into .tools")
    venv, target = TOOLS / "uv", TOOLS / "uv-target"
    for folder in (venv, target):
        shutil.rmtree(folder, ignore_errors=True)
    if run([sys.executable, "-m", "venv", venv], env).returncode == 0:
        result = run([venv / BIN / "python", "-m", "pip", "install", "uv"], env)
    elif run([sys.executable, "-m", "pip", "--version"], env).returncode == 0:
        shutil.rmtree(venv, ignore_errors=True)
        result = run([sys.executable, "-m", "pip", "install", "--target", target, "uv"], env)
    else:
        shutil.rmtree(venv, ignore_errors=True)
        raise SetupError(
            f"{sys.executable} has neither venv nor pip: run `apt-get install python3-venv` "
            "(Debian, Ubuntu), or install uv, and try again"
        )
    uv = find_uv(env) if result.returncode == 0 else None
    if uv is None:
        raise SetupError(
            f"pip could not install uv ({last_line(result)}): "
            "check pip's network and index settings, or install uv yourself, and try again"
        )
    return uv


# --- Python 3.13 --------------------------------------------------------------------------------


def find_python(uv: Path, env: dict) -> Path:
    """Return a 64-bit CPython 3.13, installing it with uv if there is none."""
    tried = []
    for origin, python in python_candidates(uv, env):
        if VENV in python.parents:
            continue  # .venv may be active, and will be replaced
        reason = why_unfit(python, env)
        if reason is None:
            return python
        tried.append(f"{origin} ({reason})")
    raise SetupError(
        f"no usable Python {WANTED} (bpy needs exactly this version). Tried: {'; '.join(tried)}. "
        f"Install it with `pyenv install {WANTED}`, from your distribution, "
        f"or with `uv python install {WANTED}`, and try again"
    )


def python_candidates(uv: Path, env: dict) -> "Iterator[tuple[str, Path]]":
    """Yield where a Python 3.13 may be, as (origin, interpreter), the likeliest first."""
    if sys.version_info[:2] == (3, 13):
        yield "the running Python", Path(sys.executable)
    # Fails entirely if it finds a broken pyenv shim, so other ways follow.
    yield "uv python find", asked_of_uv(uv, env)
    pyenv = Path(env.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for folder in sorted((pyenv / "versions").glob(WANTED + "*"), key=by_version, reverse=True):
        yield f"pyenv's {folder.name}", folder / "bin" / "python"
    for entry in os.get_exec_path(env):
        python = Path(entry) / f"python{WANTED}{EXE}"
        if os.access(python, os.X_OK):
            yield f"python{WANTED} on PATH", python
    say(f"no Python {WANTED} found: installing it with uv")
    result = run([uv, "python", "install", WANTED], env)
    if result.returncode == 0:
        command = [uv, "python", "find", "--system", "--managed-python", WANTED]
        yield "uv python install", Path(run(command, env).stdout.strip() or "nothing")
    else:
        yield f"uv python install: {last_line(result)}", Path("nothing")


def asked_of_uv(uv: Path, env: dict) -> Path:
    """Return the Python that uv finds without downloading, or a path that does not exist."""
    result = run([uv, "python", "find", "--system", "--no-python-downloads", WANTED], env)
    return Path(result.stdout.strip() if result.returncode == 0 else "nothing")


def by_version(folder: Path) -> list:
    """Sort key: 3.13.10 after 3.13.9."""
    return [int(number) for number in re.findall(r"\d+", folder.name)]


def why_unfit(python: Path, env: dict) -> Optional[str]:
    """Return why an interpreter cannot be used, or None if it can."""
    if not python.is_absolute() or not python.exists():
        return "nothing found"
    result = run([python, "-I", "-c", ABOUT], env)
    if result.returncode != 0:
        return f"does not run: {last_line(result)}"
    name, version, bits, free_threaded = result.stdout.strip().split("|")[:4]
    if name != "cpython" or version != WANTED:
        return f"is {name} {version}"
    if bits != "64":
        return f"is for {bits} bits, but bpy needs 64"
    return "is free-threaded, which bpy does not support" if free_threaded == "1" else None


# --- .venv --------------------------------------------------------------------------------------


def make_venv(uv: Path, python: Path, env: dict) -> None:
    """Create an empty `.venv`, replacing an existing one."""
    say(f"creating .venv with {python}")
    if VENV.is_symlink():
        raise SetupError(".venv is an unusable link: remove it and try again")
    if VENV.exists():
        shutil.rmtree(VENV)
    result = run([uv, "venv", "--quiet", "--python", python, VENV], env)
    if result.returncode != 0 or not VENV_PYTHON.exists():
        raise SetupError(f"uv could not create .venv: {last_line(result)}")


def install(uv: Path, env: dict, extra: str = "dev") -> None:
    """Install simgen, editable, with one of its extras and all dependencies, into `.venv`."""
    size = "0.6 GB" if extra == "dev" else "3 GB"
    say(f"installing simgen[{extra}] into .venv (downloads about {size} the first time)")
    if extra == "dev":
        STAMP.write_text(INCOMPLETE, encoding="utf-8")
    command = [uv, "pip", "install", "--python", VENV_PYTHON, "--editable", f".[{extra}]"]
    if not sys.stderr.isatty():
        command.insert(1, "--quiet")
    if uv_installs([*command, "--constraints", "constraints.txt"], env):
        return
    say("installing the versions in constraints.txt failed: trying the newest allowed versions")
    if not uv_installs(command, env):
        raise SetupError(
            "uv could not install simgen (see its output above): "
            "check the network and pip's or uv's index settings, and try again"
        )


def uv_installs(command: list, env: dict) -> bool:
    """Run uv with its output shown, and return whether it succeeded."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env).returncode == 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
