"""The `runner`, `run` and `output` keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simgen.config.keys import key


@dataclass
class RayConfig:
    """Workers as actors of a Ray cluster, with runner=ray."""

    address: str | None = key(
        None,
        "Address of the cluster's head, such as ray://head:10001 or auto. Not given: Ray is "
        "started on this machine.",
    )
    cpus_per_worker: float = key(
        1.0, "Cores that each worker reserves and renders with.", at_least=0.01, at_most=1024
    )
    gpus_per_worker: float = key(
        0.0,
        "GPUs that each worker reserves; 0.5 puts two workers on one. With 0 they render on CPUs.",
        at_least=0.0,
        at_most=64,
    )
    wait_seconds: float = key(
        60.0,
        "Seconds to wait for a node with room for a worker, as on a cluster that grows on demand.",
        at_least=0.0,
    )


@dataclass
class SlurmConfig:
    """Workers in the tasks of a Slurm job array, with runner=slurm."""

    tasks: int = key(
        1,
        "Tasks of the array, each with `runner.workers` workers and its share of the scenes.",
        at_least=1,
        at_most=10_000,
    )
    parallel: int = key(256, "Tasks that may run at once.", at_least=1, at_most=10_000)
    partition: str | None = key(None, "Partition to submit to. Not given: Slurm's default.")
    account: str | None = key(None, "Account to charge. Not given: Slurm's default.")
    minutes: int = key(
        240,
        "Time limit of a task. A task that reaches it is requeued and continues.",
        at_least=1,
        at_most=525_600,
    )
    cpus_per_task: int = key(4, "Cores of a task, shared by its workers.", at_least=1, at_most=4096)
    gpus_per_task: int = key(
        0,
        "GPUs of a task, shared by its workers; other requests, such as gres, go into `options`.",
        at_least=0,
        at_most=64,
    )
    memory_gb: float = key(16.0, "Memory of a task, gigabytes.", at_least=0.1, at_most=100_000)
    options: dict[str, Any] = key(
        {}, "Any other option of sbatch, such as {qos:high,exclusive:true}."
    )
    wait: bool = key(
        True,
        "Wait until all tasks have ended. If not, the same command, run later, reports their "
        "progress, makes what is missing and completes the dataset.",
    )
    cluster: str = key(
        "slurm",
        "slurm, or local: tasks are processes of this machine, all at once, to try things out.",
        one_of=("slurm", "local"),
    )


@dataclass
class RunnerConfig:
    name: str = key(
        "local",
        "Where scenes are made: local, ray or slurm. Chosen with runner=NAME.",
        one_of=("local", "ray", "slurm"),
    )
    workers: int = key(
        1,
        "Worker processes, each with its own Blender. They are distributed over the GPUs of the "
        "machine.",
        at_least=1,
        at_most=1024,
    )
    gpu_memory_gb: float = key(
        4.0,
        "GPU memory of a worker, gigabytes. More workers than fit on an NVIDIA GPU are refused.",
        at_least=0.01,
        at_most=10_000,
    )
    max_retries: int = key(
        2,
        "How often a scene that failed is tried again.",
        at_least=0,
        at_most=1000,
    )
    max_losses: int = key(
        30,
        "How often a scene is tried again when its worker was lost through no fault of the scene: "
        "its node died or was preempted, or the process was killed.",
        at_least=0,
        at_most=10_000,
    )
    retry_seconds: float = key(
        1.0,
        "Seconds before a scene is tried again; they double each time, up to a minute.",
        at_least=0.0,
        at_most=3600,
    )
    max_failures: int = key(
        100, "The run ends when more scenes than this have failed for good.", at_least=0
    )
    scene_timeout: float = key(3600.0, "Seconds after which a scene counts as hung.", at_least=1)
    grace_seconds: float = key(
        30.0,
        "Seconds that scenes in progress may still take after Ctrl-C or SIGTERM.",
        at_least=0.0,
        at_most=86_400,
    )
    recycle_scenes: int = key(
        500, "Scenes after which a worker is replaced by a fresh one.", at_least=1
    )
    recycle_growth_mb: float = key(
        2000.0, "Megabytes that a worker may grow before it is replaced.", at_least=1
    )
    ray: RayConfig = field(default_factory=RayConfig)
    slurm: SlurmConfig = field(default_factory=SlurmConfig)


@dataclass
class RunConfig:
    shard: str | None = key(
        None,
        "Make one share of the scenes, as i/n: scenes i, i + n, i + 2n and so on, with i from 0 to "
        "n - 1. Shards of one dataset may run at the same time, on one machine or many.",
    )


@dataclass
class OutputConfig:
    dir: str | None = key(None, "Folder of the dataset. Not given: datasets/<scene>-seed<seed>.")
    uri: str | None = key(
        None,
        "Where the dataset goes instead, such as s3://bucket/prefix; `dir` then holds only the "
        "run's own files.",
    )
    formats: list[str] = key(
        [],
        "Formats that the dataset is also exported to, in `exports/<format>` of its folder. "
        "docs/formats.md lists them.",
    )
