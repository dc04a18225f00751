"""A Slurm of one node on this machine, for tests: its own ports and folders, no accounts.

It takes Debian's `slurmctld`, `slurmd` and `slurm-client`, and root.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_PROGRAMS = ("slurmctld", "slurmd", "sbatch", "scancel", "scontrol", "squeue", "srun")
_CONF = """
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
AuthType=auth/none
CredType=cred/none
# How long a job that was put back into the queue has to wait there.
AuthInfo=cred_expire=5
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=2
# The node is what it says below, whatever the machine has.
SlurmdParameters=config_overrides
ReturnToService=2
MailProg=/bin/true
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=4000
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def lack() -> str | None:
    """What this machine lacks for a Slurm of its own; None for nothing."""
    missing = [name for name in _PROGRAMS if find(name) is None]
    if missing:
        return f"no Slurm on this machine ({missing[0]}); .ci/run installs it as root"
    return None if os.geteuid() == 0 else "Slurm's daemons can be started by root only"


def find(program: str) -> str | None:
    # Daemons lie where the path of users need not lead.
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """Start Slurm; what this process starts meanwhile finds it through `SLURM_CONF`."""
    conf = folder / "slurm.conf"
    for name in ("state", "spool"):
        (folder / name).mkdir()
    host = socket.gethostname().split(".")[0]
    conf.write_text(_CONF.format(host=host, ports=_free_ports(2), folder=folder))
    before = os.environ.get("SLURM_CONF")
    os.environ["SLURM_CONF"] = str(conf)
    try:
        with ExitStack() as stack:
            for daemon in ("slurmctld", "slurmd"):
                stack.enter_context(_daemon(daemon, folder))
            _wait_until_idle(folder)
            try:
                yield
            finally:
                _end_jobs()
    finally:
        del os.environ["SLURM_CONF"]
        if before is not None:
            os.environ["SLURM_CONF"] = before


def ask(*command: str) -> str:
    """What one of Slurm's commands prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def queue(*states: str) -> dict[str, str]:
    """Task id to state, of the jobs in one of these states; of all that have not ended."""
    listed = ["--states=" + ",".join(states)] if states else []
    lines = ask("squeue", "--noheader", "--array", "--format=%i %T", *listed).splitlines()
    return dict(line.split() for line in lines)


@contextmanager
def _daemon(name: str, folder: Path) -> Iterator[None]:
    program = find(name)
    assert program is not None
    with (folder / f"{name}.out").open("w") as out:
        process = subprocess.Popen([program, "-D"], stdout=out, stderr=out, start_new_session=True)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_idle(folder: Path) -> None:
    for _ in range(150):
        done = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True)
        if done.stdout.strip() == "idle":
            return
        time.sleep(0.2)
    said = "\n".join(path.read_text() for path in sorted(folder.glob("*.out")))
    raise AssertionError(f"Slurm did not start: {done.stdout} {done.stderr}\n{said}")


def _end_jobs() -> None:
    subprocess.run(["scancel", "--user=root"], capture_output=True)
    for _ in range(200):
        if not queue():
            return
        time.sleep(0.2)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
