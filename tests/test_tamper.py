"""What happens to faces before they are learned from and judged, and the table they come in."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from ganfake.experts import SIDE
from ganfake.fingerprints import spectrum
from ganfake.generate import generate
from ganfake.train import scores, tamper
from ganfake.train.detector import LEFT_OUT
from ganfake.train.drawing import Drawn
from ganfake.train.forensics import Faces


@pytest.fixture(scope="module")
def faces() -> Faces:
    """A made face of every source in every fold; those of CelebA and LFW lie on the template."""
    sources = ["celeba", "lfw", "attributes", "ciplab", "ffhq", "ciplab-fake", "stylegan",
               "progan", "began", "stargan", "celeba-dcgan", "ours-dcgan", "swap"]  # fmt: skip
    rows = [(source, fold) for source in sources for fold in range(5)]
    made = [np.asarray(face) for face in generate("portrait", len(rows), 40)]
    side = made[0].shape[0]
    return Faces(
        picture=np.array([f"{source}/{fold}" for source, fold in rows]),
        source=np.array([source for source, _ in rows]), group=np.arange(len(rows)).astype(str),
        fold=np.array([fold for _, fold in rows]), difficulty=np.full(len(rows), ""),
        sides=np.full(len(rows), side), offsets=np.arange(len(rows)) * side * side * 3,
        pixels=np.concatenate([face.reshape(-1) for face in made]),
        aligned=np.array([source in ("celeba", "lfw") for source, _ in rows]),
    )  # fmt: skip


@pytest.mark.parametrize("treatment", tamper.TREATMENTS)
def test_treatments_keep_the_side_and_repeat(treatment):
    face = np.random.default_rng(0).integers(0, 255, (96, 96, 3), np.uint8)
    treated, side, quality = tamper.treat(face, treatment)
    assert treated.shape == (SIDE, SIDE, 3) and treated.dtype == np.uint8
    assert np.array_equal(treated, tamper.treat(face, treatment)[0])
    assert side == {"half": 48, "screenshot": 112}.get(treatment, 96)
    assert np.isfinite(quality) == (treatment in ("jpeg75", "screenshot"))


def test_a_face_on_the_template_is_also_shown_as_if_it_had_been_cut_out(faces):
    face = np.asarray(generate("portrait", 1, 3)[0])
    again = tamper.recut(np.random.default_rng(0), face)
    assert 0.8 < again.shape[0] / 128 < 1.2 and again.shape[0] == again.shape[1]
    detail = [spectrum.detail(spectrum.features(tamper.to_side(f, SIDE))[None])[0]
              for f in (face, again)]  # fmt: skip
    assert detail[1] < detail[0]
    aligned = replace(faces, aligned=np.ones(len(faces), bool))
    shown = [Drawn(f, (), None, (0,)).batch(0, 16, 96)[0] for f in (faces, aligned)]
    assert not shown[0].equal(shown[1])


def test_blends_change_the_face_and_leave_the_corners():
    face = np.asarray(generate("portrait", 1, 3)[0])
    donor = np.asarray(generate("portrait", 1, 4)[0])
    changed = [tamper.blend(np.random.default_rng(n), face, donor) for n in range(12)]
    for made in changed:
        assert np.array_equal(made[:8, :8], face[:8, :8])
        assert np.abs(made.astype(int) - face)[40:110, 30:98].max() > 8


def test_all_faces_of_the_table_are_cut_before_anything_is_done_to_them(faces, monkeypatch):
    """Also those of pictures that lie on the template."""
    monkeypatch.setattr(scores, "BLENDS", 8)
    table = scores.make_table(faces)
    number = {picture: row for row, picture in enumerate(faces.picture)}
    seen = Counter()
    for pixels, picture, source, treatment in zip(
        table.pixels, table["picture"], table["source"], table["treatment"], strict=True
    ):
        if source == "blend" or treatment in ("random", "shrunk"):
            continue
        row = number[picture]
        untouched = np.array_equal(pixels, tamper.treat(faces.crop(row), treatment)[0])
        assert untouched != faces.aligned[row], (picture, treatment)
        seen[source, treatment] += 1
    assert seen["celeba", "plain"] >= 4 and seen["celeba", "blur"] >= 4
    assert seen["ciplab", "plain"] == seen["ciplab", "blur"] == 5
    blends = Counter(table["treatment"][table["source"] == "blend"])
    assert blends["plain"] == blends["random"] >= 4
    met = table["network"] == [LEFT_OUT.index(f) if f in LEFT_OUT else -1 for f in table["family"]]
    assert np.array_equal(table["left_out"], met)
    again = scores.make_table(faces)
    assert all(map(np.array_equal, table.pixels, again.pixels))
