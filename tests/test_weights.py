"""Weights keep their values, say what they are, and are never half-written."""

import hashlib
import json
import os
import threading

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from ganfake import UserError
from ganfake.weights import (
    list_weights,
    load_weights,
    read_card,
    save_weights,
    to_half,
    write_atomically,
)

CARD = {"architecture": "tiny", "config": {"width": 3}, "licence": "none"}


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    return network.to(memory_format=torch.channels_last)


def test_saved_weights_come_back_rounded_to_half(network, tmp_path):
    save_weights("tiny", network.state_dict(), CARD, tmp_path)
    state, card = load_weights("tiny", tmp_path)
    assert state.keys() == network.state_dict().keys()
    for name, tensor in network.state_dict().items():
        assert state[name].dtype == tensor.dtype, name  # counters stay whole numbers
        expected = tensor.half().float() if tensor.is_floating_point() else tensor
        assert torch.equal(state[name], expected), name
    assert {name: card[name] for name in CARD} == CARD
    nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).load_state_dict(state)


def test_the_card_knows_its_file(network, tmp_path):
    save_weights("tiny", network.state_dict(), CARD, tmp_path)
    content = (tmp_path / "tiny.safetensors").read_bytes()
    card = json.loads((tmp_path / "tiny.json").read_text())
    assert card["sha256"] == hashlib.sha256(content).hexdigest()
    assert card["bytes"] == len(content)
    kinds = {t.dtype for t in load_file(tmp_path / "tiny.safetensors").values()}
    assert kinds == {torch.float16, torch.int64}


def test_half_leaves_the_original_alone():
    state = {"weight": torch.ones(2, requires_grad=True), "count": torch.tensor(3)}
    halved = to_half(state)
    assert (halved["weight"].dtype, halved["count"].dtype) == (torch.float16, torch.int64)
    assert not halved["weight"].requires_grad and state["weight"].dtype == torch.float32


def test_damaged_weights_are_refused(network, tmp_path):
    save_weights("tiny", network.state_dict(), CARD, tmp_path)
    path = tmp_path / "tiny.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    for damaged in (bytes(content), bytes(content[:-5]), b""):
        path.write_bytes(damaged)
        with pytest.raises(UserError, match="missing or damaged"):
            load_weights("tiny", tmp_path)
    path.unlink()
    with pytest.raises(UserError, match="missing or damaged"):
        load_weights("tiny", tmp_path)


@pytest.mark.parametrize("card", ["", "{torn", "[1, 2]", "{}"])
def test_a_damaged_card_ends_in_a_sentence(network, tmp_path, card):
    save_weights("tiny", network.state_dict(), CARD, tmp_path)
    (tmp_path / "tiny.json").write_text(card)
    with pytest.raises(UserError, match="damaged"):
        load_weights("tiny", tmp_path)


def test_a_name_nobody_knows_names_those_there_are(network, tmp_path):
    with pytest.raises(UserError, match="there are: none"):
        read_card("tiny", tmp_path)
    for name in ("b", "a"):
        save_weights(name, network.state_dict(), CARD, tmp_path)
    assert list_weights(tmp_path) == ["a", "b"]
    with pytest.raises(UserError, match="no weights called 'tiny'; there are: a, b"):
        load_weights("tiny", tmp_path)


def test_the_committed_weights_are_whole():
    for name in list_weights():
        state, card = load_weights(name)
        assert all(t.isfinite().all() for t in state.values()), name
        assert card["bytes"] < 10_000_000, name  # Hugging Face refuses larger files
        assert card["licence"] and card["data"], name


# -- writing -----------------------------------------------------------------------------
def test_writing_makes_the_folders_and_leaves_one_file(tmp_path):
    target = tmp_path / "a" / "b" / "file"
    write_atomically(target, b"one")
    write_atomically(target, b"two")
    assert target.read_bytes() == b"two"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("stage", ["fsync", "replace"])
def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch, stage):
    target = tmp_path / "file"
    write_atomically(target, b"before")

    def fail(*_):
        raise OSError("no space")

    monkeypatch.setattr(
        *{"fsync": (os, "fsync"), "replace": (type(target), "replace")}[stage], fail
    )
    with pytest.raises(OSError, match="no space"):
        write_atomically(target, b"after")
    monkeypatch.undo()
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_reader_beside_many_writers_sees_whole_files_only(tmp_path):
    target = tmp_path / "file"
    contents = [bytes([i]) * 50_000 for i in range(4)]
    write_atomically(target, contents[0])
    errors = []

    def write(content: bytes) -> None:
        try:
            for _ in range(10):
                write_atomically(target, content)
        except OSError as error:
            errors.append(error)

    writers = [threading.Thread(target=write, args=(content,)) for content in contents]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert target.read_bytes() in contents
    assert not errors
    assert list(tmp_path.iterdir()) == [target]
