from __future__ import annotations

import pytest

from simgen.devices import pick_kind
from simgen.errors import InputError


@pytest.mark.parametrize(
    ("wanted", "available", "expected"),
    [
        ("auto", {"CPU"}, "CPU"),
        ("auto", {"CPU", "CUDA", "OPTIX"}, "OPTIX"),
        ("auto", {"CPU", "HIP"}, "HIP"),
        ("cpu", {"CPU", "CUDA"}, "CPU"),
        ("cuda", {"CPU", "CUDA", "OPTIX"}, "CUDA"),
    ],
)
def test_the_fastest_or_the_named_device(wanted: str, available: set[str], expected: str) -> None:
    assert pick_kind(wanted, available) == expected


def test_a_named_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match=r"render.device=optix.*only cpu, cuda"):
        pick_kind("optix", {"CPU", "CUDA"})
