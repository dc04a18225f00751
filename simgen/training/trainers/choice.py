"""Resolves `trainer.name=auto`, and checks that a trainer can be used on this machine."""

from __future__ import annotations

from importlib.util import find_spec

from simgen.errors import InputError
from simgen.training.study.schema import TrainerConfig
from simgen.training.trainers.trainer import trainer_of


def chosen_trainer(config: TrainerConfig) -> str:
    """Return the trainer's name. Raises `InputError`, one line, if it cannot be used here."""
    name = config.name if config.name != "auto" else _automatic()
    if config.freeze is not None and name != "small":
        raise InputError(
            f"trainer.freeze={config.freeze}: only the trainer small can freeze blocks; "
            f"trainer.name is {name}"
        )
    trainer_of(name).check(config)
    return name


def _automatic() -> str:
    if find_spec("torch") is None:
        raise InputError(
            "trainer.name=auto: needs PyTorch, which is not installed; `pip install "
            "'simgen[train]'`, or `make train` in a checkout"
        )
    import torch  # type: ignore[import-not-found, unused-ignore]  # an extra, seconds to load

    has_gpu = torch.cuda.is_available() or torch.backends.mps.is_available()
    return "torchvision" if has_gpu and find_spec("torchvision") else "small"
