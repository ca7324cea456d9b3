"""A made face as somebody to become: one picture, which nobody has learned.

It goes through the swap as a person does, with a decoder that ignores the code: so it is cut
out, coloured and blended alike, and moved a little to where the features are (`reshape`), but
its pose and expression stay its own.
"""

from dataclasses import replace

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from ganfake import UserError
from ganfake.generate import Face, render
from ganfake.models import MODELS
from ganfake.persons import SIDE, Person, make_person


class _Still(nn.Module):
    """Any codes (N, C) to one face (N, 3, 128, 128) in [-1, 1]."""

    def __init__(self, picture: np.ndarray):
        super().__init__()
        face = torch.from_numpy(picture).permute(2, 0, 1)
        self.register_buffer("face", face.float().div(127.5).sub(1.0)[None])

    def forward(self, codes: Tensor) -> Tensor:
        return self.face.expand(len(codes), -1, -1, -1)


def still_person(face: Face) -> Person:
    """A face of our own models as a person; UserError for a model of other things."""
    if MODELS[face.model].data != "faces":
        raise UserError("Only a face can be put onto somebody; make one with a model of faces.")
    picture = cv2.resize(np.asarray(render([face])[0]), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    made = {"model": face.model, "seed": face.seed, **face.notes()}
    name = f"{face.model}, seed {face.seed}"
    return replace(make_person(name, _Still(picture), torch.zeros(1), {}), made=made)
