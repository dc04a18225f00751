"""Choosing among devices, dealing workers out and the arithmetic of memory, without a GPU."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.errors import InputError
from simgen.rendering.devices import (
    Device,
    check_denoiser,
    check_memory,
    pci_address,
    pick_device,
    pick_kind,
    shares,
)

FIRST = Device("OPTIX", "RTX", "CUDA_RTX_0000:17:00_OptiX")
SECOND = Device("OPTIX", "RTX", "CUDA_RTX_0000:65:00_OptiX")
DEVICES = [
    Device("CUDA", "RTX", "CUDA_RTX_0000:17:00"),
    Device("CPU", "Xeon", "CPU"),
    Device("CUDA", "RTX", "CUDA_RTX_0000:65:00"),
    FIRST,
    SECOND,
]


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


def test_lenses_are_rendered_where_cycles_has_them() -> None:
    assert pick_kind("auto", {"CPU", "CUDA", "OPTIX"}, "kannala_brandt") == "OPTIX"
    assert pick_kind("auto", {"CPU", "HIP"}, "kannala_brandt") == "CPU"
    assert pick_kind("auto", {"CPU", "HIP"}, "orthographic") == "HIP"
    assert pick_kind("cpu", {"CPU"}, "equirectangular") == "CPU"
    with pytest.raises(InputError, match=r"render.device=hip.*camera.model=equirectangular.*optix"):
        pick_kind("hip", {"CPU", "HIP"}, "equirectangular")


def test_workers_are_dealt_out_over_the_gpus_of_their_kind() -> None:
    dealt = [pick_device(DEVICES, "OPTIX", number) for number in range(5)]
    assert dealt == [FIRST, SECOND, FIRST, SECOND, FIRST]
    assert pick_device([FIRST], "OPTIX", 7) == FIRST  # a scheduler that shows one GPU alone
    with pytest.raises(InputError, match=r"render.device=hip"):
        pick_device(DEVICES, "HIP", 0)


@given(workers=st.integers(1, 200), gpus=st.integers(1, 16))
def test_shares_are_what_dealing_gives(workers: int, gpus: int) -> None:
    cards = [Device("CUDA", "g", str(number)) for number in range(gpus)]
    dealt = [pick_device(cards, "CUDA", number) for number in range(workers)]
    assert shares(workers, gpus) == [dealt.count(card) for card in cards]
    assert max(shares(workers, gpus)) - min(shares(workers, gpus)) <= 1


def test_workers_have_to_fit_into_the_memory_of_their_gpu() -> None:
    memory = {"0000:17:00": 24.0, "0000:65:00": 12.0}
    pair = [FIRST, SECOND]
    check_memory(pair, 6, memory, 4.0)
    with pytest.raises(InputError, match=r"workers=8: 4 workers on one RTX of 12.0 GB.*4 each"):
        check_memory(pair, 8, memory, 4.0)
    with pytest.raises(InputError, match=r"at most 6 workers"):
        check_memory(pair, 7, {**memory, "0000:17:00": 12.0}, 4.0)
    check_memory(pair, 8, memory, 3.0)


def test_one_worker_and_unknown_memory_are_never_refused() -> None:
    check_memory([FIRST], 1, {"0000:17:00": 2.0}, 4.0)
    check_memory([FIRST], 100, {}, 4.0)
    check_memory([Device("METAL", "M4", "METAL_M4_0")], 100, {"0000:17:00": 2.0}, 4.0)


def test_the_most_that_is_offered_is_taken() -> None:
    memory = {"0000:17:00": 10.0}
    with pytest.raises(InputError, match="at most 2 workers"):
        check_memory([FIRST], 3, memory, 4.0)
    check_memory([FIRST], 2, memory, 4.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CUDA_NVIDIA H200_0000:1a:00_OptiX", "0000:1a:00"),
        ("00000000:1A:00.0", "0000:1a:00"),
        ("00010000:1A:00.0", "10000:1a:00"),
        ("HIP_gfx1100_0001:03:00", "0001:03:00"),
        ("METAL_Apple M4_0", None),
        ("CPU", None),
    ],
)
def test_pci_addresses(text: str, expected: str | None) -> None:
    assert pci_address(text) == expected


@pytest.mark.parametrize("kind", ["CPU", "HIP"])
def test_the_optix_denoiser_needs_an_nvidia_gpu(kind: str) -> None:
    with pytest.raises(InputError, match=rf"render.denoiser=optix.*NVIDIA.*on {kind.lower()}"):
        check_denoiser("optix", kind)
    check_denoiser("oidn", kind)
    check_denoiser("optix", "CUDA")
