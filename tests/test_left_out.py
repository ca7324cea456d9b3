"""What a swap leaves out of a file is said with the result."""

import io

import pytest
from PIL import Image

from ganfake import UserError, provenance
from ganfake.left_out import FIRST_ONLY, NO_HDR, ON_WHITE, SMALLER, left_out
from ganfake.swap import CONSENT, swap_file
from ganfake.swap_video import swap_video
from ganfake.ui.words import translate
from tests.filming import head, scene, video
from tests.swapping import PERSON, becoming, wandering

HEAD = Image.fromarray(scene((head(), 100, 50)))
CLEAR = Image.new("L", HEAD.size, 255)
CLEAR.putpixel((0, 0), 0)


def file(picture: Image.Image, kind: str, **more) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **more)
    return buffer.getvalue()


def with_alpha(alpha: Image.Image) -> Image.Image:
    picture = HEAD.copy()
    picture.putalpha(alpha)
    return picture


SEVERAL = {"save_all": True, "append_images": [HEAD.rotate(180)]}
CASES = [
    (file(HEAD, "PNG"), ""),
    (file(HEAD, "JPEG"), ""),
    (file(HEAD, "JPEG", exif=Image.Exif()), ""),
    (file(HEAD, "GIF", **SEVERAL), FIRST_ONLY),
    (file(HEAD, "WEBP", **SEVERAL), FIRST_ONLY),
    (file(HEAD, "TIFF", **SEVERAL), FIRST_ONLY),
    (file(with_alpha(CLEAR), "PNG"), ON_WHITE),
    (file(with_alpha(Image.new("L", HEAD.size, 255)), "PNG"), ""),
    (file(HEAD.resize((4097, 40)), "JPEG"), SMALLER),
    (file(HEAD.resize((4096, 40)), "JPEG"), ""),
    (file(with_alpha(CLEAR), "WEBP", save_all=True, append_images=[HEAD.rotate(180)]),
     f"{FIRST_ONLY} {ON_WHITE}"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "sentences"), CASES)
def test_what_is_left_out_of_a_picture(content, sentences):
    assert left_out(content) == sentences
    assert not sentences or translate(sentences, "zh") != sentences


def test_what_is_no_picture():
    with pytest.raises(UserError):
        left_out(b"hello")


@pytest.mark.usefixtures("becoming")
def test_the_file_says_it():
    made = swap_file(file(HEAD, "GIF", **SEVERAL), PERSON, consent=CONSENT)
    assert provenance.notes(made)["left_out"] == FIRST_ONLY
    assert "left_out" not in provenance.notes(swap_file(file(HEAD, "PNG"), PERSON, consent=CONSENT))


@pytest.mark.usefixtures("becoming")
@pytest.mark.parametrize(("curve", "note"), [(1, ""), (16, NO_HDR), (18, NO_HDR)])
def test_a_clip_in_hdr(tmp_path, curve, note):
    content = video(wandering(3), curve=curve)
    assert swap_video(content, PERSON, tmp_path / "a.mp4", consent=CONSENT).note == note
    assert translate(NO_HDR, "zh") != NO_HDR
