#!/usr/bin/env python3
"""Makes `.venv` with Python 3.13, simgen and everything it needs. `make setup` calls this.

Runs on any Python from 3.9 on, with nothing but the standard library. What it does:

1. find uv, or install it into `.tools/`;
2. find a CPython 3.13 (bpy exists for no other), or let uv fetch one;
3. make `.venv` and install simgen into it, with the versions that `constraints.txt` names.

A stamp in `.venv` makes the next call return at once while nothing has changed; a `.venv` that
was left incomplete is replaced. The index settings of pip also hold for uv: they are handed on
in environment variables and never written to disk.
"""

import sys

if sys.version_info < (3, 9):  # above everything that older versions cannot run
    sys.exit(
        "setup: Python %d.%d is too old to set simgen up: it takes 3.9 or newer. "
        "Name another one, e.g. `make setup PYTHON=python3.13`." % sys.version_info[:2]
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

# pip's setting, uv's variable for it, what stands between two values there, uv's other spellings
PIP_TO_UV = [
    ("index-url", "UV_DEFAULT_INDEX", " ", ["UV_INDEX_URL"]),
    ("extra-index-url", "UV_INDEX", " ", ["UV_EXTRA_INDEX_URL"]),
    ("find-links", "UV_FIND_LINKS", ",", []),
    ("no-index", "UV_NO_INDEX", " ", []),
    ("trusted-host", "UV_INSECURE_HOST", " ", []),
    ("cert", "SSL_CERT_FILE", " ", []),
    ("proxy", "ALL_PROXY", " ", ["HTTPS_PROXY", "https_proxy", "all_proxy"]),
]

# Printed by an interpreter about itself: what decides whether bpy can be installed into it.
ABOUT = (
    "import struct, sys, sysconfig; print(sys.implementation.name, '%d.%d' % sys.version_info[:2],"
    " 8 * struct.calcsize('P'), int(bool(sysconfig.get_config_var('Py_GIL_DISABLED'))),"
    " sys.executable, sep='|')"
)


class SetupError(Exception):
    """Setting up cannot go on. The message is one line that says what to do."""


def main(extra: str = "") -> int:
    """Set everything up; 0 when `.venv` is ready. extra: one of simgen's to install as well."""
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
        say("stopped; run it again to go on")
        return 130
    say(f"ready: {VENV_PYTHON.relative_to(ROOT)}")
    return 0


def say(text: str) -> None:
    """Print one line to standard error."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


def run(command: list, env: dict) -> "subprocess.CompletedProcess[str]":
    """Run a command in the repository's root, its output captured; never raises for it."""
    command = [str(part) for part in command]
    try:
        return subprocess.run(
            command, cwd=ROOT, env=env, text=True, errors="replace", capture_output=True
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def last_line(result: "subprocess.CompletedProcess[str]") -> str:
    """The last line a failed command printed, which most often is the reason."""
    lines = (result.stdout + result.stderr).strip().splitlines()
    lines = [line for line in lines if not line.startswith(("[notice]", "WARNING"))]
    return lines[-1].strip() if lines else f"exit code {result.returncode}"


# --- is there anything to do? -------------------------------------------------------------------


def fingerprint() -> str:
    """Changes when `.venv` has to be brought up to date."""
    digest = hashlib.sha256()
    for path in (ROOT / "pyproject.toml", ROOT / "constraints.txt", VENV / "pyvenv.cfg"):
        digest.update(path.read_bytes() if path.exists() else b"-")
    digest.update(str(ROOT).encode())  # a moved folder breaks the editable install
    return digest.hexdigest()


def is_current() -> bool:
    """Whether `.venv` was made from these files and its interpreter still runs."""
    return is_stamped(STAMP) and why_unfit(VENV_PYTHON, dict(os.environ)) is None


def is_stamped(stamp: Path) -> bool:
    """Whether what a stamp is of was installed from these files."""
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == fingerprint()


def usable_venv() -> bool:
    """Whether there is a `.venv` to install into; one left half made is not."""
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == INCOMPLETE:
        return False
    in_place = (VENV / "pyvenv.cfg").is_file()
    return in_place and why_unfit(VENV_PYTHON, dict(os.environ)) is None


# --- pip's settings, for uv ---------------------------------------------------------------------


def uv_environment(env: dict) -> dict:
    """The environment for uv: pip's index settings in uv's variables, where uv has none."""
    env.setdefault("UV_HTTP_TIMEOUT", "300")  # bpy is one file of several hundred megabytes
    if uv_has_own_index(env):
        return env
    settings = pip_settings(env)
    for setting, variable, separator, others in PIP_TO_UV:
        values = settings.get(setting, "").split()
        if values and not any(env.get(name) for name in [variable, *others]):
            env[variable] = separator.join(values)
            if setting == "extra-index-url":  # as pip does: the best version of all indexes
                env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return env


def uv_has_own_index(env: dict) -> bool:
    """Whether a configuration file of uv's own names an index: then pip's does not matter."""
    home = Path(env.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    files = [home / "uv/uv.toml", Path("/etc/uv/uv.toml"), Path(env.get("UV_CONFIG_FILE", "/"))]
    return any("index" in read(file) for file in files)


def pip_settings(env: dict) -> dict:
    """pip's settings by name, from its configuration files and then its variables.

    Read here and not asked of pip, since a stock Debian python3 comes without it.
    """
    settings = {}
    for file in pip_files(env):
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(read(file))
        except configparser.Error:
            continue  # pip itself will complain
        for section in ("global", "install"):
            if parser.has_section(section):
                settings.update({k.replace("_", "-"): v for k, v in parser.items(section)})
    for name, value in env.items():
        if name.startswith("PIP_") and value:
            settings[name[4:].lower().replace("_", "-")] = value
    return settings


def pip_files(env: dict) -> list:
    """pip's configuration files, the one that counts most last."""
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
    """A file's text, empty when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


# --- uv -----------------------------------------------------------------------------------------


def find_uv(env: dict) -> Optional[Path]:
    """A uv that runs: what stands on PATH may be pyenv's shim for one that does not."""
    folders = [Path(entry) for entry in os.get_exec_path(env)]
    folders += [TOOLS / "uv" / BIN, TOOLS / "uv-target" / "bin"]
    folders += [Path.home() / ".local/bin", Path.home() / ".cargo/bin"]
    for folder in folders:
        uv = folder / ("uv" + EXE)
        if os.access(uv, os.X_OK) and uv_version(uv, env) >= OLDEST_UV:
            return uv
    return None


def uv_version(uv: Path, env: dict) -> tuple:
    """Its version, () when it does not run."""
    result = run([uv, "--version"], env)
    found = re.match(r"uv (\d+)\.(\d+)", result.stdout)
    return tuple(map(int, found.groups())) if found and result.returncode == 0 else ()


def install_uv(env: dict) -> Path:
    """Install uv into `.tools/`, with venv or else with pip alone."""
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
    """A CPython 3.13 for 64 bits, installed by uv if there is none."""
    tried = []
    for origin, python in python_candidates(uv, env):
        if VENV in python.parents:
            continue  # .venv may be active, and is about to be replaced
        reason = why_unfit(python, env)
        if reason is None:
            return python
        tried.append(f"{origin} ({reason})")
    raise SetupError(
        f"no usable Python {WANTED} (bpy needs exactly that). Tried: {'; '.join(tried)}. "
        f"Install it by `pyenv install {WANTED}`, from your distribution, "
        f"or with network access by `uv python install {WANTED}`, and try again"
    )


def python_candidates(uv: Path, env: dict) -> "Iterator[tuple[str, Path]]":
    """Where a Python 3.13 may be, as (where that is, interpreter), the likeliest first."""
    if sys.version_info[:2] == (3, 13):
        yield "the running Python", Path(sys.executable)
    # Fails as a whole when it meets a broken pyenv shim, so it is one way among several.
    yield "uv python find", asked_of_uv(uv, env)
    pyenv = Path(env.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for folder in sorted((pyenv / "versions").glob(WANTED + "*"), key=by_version, reverse=True):
        yield f"pyenv's {folder.name}", folder / "bin" / "python"
    for entry in os.get_exec_path(env):
        python = Path(entry) / f"python{WANTED}{EXE}"
        if os.access(python, os.X_OK):
            yield f"python{WANTED} on PATH", python
    say(f"no Python {WANTED} here: asking uv to install one")
    result = run([uv, "python", "install", WANTED], env)
    if result.returncode == 0:
        command = [uv, "python", "find", "--system", "--managed-python", WANTED]
        yield "uv python install", Path(run(command, env).stdout.strip() or "nothing")
    else:
        yield f"uv python install: {last_line(result)}", Path("nothing")


def asked_of_uv(uv: Path, env: dict) -> Path:
    """What uv finds without downloading, a path that does not exist if nothing."""
    result = run([uv, "python", "find", "--system", "--no-python-downloads", WANTED], env)
    return Path(result.stdout.strip() if result.returncode == 0 else "nothing")


def by_version(folder: Path) -> list:
    """Sort key: 3.13.10 after 3.13.9."""
    return [int(number) for number in re.findall(r"\d+", folder.name)]


def why_unfit(python: Path, env: dict) -> Optional[str]:
    """Why an interpreter cannot be used, None if it can."""
    if not python.is_absolute() or not python.exists():
        return "nothing found"
    result = run([python, "-I", "-c", ABOUT], env)
    if result.returncode != 0:
        return f"does not run: {last_line(result)}"
    name, version, bits, free_threaded = result.stdout.strip().split("|")[:4]
    if name != "cpython" or version != WANTED:
        return f"is {name} {version}"
    if bits != "64":
        return f"is for {bits} bits, bpy for 64"
    return "is the free-threaded build, bpy is not" if free_threaded == "1" else None


# --- .venv --------------------------------------------------------------------------------------


def make_venv(uv: Path, python: Path, env: dict) -> None:
    """Make an empty `.venv`, in the place of what may stand there."""
    say(f"making .venv with {python}")
    if VENV.is_symlink():
        raise SetupError(".venv is a link and cannot be used as it is: remove it and try again")
    if VENV.exists():
        shutil.rmtree(VENV)
    result = run([uv, "venv", "--quiet", "--python", python, VENV], env)
    if result.returncode != 0 or not VENV_PYTHON.exists():
        raise SetupError(f"uv could not make .venv: {last_line(result)}")


def install(uv: Path, env: dict, extra: str = "dev") -> None:
    """Install simgen, editable, with one of its extras, and what it needs into `.venv`."""
    size = "0.6 GB" if extra == "dev" else "3 GB"
    say(f"installing simgen[{extra}] into .venv (the first time: about {size} to fetch)")
    if extra == "dev":
        STAMP.write_text(INCOMPLETE, encoding="utf-8")
    command = [uv, "pip", "install", "--python", VENV_PYTHON, "--editable", f".[{extra}]"]
    if not sys.stderr.isatty():
        command.insert(1, "--quiet")
    if uv_installs([*command, "--constraints", "constraints.txt"], env):
        return
    say("that did not work with the versions in constraints.txt: trying the newest allowed ones")
    if not uv_installs(command, env):
        raise SetupError(
            "uv could not install simgen, the reason stands above: "
            "check the network and pip's or uv's index settings, and try again"
        )


def uv_installs(command: list, env: dict) -> bool:
    """Run uv with its output shown; whether it worked."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env).returncode == 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
