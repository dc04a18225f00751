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
        "Address of the cluster's head node, such as ray://head:10001 or auto. null starts Ray on "
        "this machine.",
    )
    cpus_per_worker: float = key(
        1.0, "Cores that each worker reserves and renders with.", at_least=0.01, at_most=1024
    )
    gpus_per_worker: float = key(
        0.0,
        "GPUs that each worker reserves; 0.5 runs two workers per GPU, 0 renders on CPUs.",
        at_least=0.0,
        at_most=64,
    )
    wait_seconds: float = key(
        60.0,
        "Seconds to wait for a node with capacity for a worker, as on an autoscaling cluster.",
        at_least=0.0,
    )


@dataclass
class SlurmConfig:
    """Workers in the tasks of a Slurm job array, with runner=slurm."""

    tasks: int = key(
        1,
        "Number of tasks in the array, each with `runner.workers` workers and a share of the "
        "scenes.",
        at_least=1,
        at_most=10_000,
    )
    parallel: int = key(256, "Tasks that may run at once.", at_least=1, at_most=10_000)
    partition: str | None = key(None, "Partition to submit to; null uses Slurm's default.")
    account: str | None = key(None, "Account to charge; null uses Slurm's default.")
    minutes: int = key(
        240,
        "Time limit of a task, minutes. A task that reaches it is requeued and continues.",
        at_least=1,
        at_most=525_600,
    )
    cpus_per_task: int = key(4, "Cores per task, shared by its workers.", at_least=1, at_most=4096)
    gpus_per_task: int = key(
        0,
        "GPUs per task, shared by its workers; other requests, such as gres, go into `options`.",
        at_least=0,
        at_most=64,
    )
    memory_gb: float = key(16.0, "Memory per task, gigabytes.", at_least=0.1, at_most=100_000)
    options: dict[str, Any] = key(
        {}, "Additional options of sbatch, such as {qos:high,exclusive:true}."
    )
    wait: bool = key(
        True,
        "Wait until all tasks have ended. If false, running the same command later reports their "
        "progress, generates missing scenes and completes the dataset.",
    )
    cluster: str = key(
        "slurm",
        "slurm, or local: run all tasks at once as processes on this machine, for testing.",
        one_of=("slurm", "local"),
    )


@dataclass
class RunnerConfig:
    name: str = key(
        "local",
        "Where scenes are generated: local, ray or slurm. Chosen with runner=NAME.",
        one_of=("local", "ray", "slurm"),
    )
    workers: int = key(
        1,
        "Number of worker processes, each with its own Blender. They are distributed over the "
        "machine's GPUs.",
        at_least=1,
        at_most=1024,
    )
    gpu_memory_gb: float = key(
        4.0,
        "GPU memory per worker, gigabytes. A run with more workers than fit on the NVIDIA GPUs is "
        "rejected.",
        at_least=0.01,
        at_most=10_000,
    )
    max_retries: int = key(
        2,
        "Number of retries for a failed scene.",
        at_least=0,
        at_most=1000,
    )
    max_losses: int = key(
        30,
        "Number of retries for a scene whose worker was lost for reasons unrelated to the scene: "
        "its node failed or was preempted, or the process was killed.",
        at_least=0,
        at_most=10_000,
    )
    retry_seconds: float = key(
        1.0,
        "Delay before a scene is retried, seconds; it doubles each time, up to a minute.",
        at_least=0.0,
        at_most=3600,
    )
    max_failures: int = key(
        100, "The run stops when more than this number of scenes have failed.", at_least=0
    )
    scene_timeout: float = key(
        3600.0, "Time after which a scene counts as hung, seconds.", at_least=1
    )
    grace_seconds: float = key(
        30.0,
        "Time that scenes in progress have to finish after Ctrl-C or SIGTERM, seconds.",
        at_least=0.0,
        at_most=86_400,
    )
    recycle_scenes: int = key(
        500, "Number of scenes after which a worker process is replaced.", at_least=1
    )
    recycle_growth_mb: float = key(
        2000.0,
        "Growth of a worker's memory after which the process is replaced, megabytes.",
        at_least=1,
    )
    ray: RayConfig = field(default_factory=RayConfig)
    slurm: SlurmConfig = field(default_factory=SlurmConfig)


@dataclass
class RunConfig:
    shard: str | None = key(
        None,
        "Generate one share of the scenes, as i/n: scenes i, i + n, i + 2n and so on, with i from "
        "0 to n - 1. Shards of one dataset may run at the same time, on one machine or several.",
    )


@dataclass
class OutputConfig:
    dir: str | None = key(
        None, "Folder of the dataset; null stands for datasets/<scene>-seed<seed>."
    )
    uri: str | None = key(
        None,
        "Object storage to write the dataset to, such as s3://bucket/prefix; `dir` then holds only "
        "the run's own files.",
    )
    formats: list[str] = key(
        [],
        "Formats to export the dataset to, in `exports/<format>` of its folder. docs/formats.md "
        "lists them.",
    )
