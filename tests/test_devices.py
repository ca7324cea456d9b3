"""bfloat16 only where it is fast, and random numbers that can be drawn again."""

from contextlib import nullcontext

import pytest
import torch

from ganfake.devices import autocast, pick_device, step_rng, supports_bf16

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
    layer = torch.nn.Linear(4, 4)
    with context:
        assert layer(torch.ones(1, 4)).dtype == (torch.bfloat16 if fast else torch.float32)


@pytest.mark.parametrize("fast", [True, False])
def test_a_gpu_is_asked_for_itself(monkeypatch, fast):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: fast)
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
