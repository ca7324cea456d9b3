"""What overloads decoders once a file is opened: tiles, colour profiles, thumbnails, tracks."""

import io
import struct
import zlib

import av
import numpy as np
import pytest
from PIL import Image, ImageCms

from ganfake import UserError, detect_files
from ganfake.containers import MANY_TRACKS, video_kind
from ganfake.images import as_seen, open_header, open_picture
from ganfake.jpeg_traces import thumbnail_differs
from ganfake.overload import OVERLOADED
from tests.filming import HEAD

HEAD_RGB = Image.fromarray(HEAD)


def tiled(side: int) -> bytes:
    """A TIFF of 512 x 512 black pixels in one tile."""
    data = zlib.compress(bytes(side * side * 3))
    at = 8 + 2 + 12 * 11 + 4
    rows = [(256, 4, 1, 512), (257, 4, 1, 512), (258, 3, 3, at), (259, 3, 1, 8), (262, 3, 1, 2),
            (277, 3, 1, 3), (284, 3, 1, 1), (322, 4, 1, side), (323, 4, 1, side),
            (324, 4, 1, at + 8), (325, 4, 1, len(data))]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", *row) for row in rows)
    head = b"II*\0" + struct.pack("<IH", 8, len(rows)) + entries
    return head + struct.pack("<I4H", 0, 8, 8, 8, 8) + data


def test_a_tile_may_be_larger_than_the_picture_but_not_by_far():
    assert open_picture(tiled(512)).size == open_picture(tiled(2048)).size == (512, 512)
    with pytest.raises(UserError, match=OVERLOADED):
        open_picture(tiled(4096))


def test_a_profile_of_elements_in_a_row_is_not_handed_to_littlecms(monkeypatch):
    def parsed(file):
        raise AssertionError("LittleCMS reads each element as often as it is named")

    monkeypatch.setattr(ImageCms, "ImageCmsProfile", parsed)
    picture = HEAD_RGB.copy()
    picture.info["icc_profile"] = bytes(128) + b"mpet" + bytes(99)
    assert (np.asarray(as_seen(picture, 4096)) == HEAD).all()
    picture.info["icc_profile"] = bytes(128)
    with pytest.raises(AssertionError):
        as_seen(picture, 4096)


def test_a_thumbnail_of_ten_thousand_scans_is_not_decoded():
    whole = io.BytesIO()
    HEAD_RGB.save(whole, "JPEG", progressive=True)
    small = io.BytesIO()
    HEAD_RGB.resize((64, 64)).save(small, "JPEG", progressive=True)
    begin = small.getvalue().rindex(b"\xff\xda")
    scans = small.getvalue()[:begin] + small.getvalue()[begin:-2] * 10_000 + b"\xff\xd9"
    told = [thumbnail_differs(open_header(whole.getvalue()), t) for t in (small.getvalue(), scans)]
    assert told == [False, None]


def films(tracks: int) -> bytes:
    """An MP4 of several tracks of pictures."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        streams = [container.add_stream("libx264", rate=25) for _ in range(tracks)]
        for stream in streams:
            stream.width = stream.height = 64
            stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
        for stream in streams:
            container.mux([*stream.encode(frame), *stream.encode()])
    return buffer.getvalue()


def test_of_many_tracks_of_pictures_none_is_opened():
    assert video_kind(films(4)) == "mov"
    with pytest.raises(UserError, match=MANY_TRACKS[:40]):
        video_kind(films(5))


@pytest.mark.parametrize(
    ("kind", "options", "size", "weight"),
    [
        ("JPEG", {}, (3000, 3000), 1), ("JPEG", {}, (5000, 5000), 2),
        ("WEBP", {}, (3000, 3000), 2), ("GIF", {"frames": 2}, (64, 64), 2),
        ("WEBP", {"frames": 2}, (3000, 3000), 3), ("PNG", {"mode": "RGBA"}, (3000, 3000), 2),
    ],
)  # fmt: skip
def test_what_is_unpacked_with_copies_weighs_more(tmp_path, kind, options, size, weight):
    frames = [Image.new(options.get("mode", "RGB"), size, (90 * n, 9, 9)) for n in (0, 1)]
    several = {"save_all": True, "append_images": frames[1:]} if "frames" in options else {}
    frames[0].save(tmp_path / "picture", kind, **several)
    assert detect_files._weigh(str(tmp_path / "picture")) == weight
