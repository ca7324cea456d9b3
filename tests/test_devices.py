"""bfloat16 only where it is fast, memory that is kept, random numbers drawn again."""

import os
import platform
import subprocess
import sys
from contextlib import nullcontext

import pytest
import torch

from ganfake.devices import autocast, compute_dtype, pick_device, step_rng, supports_bf16

CPU, GPU = torch.device("cpu"), torch.device("cuda")


def test_the_gpu_is_taken_when_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device() == GPU
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device() == CPU


@pytest.mark.parametrize(
    ("has", "fast"),
    [
        ({"amx_bf16": True}, True),
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": False, "avx512_bf16": True}, True),
        ({"avx512": True, "avx2": True}, False),
        ({"amx_bf16": False, "avx512_bf16": False}, False),
        ({}, False),
    ],
)
def test_a_processor_needs_bfloat16_units(monkeypatch, has, fast):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)
    assert supports_bf16(CPU) is fast
    context = autocast(CPU)
    assert isinstance(context, torch.autocast if fast else nullcontext)
    assert compute_dtype(CPU) is (torch.bfloat16 if fast else torch.float32)
    layer = torch.nn.Linear(4, 4)
    with context:
        assert layer(torch.ones(1, 4)).dtype == (torch.bfloat16 if fast else torch.float32)


@pytest.mark.parametrize("fast", [True, False])
def test_a_gpu_is_asked_for_itself(monkeypatch, fast):
    monkeypatch.setattr(
        torch.cuda,
        "is_bf16_supported",
        lambda including_emulation: fast and not including_emulation,
    )
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": not fast})
    assert supports_bf16(GPU) is fast


def test_a_steps_generator_is_made_anew_from_seed_and_step():
    first = torch.rand(8, generator=step_rng(3, 5, CPU))
    assert torch.equal(first, torch.rand(8, generator=step_rng(3, 5, CPU)))
    others = [(3, 6), (4, 5), (5, 3), (0, 0), (2**62, 2**40)]
    assert all(not torch.equal(first, torch.rand(8, generator=step_rng(*o, CPU))) for o in others)


def test_a_steps_generator_leaves_the_common_one_alone():
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    torch.rand(2, generator=step_rng(1, 1, CPU))
    assert torch.equal(torch.rand(2), expected)


_FAULTS = """
import resource, sys, torch
from ganfake.devices import keep_memory
if sys.argv[1] == "keep":
    keep_memory()

def work():
    blocks = [torch.ones(2_000_000) for _ in range(4)]  # 8 MB each

for _ in range(20):
    work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="there is no glibc here")
def test_memory_is_kept_for_the_next_step():
    # Both as glibc begins; left alone it moves them, now so, now so.
    begin = {"MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "131072"}
    faults = {
        way: int(subprocess.run(
            [sys.executable, "-c", _FAULTS, way], env={**os.environ, **begin},
            capture_output=True, text=True, check=True,
        ).stdout)
        for way in ("keep", "give back")
    }  # fmt: skip
    assert faults["keep"] < faults["give back"] / 10
