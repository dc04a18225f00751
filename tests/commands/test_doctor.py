"""The doctor's words, from facts given as plain data. No Blender here."""

from __future__ import annotations

import json

import pytest

from simgen.commands import doctor
from simgen.commands.doctor import GIB, Finding, Level, Outcome
from simgen.errors import SimgenError
from simgen.rendering import libraries


def devices(*entries: tuple[str, str]) -> Outcome:
    answer = json.dumps([{"kind": kind, "name": n, "id": f"{n}_0000:01:00"} for kind, n in entries])
    return Outcome(0, f"WARNING CUEW initialization failed\n\n{answer}\n")


def test_the_right_python_is_ok() -> None:
    assert doctor.python_finding((3, 13, 1)) == Finding(Level.OK, "Python 3.13.1")


def test_another_python_is_not() -> None:
    finding = doctor.python_finding((3, 12, 9))
    assert finding.level is Level.MISSING
    assert "3.13" in finding.advice


def test_missing_libraries_come_with_the_line_that_installs_them() -> None:
    finding = doctor.libraries_finding(["libXi.so.6", "libGL.so.1"])
    assert finding.level is Level.MISSING
    assert "libXi.so.6" in finding.what
    assert finding.advice.startswith("apt-get install libgl1 libxi6 ")


def test_no_missing_libraries() -> None:
    assert doctor.libraries_finding([]).level is Level.OK


def test_a_library_that_is_nowhere_does_not_load() -> None:
    assert not libraries.loads("libthere-is-no-such-thing.so.7")


def test_blender_that_imports() -> None:
    finding = doctor.blender_finding(Outcome(0, "a warning\n5.2.3 LTS\n"))
    assert finding == Finding(Level.OK, "Blender 5.2.3 LTS")


@pytest.mark.parametrize(
    ("outcome", "what", "advice"),
    [
        (Outcome(1, "ModuleNotFoundError: No module named 'bpy'"), "not installed", "make setup"),
        (
            Outcome(1, "ImportError: libSM.so.6: cannot open shared object file: No such file"),
            "libSM.so.6",
            "apt-get install libsm6",
        ),
        (
            Outcome(1, "ImportError: libfoo.so.1: cannot open shared object file"),
            "libfoo.so.1",
            "install the package with libfoo.so.1",
        ),
        (Outcome(-11, ""), "SIGSEGV", "for details"),
        (Outcome(-99, "boom"), "signal 99: boom", "for details"),
        (Outcome(3, "first\nlast"), "exit code 3: last", "for details"),
    ],
)
def test_blender_that_does_not_import(outcome: Outcome, what: str, advice: str) -> None:
    finding = doctor.blender_finding(outcome)
    assert finding.level is Level.MISSING
    assert what in finding.what
    assert advice in finding.advice


def test_a_graphics_card_is_ok() -> None:
    finding = doctor.devices_finding(devices(("CPU", "c"), ("CUDA", "g"), ("OPTIX", "g")), {})
    text = "render devices: c (CPU), g (CUDA), g (OPTIX); auto selects OPTIX"
    assert finding == Finding(Level.OK, text)


def test_the_memory_of_a_graphics_card_is_shown() -> None:
    finding = doctor.devices_finding(devices(("HIP", "g")), {"0000:01:00": 23.99})
    assert finding.what == "render devices: g (HIP, 24.0 GB); auto selects HIP"


def test_no_graphics_card_is_no_error_but_a_note_on_what_to_do() -> None:
    finding = doctor.devices_finding(devices(("CPU", "c")), {})
    assert finding.level is Level.NOTE
    assert "--gpus all" in finding.advice


def test_cuda_without_optix_is_a_note() -> None:
    finding = doctor.devices_finding(devices(("CPU", "c"), ("CUDA", "g")), {})
    assert finding.level is Level.NOTE
    assert "OptiX" in finding.what


def test_a_driver_that_crashes_is_a_note() -> None:
    finding = doctor.devices_finding(Outcome(-6, "abort"), {})
    assert finding.level is Level.NOTE
    assert "SIGABRT" in finding.what


@pytest.mark.parametrize(
    ("finding", "level"),
    [
        (doctor.disk_finding(100 * GIB, "here"), Level.OK),
        (doctor.disk_finding(GIB, "here"), Level.NOTE),
        (doctor.memory_finding(16 * GIB), Level.OK),
        (doctor.memory_finding(GIB), Level.NOTE),
        (doctor.shared_memory_finding(GIB), Level.OK),
        (doctor.shared_memory_finding(1024), Level.NOTE),
        (doctor.shared_memory_finding(None), Level.MISSING),
        (doctor.dependencies_finding({"numpy": "2.5.5"}), Level.OK),
        (doctor.dependencies_finding({"numpy": "2.5.5", "pebble": None}), Level.MISSING),
        (doctor.dependencies_finding({}), Level.MISSING),
    ],
)
def test_what_is_not_ok_says_what_to_do(finding: Finding, level: Level) -> None:
    assert finding.level is level
    assert bool(finding.advice) == (level is not Level.OK)


def test_only_what_is_missing_makes_it_fail() -> None:
    ok, note, missing = (Finding(level, "what") for level in Level)
    assert doctor.exit_code([ok, note]) == 0
    assert doctor.exit_code([ok, missing, note]) == 1


def test_the_report_has_each_finding_and_its_advice() -> None:
    findings = [Finding(Level.OK, "fine"), Finding(Level.MISSING, "no [bold]thing[/]", "get it")]
    lines = doctor.report(findings).plain.splitlines()
    assert [line.split() for line in lines] == [
        ["ok", "fine"],
        ["missing", "no", "[bold]thing[/]"],
        ["get", "it"],
    ]


def test_the_installed_dependencies_are_found() -> None:
    versions = doctor.dependency_versions()
    assert versions["numpy"]
    assert "pytest" not in versions


def test_a_run_says_which_libraries_are_missing_before_it_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(libraries, "loads", lambda name: name != "libXi.so.6")
    monkeypatch.setattr(libraries.sys, "platform", "linux")
    with pytest.raises(SimgenError, match=r"needs libXi.so.6.*apt-get install libxi6"):
        libraries.check_machine()
