"""A training loop that can be interrupted anywhere and resumes exactly. Needs torch."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]

from simgen.dataset import files
from simgen.errors import InputError
from simgen.training.trainers.trainer import Job, Tell

SAVED_EVERY = 30.0
"""Seconds between checkpoints."""
_WARM_UP = 0.1
"""Share of the steps during which the learning rate rises."""

Loss = Callable[[Any, int], Any]
"""The loss of a network at a step, a scalar tensor."""


def device_of(asked: str) -> str:
    """Resolve `auto` to a device. Raises `InputError` for one that is not available."""
    if asked == "auto":
        if torch.cuda.is_available():
            return "cuda"
        # PyTorch obeys the variables by which simgen limits linear algebra to one thread.
        torch.set_num_threads(os.process_cpu_count() or 1)
        return "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        torch.zeros(1, device=asked)
    except (RuntimeError, AssertionError) as error:
        raise InputError(f"trainer.device={asked}: not available: {error}") from None
    return asked


def fit(net: Any, loss: Loss, job: Job, tell: Tell, *, rate: float) -> None:
    """Train a network, or resume its training from the checkpoint in the job's folder.

    Steps depend only on the seed and their number, so an interrupted training gives the same result
    as an uninterrupted one. Uses AdamW with a linear warm-up and cosine decay of the learning rate,
    and half precision on CUDA.
    """
    steps = job.budget.steps
    parameters = [p for p in net.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _factor(step, steps))
    scaler = torch.amp.GradScaler(enabled=job.device.startswith("cuda"))
    parts = {"net": net, "optimiser": optimiser, "schedule": schedule, "scaler": scaler}
    file = job.folder / "checkpoint.pt"
    done = _load(file, parts, job.device)
    saved = time.monotonic()
    for step in range(done, steps):
        torch.manual_seed(hash((job.seed, step)))
        with torch.autocast(job.device.split(":")[0], enabled=job.device.startswith("cuda")):
            value = loss(net, step)
        optimiser.zero_grad(set_to_none=True)
        scaler.scale(value).backward()
        scaler.unscale_(optimiser)
        torch.nn.utils.clip_grad_norm_(parameters, 10.0)
        scaler.step(optimiser)
        scaler.update()
        schedule.step()
        tell(step + 1, steps)
        if time.monotonic() - saved > SAVED_EVERY:
            _save(file, parts, step + 1)
            saved = time.monotonic()
    _save(file, parts, steps)


def _factor(step: int, steps: int) -> float:
    """Return the factor on the learning rate."""
    warm = max(1, int(_WARM_UP * steps))
    if step < warm:
        return (step + 1) / warm
    rest = (step - warm) / max(1, steps - warm)
    return float(0.5 * (1 + torch.cos(torch.tensor(rest * torch.pi))))


def _save(file: Path, parts: dict[str, Any], step: int) -> None:
    state = {"step": step} | {name: part.state_dict() for name, part in parts.items()}
    with files.replacing(file, file.parent) as temporary:
        torch.save(state, temporary)


def _load(file: Path, parts: dict[str, Any], device: str) -> int:
    """Return the number of finished steps."""
    if not file.is_file():
        return 0
    try:
        kept = torch.load(file, map_location=device, weights_only=True)
    except (OSError, RuntimeError, EOFError):
        return 0
    for name, part in parts.items():
        part.load_state_dict(kept[name])
    return int(kept["step"])
