"""The report as one page: complete, safe, and nothing from elsewhere."""

import base64
import io
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
from PIL import Image

from ganfake import __version__, provenance
from ganfake import report_words as words
from ganfake.clips import ANIMATED, Clip
from ganfake.detect import NO_FACE
from ganfake.experts import reasons
from ganfake.fileinfo import file_facts
from ganfake.report import MAX_SIDE, report_dict, report_html
from tests.reporting import WHEN, Page, cards, checked, face, frequency, heat, photo


def picture_in(address: str) -> tuple[Image.Image, bytes]:
    head, _, text = address.partition(",")
    assert head == "data:image/jpeg;base64"
    content = base64.b64decode(text)
    return Image.open(io.BytesIO(content)), content


# -- the page ------------------------------------------------------------------------
def test_the_page_is_complete(photo):
    faces = face("fake", 0.95), face("uncertain", 0.5, (-50.0, 900.0, 2100.0, 1100.0))
    facts = file_facts(photo)
    page = Page(report_html(checked(*faces), facts, photo, WHEN))
    for part in (
        facts.sha256, "photo.jpg", f"{len(photo):,} bytes", "2000 × 1000 pixels", __version__,
        "2026-11-21 10:00:05 UTC", "detector-warp", "warpwarpwarpwarp…",
        "▲ Probably fake", "◆ Uncertain", "Probability of fake: 95 %.", reasons.CLOSE,
        "about 95 were fake", "wrong for about 5 of 100", "most like StyleGAN (70 % of the weight)",
        "2 faces were found: 1 probably fake, 1 uncertain.",
        "not proof", "What the file itself says", "quality of about 80 of 100",
    ):  # fmt: skip
        assert part in page.text, part
    finding, _, _ = page.text.partition("This is not proof.")
    assert "Probability of fake" not in finding, "each face has its own"
    assert words.several(2) in finding
    assert page.text.count(words.HALF.strip()) == 1, "of the uncertain one"
    assert page.text.count("Half of those photos were fake.") == 1, "of the other"
    for title, meaning in words.EXPERTS.values():
        assert page.text.count(title) == 2 and page.text.count(meaning) == 2


def test_the_picture_is_small_and_its_boxes_are_in_place(photo):
    faces = (
        face("fake", 0.95),
        face("uncertain", 0.5, (-50.0, 900.0, 2100.0, 1100.0)),
        face("real", 0.02, (1800.0, 10.0, 1990.0, 200.0)),
    )
    page = Page(report_html(checked(*faces), file_facts(photo), photo))
    whole, *crops = [picture_in(image["src"])[0] for image in page.all("img")]
    assert whole.size == (MAX_SIDE, MAX_SIDE // 2)
    assert [crop.size for crop in crops] == [(160, 160)] * 6, "each once more, with its heat map"
    assert abs(crops[0].getpixel((80, 80))[0] - 242) <= 2
    assert np.abs(np.subtract(crops[1], np.asarray(crops[0], int))).mean() > 10
    boxes = [e for e in page.all("span") if "box" in e.get("class", "")]
    classes = ["box fake", "box uncertain", "box real inside right"]
    assert [box["class"] for box in boxes] == classes, "numbers stay in the picture"
    assert boxes[0]["style"] == "left:10.00%;top:10.00%;width:20.00%;height:40.00%"
    assert boxes[1]["style"] == "left:0.00%;top:90.00%;width:100.00%;height:10.00%"
    assert "1 ▲" in page.text and "2 ◆" in page.text and "3 ●" in page.text


def test_a_crowd_has_heat_maps_for_the_most_suspicious_faces_that_can_be_judged(photo):
    small = replace(face("uncertain", 0.5), reason=reasons.SMALL)
    page = Page(report_html(checked(small, *[face("real", 0.02)] * 12), file_facts(photo), photo))
    assert page.text.count("bright: where the large network found signs of a fake") == 8
    assert len(page.all("img")) == 1 + 13 + 8
    assert page.text.count("Its fine detail against real photographs") == 8 == len(page.all("svg"))
    assert "stand beside the 8 most suspicious of 12" in page.text
    last = Page(report_html(checked(*[face("real", 0.02)] * 12, face("fake", 0.99)),
                            file_facts(photo), photo))  # fmt: skip
    assert last.text.index("Face 13") < last.text.rindex("Its fine detail against")
    alone = report_dict(checked(small), file_facts(photo))
    [said] = alone["faces"]
    assert alone["probability_fake"] is said["probability_fake"] is None, "as on the page"
    assert not {"experts", "generators", "held_out_like_this"} & set(said)


def test_what_the_file_says_of_ai_is_pointed_to_where_the_pixels_seem_real(photo):
    marked = provenance.encode(Image.open(io.BytesIO(photo)), "PNG", model="dcgan", seed=3)
    for one, content, told in (
        (face("real", 0.02), marked, True), (face("fake", 0.95), marked, False),
        (face("real", 0.02), photo, False),
    ):  # fmt: skip
        page = Page(report_html(checked(one), file_facts(content), content))
        assert (words.NAMES_AI in page.text) == told


def test_the_page_asks_nobody(photo):
    content = report_html(checked(face("fake", 0.9)), file_facts(photo), photo)
    page = Page(content)
    assert not {"script", "link", "iframe", "object", "form", "base"} & {
        t for t, _ in page.elements
    }
    for _, attributes in page.elements:
        assert not any(name.startswith("on") or name == "href" for name in attributes)
        assert attributes.get("src", "data:").startswith("data:")
    assert b"url(" not in content and b"@import" not in content
    assert not re.search(rb"https?://", content)
    policies = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv")]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_what_comes_from_the_file_is_escaped(photo):
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>$title ${reason} &amp;'
    tags = Image.Exif()
    tags[0x010F], tags[0x0131] = evil, evil
    buffer = io.BytesIO()
    Image.open(io.BytesIO(photo)).save(buffer, "JPEG", exif=tags)
    one = checked(face("fake", 0.9), name=evil.replace("/", ""), reason=evil)
    page = Page(report_html(one, file_facts(buffer.getvalue()), buffer.getvalue()))
    assert not page.all("script") and len(page.all("img")) == 3
    assert page.text.count(evil) == 3  # camera, software, reason
    assert page.text.count(evil.replace("/", "")) >= 2
    assert all("onerror" not in attributes for _, attributes in page.elements)


def test_a_mark_stays_with_the_copies(photo):
    picture = Image.open(io.BytesIO(photo)).resize((100, 50))
    marked = provenance.encode(picture, "PNG", model="dcgan", seed=3)
    page = Page(report_html(checked(face("fake", 0.9)), file_facts(marked), marked))
    for image in page.all("img"):
        mark = provenance.read(picture_in(image["src"])[1])
        assert (mark.model, mark.seed, mark.is_ai) == ("dcgan", 3, True)
    plain = Page(report_html(checked(face("fake", 0.9)), file_facts(photo), photo))
    assert all(provenance.read(picture_in(i["src"])[1]) is None for i in plain.all("img"))


def test_one_face_needs_no_caveat(photo):
    one = checked(face("fake", 0.95))
    assert report_dict(one, file_facts(photo))["caveats"] == []
    page = Page(report_html(one, file_facts(photo), photo))
    finding, _, _ = page.text.partition("This is not proof.")
    assert "Probability of fake: 95 %." in finding and "likelier" not in page.text


def test_without_a_face_what_was_left_out_is_said(photo):
    one = checked(
        reason=f"{NO_FACE} {ANIMATED}", kind="video", clip=Clip([], 1.0, 640, 360, 8, moving=True)
    )
    page = Page(report_html(one, file_facts(photo), photo))
    assert ANIMATED in page.text and page.text.count("No face was found") == 1
    assert "Animated picture, 2000 × 1000 pixels" in page.text
    assert words.GUIDE not in page.text


def test_persons_in_a_video():
    crop = np.zeros((160, 160, 3), np.uint8)
    telling = [(3.21, crop), (0.5, crop + 80), (1.0, crop + 160), (2.0, crop)]
    seen = {"times": [0.5, 1.0, 3.21], "probabilities": [0.5, 0.8, 0.95]}
    verdicts = ["uncertain", "fake", "fake"]
    person = SimpleNamespace(
        telling=telling, verdicts=verdicts, judged=[True] * 3, over_time=lambda: seen, **seen
    )
    clip = SimpleNamespace(persons=[person], moving=False, duration=4.0, frames=3)
    one = checked(face("fake", 0.9), kind="video", clip=clip, name="film.mp4")
    page = Page(report_html(one, file_facts(b"film"), b"film"))
    assert "Person 1: ▲ Probably fake" in page.text and "One person was found." in page.text
    assert "at 3.2 s" in page.text and "at 1.0 s" in page.text and "at 2.0 s" not in page.text
    assert len(page.all("img")) == 4 and page.text.count("bright: ") == 1, "of the first frame"
    timeline, fineness = page.all("svg")
    assert timeline["aria-label"] == "Probability of fake of person 1 over 4 seconds"
    assert "spectrum" in fineness["aria-label"] and "The face at 3.2 s" in page.text
    assert "Over time" in page.text and "usual for StyleGAN" in page.text
    assert page.text.count(words.GUIDE) == 1 and "Kind and size Video" in page.text
    said = report_dict(one, file_facts(b"film"))
    assert said["caveats"] == [words.GUIDE]
    assert said["file"]["duration"] == 4.0 and said["file"]["frames_looked_at"] == 3
    assert {name: said["faces"][0][name] for name in seen} == seen
