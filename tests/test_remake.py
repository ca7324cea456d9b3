"""A picture is made again from its mark; what a mark says of a photograph is not believed."""

import io

import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageOps

from ganfake import UserError, provenance
from ganfake.fileinfo import file_facts
from ganfake.generate import Face, encode_face, face_of, faces, render
from ganfake.persons import load_person
from ganfake.quiz.cards import marked
from ganfake.remake import remade, tells_how
from ganfake.still import still_person
from ganfake.swap import CONSENT, SwapOptions, swap_file

FACE = Face("dcgan", 7, 0.8, mix_seed=9, mix_share=0.25, push={"Smiling": 1.5})


def file_of(face: Face, kind: str = "PNG") -> bytes:
    return encode_face(face, render([face])[0], kind)


@pytest.fixture(scope="module")
def made() -> bytes:
    return file_of(faces("dcgan", 1, 7)[0])


@pytest.fixture(scope="module")
def swapped(made) -> bytes:
    return swap_file(made, load_person("man_b"), SwapOptions(corner="top left"), CONSENT)


@pytest.mark.parametrize("face", [FACE, Face("cdcgan", 2**40, labels={"Smiling": "1"})])
def test_notes_tell_of_the_very_face(face):
    assert face_of(provenance.notes(file_of(face))) == face


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WebP"])
def test_a_made_face_is_made_again(kind):
    again = remade(file_of(FACE, kind))
    assert again.made_by() == "dcgan, seed 7, mixed, pushed"
    assert np.array_equal(again.picture, np.asarray(render([FACE])[0]))


def test_a_swap_says_what_was_before_and_is_made_again_without_its_marks(swapped):
    notes = provenance.notes(swapped)
    assert notes["person"] == "man_b"
    assert notes["source_model"] == "dcgan"
    assert notes["source_seed"] == "7"
    assert notes["source_type"] == "trainedAlgorithmicMedia"
    again = remade(swapped)
    assert again.made_by() == "dcgan, seed 7, swapped to man_b"
    shown = np.asarray(Image.open(io.BytesIO(swapped))).astype(int)
    off = np.abs(shown - again.picture)
    assert 0 < off.mean() < 8
    assert off[:12, :20].mean() > 5 * off[20:].mean(), "the corner has a label no more"


def photograph() -> Image.Image:
    return Image.fromarray(skimage.data.astronaut()[:256, 90:346])


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(UserError) as error:
        remade(content)
    return str(error.value)


def test_photographs_stay_out_whatever_they_say():
    assert "photographs stay out" in refused(png(photograph()))
    forged = provenance.encode(photograph().resize((64, 64)), "PNG", model="dcgan", seed=7)
    assert "not the one" in refused(forged)
    assert "photographs stay out" in refused(
        provenance.encode(photograph(), "PNG", model="midjourney", seed=1)
    )


def test_a_swap_of_a_photograph_stays_out():
    content = swap_file(png(photograph()), load_person("man_b"), consent=CONSENT)
    assert "would have to be asked" in refused(content) and not tells_how(content)
    assert not any(name.startswith("source_") for name in provenance.notes(content))


def test_swaps_of_swaps_and_without_consent_stay_out(made, swapped):
    twice = swap_file(swapped, load_person("man_a"), consent=CONSENT)
    assert provenance.notes(twice)["source_source_model"] == "dcgan"
    assert "would have to be asked" in refused(twice)
    notes = {k: v for k, v in provenance.notes(swapped).items() if k not in ("model", "consent")}
    picture = Image.open(io.BytesIO(swapped))
    content = provenance.encode(
        picture, "PNG", "compositeWithTrainedAlgorithmicMedia", model="swap", extra=notes
    )
    assert "statement of consent" in refused(content)


def test_whether_a_file_tells_how_is_seen_without_making_it_again(made, swapped):
    assert tells_how(made) and tells_how(swapped)
    assert tells_how(provenance.encode(photograph(), "PNG", model="dcgan", seed=7)), "it only says"
    for without in (png(photograph()), file_of(faces("mlp", 1, 3)[0]), b"GIF89a", b""):
        assert not tells_how(without)


def test_digits_and_odd_notes_stay_out():
    assert "Only faces" in refused(file_of(faces("mlp", 1, 3)[0]))
    picture = render([FACE])[0]
    for notes in ({"truncation": "nan"}, {"truncation": "much"}, {"set_Hair": "blond"}):
        assert refused(provenance.encode(picture, "PNG", model="dcgan", seed=7, extra=notes))
    assert refused(b"GIF89a")


def test_a_made_face_is_put_onto_the_astronaut_and_onto_nobody_else():
    face = Face("portrait", 7, 0.9)
    astronaut = png(Image.fromarray(skimage.data.astronaut()))
    content = swap_file(astronaut, still_person(face), consent=CONSENT)
    notes = provenance.notes(content)
    assert (notes["person"], notes["person_model"]) == ("portrait, seed 7", "portrait")
    facts = dict(file_facts(content).lines())
    assert "a made face was put on: portrait, seed 7" in facts["Who it became"]
    again = remade(content)
    assert again.made_by() == "portrait, seed 7, put onto the astronaut"
    assert again.face == face
    assert again.picture.shape == (128, 128, 3)
    mirrored = png(ImageOps.mirror(Image.fromarray(skimage.data.astronaut())))
    assert "not the one" in refused(swap_file(mirrored, still_person(face), consent=CONSENT))
    with pytest.raises(UserError, match="Only a face"):
        still_person(Face("mlp", 3))


@pytest.mark.parametrize(
    ("made_by", "notes"),
    [
        ("dcgan, seed 7", {"model": "dcgan", "seed": "7"}),
        ("dcgan, seed 7, mixed, pushed", {"model": "dcgan"}),  # seed 7 alone is another face
        ("dcgan, seed 7, pushed, swapped to man_b",
         {"model": "swap", "person": "man_b", "source_model": "dcgan"}),
        ("dcgan, seed 7, mixed, put onto the astronaut",
         {"model": "swap", "person": "dcgan", "person_model": "dcgan"}),
        ("dcgan, seed 7, swapped to man_b",
         {"model": "swap", "person": "man_b", "source_model": "dcgan", "source_seed": "7"}),
        ("dcgan, seed 7, put onto the astronaut",
         {"model": "swap", "person": "dcgan, seed 7", "person_model": "dcgan",
          "person_seed": "7"}),
    ],
)  # fmt: skip
def test_the_fake_of_a_round_carries_its_origin_after_the_answer(made_by, notes):
    content = marked(png(photograph()), made_by)
    assert provenance.notes(content) == notes
    assert provenance.read(content).is_ai
