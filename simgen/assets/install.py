"""Asset libraries from Debian packages, downloaded without root and verified."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from simgen.errors import InputError

PACKAGES = {"sweethome3d": "sweethome3d-furniture"}
_SECONDS = 1800


def fetch(library: str, work: Path) -> list[Path]:
    """Download, verify and unpack a library's package in `work`, and return its archives.

    Raises `InputError` if apt is missing or does not know the package, or the digest differs.
    """
    if library not in PACKAGES:
        known = ", ".join((*PACKAGES, "polyhaven", "ambientcg"))
        raise InputError(f"unknown library {library!r}; expected one of {known}")
    package = PACKAGES[library]
    for program in ("apt-get", "apt-cache", "dpkg-deb"):
        if shutil.which(program) is None:
            raise InputError(
                f"{program} is not installed, but {package} is a Debian package; download it"
                " elsewhere and run `simgen assets add FILE.sh3f` on the archives in it"
            )
    version, digest = _known(package)
    _run(["apt-get", "download", f"{package}={version}"], work, package)
    found = list(work.glob(f"{package}_*.deb"))
    if len(found) != 1:
        raise InputError(f"apt-get download {package}: found {len(found)} packages, expected one")
    verify(found[0], digest)
    unpacked = work / "unpacked"
    _run(["dpkg-deb", "-x", str(found[0]), str(unpacked)], work, package)
    return sorted(unpacked.rglob("*.sh3f"))


def verify(file: Path, digest: str) -> None:
    """Raise `InputError` if a file does not have this SHA-256."""
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != digest:
        raise InputError(
            f"{file.name}: its SHA-256 is {found}, expected {digest} from apt's lists; the download"
            " is damaged or the lists are outdated: run `apt-get update` as root and try again"
        )


def parse_records(text: str) -> list[dict[str, str]]:
    """Parse the records of `apt-cache show`: fields by name, without continuation lines."""
    records = []
    for block in text.strip().split("\n\n"):
        lines = (line.split(":", 1) for line in block.split("\n") if not line.startswith(" "))
        records.append({pair[0]: pair[1].strip() for pair in lines if len(pair) == 2})
    return records


def _known(package: str) -> tuple[str, str]:
    """Return the version and SHA-256 in apt's signed package lists."""
    done = subprocess.run(
        ["apt-cache", "show", "--no-all-versions", package],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    for record in parse_records(done.stdout):
        if record.get("Package") == package and {"Version", "SHA256"} <= record.keys():
            return record["Version"], record["SHA256"]
    raise InputError(
        f"apt does not know {package}: its lists are missing or this is not Debian; run"
        " `apt-get update` as root and try again"
    )


def _run(command: list[str], work: Path, package: str) -> None:
    try:
        subprocess.run(
            command, cwd=work, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
    except subprocess.CalledProcessError as error:
        output = " ".join((error.stderr or error.stdout or "").split())[-200:]
        raise InputError(f"{command[0]} failed for {package}: {output}") from error
    except subprocess.TimeoutExpired as error:
        raise InputError(f"{command[0]} took longer than {_SECONDS} s for {package}") from error
