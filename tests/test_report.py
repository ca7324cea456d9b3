"""Reports that can be filed: complete, self-contained, and safe to open."""

import base64
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ganfake import __version__, explain, provenance, weights
from ganfake import report_words as words
from ganfake.checked import Checked, CheckedFace
from ganfake.clips import ANIMATED, Clip
from ganfake.detect import NO_FACE
from ganfake.experts import NAMES, ensemble, reasons
from ganfake.experts.ensemble import Frequency
from ganfake.fileinfo import file_facts
from ganfake.images import encode_jpeg
from ganfake.marks import PixelMark
from ganfake.report import MAX_SIDE, report_dict, report_html, report_json
from ganfake.stats import wilson

WHEN = datetime(2026, 11, 21, 12, 0, 5, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture(autouse=True)
def frequency(monkeypatch):
    """Of 200 held-out pictures with a score, as many were fake as it says."""

    def one(probability: float) -> Frequency:
        fake = round(200 * probability)
        return Frequency(fake, 200, *wilson(fake, 200))

    monkeypatch.setattr(ensemble, "frequency", one)


@pytest.fixture(autouse=True)
def cards(tmp_path, monkeypatch):
    """Three detector weights, one that was for training alone, and another one."""
    folder = tmp_path / "weights"
    folder.mkdir()
    for name in ("detector-warp", "detector-colour", "detector-rebuild-nearest", "dcgan"):
        (folder / f"{name}.json").write_text(json.dumps({"sha256": name[-4:] * 16}))
    card = {"sha256": "trum" * 16, "profile_of_families": {"StyleGAN": [3.0] * 80}}
    card |= {f"profile_real_{end}": [level] * 80 for end, level in
             (("low", 1.0), ("middle", 2.0), ("high", 30.0))}  # fmt: skip
    (folder / "detector-spectrum.json").write_text(json.dumps(card))
    monkeypatch.setattr(weights, "weights_dir", lambda: folder)


@pytest.fixture(autouse=True)
def heat(monkeypatch):
    """All of a face is hot; there are no networks here."""
    monkeypatch.setattr(explain, "heat_map", lambda face: np.ones(face.shape[:2], np.float32))


def face(verdict: str, probability: float, box=(200.0, 100.0, 600.0, 500.0)) -> CheckedFace:
    reason = reasons.CLOSE if verdict == "uncertain" else ""
    crop = np.full((160, 160, 3), round(255 * probability), np.uint8)
    experts = dict(zip(NAMES, np.linspace(0.01, 0.99, len(NAMES)), strict=True))
    generator = "" if verdict == "real" else "StyleGAN"
    shares = {"StyleGAN": 0.7, "ours": 0.3}
    return CheckedFace(
        box, np.zeros((5, 2)), verdict, probability, reason, experts, generator, shares, crop, 333.3
    )


def checked(*faces: CheckedFace, name: str = "photo.jpg", **more) -> Checked:
    whole = max(faces, key=lambda f: f.probability_fake, default=None)
    verdict = whole.verdict if whole else "uncertain"
    given = {"file": name, "kind": "image", "verdict": verdict, "faces": list(faces)}
    given |= {"probability_fake": whole.probability_fake if whole else None}
    return Checked(**{**given, "width": 2000, "height": 1000, **more})


@pytest.fixture(scope="module")
def photo() -> bytes:
    coarse = np.random.default_rng(1).integers(0, 256, (5, 10, 3), np.uint8)
    return encode_jpeg(Image.fromarray(coarse).resize((2000, 1000)), 80)


class Page(HTMLParser):
    """What a browser would see: elements, and text."""

    def __init__(self, content: bytes):
        super().__init__()
        self.elements, self.words = [], []
        self.feed(content.decode("utf-8"))
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


def picture_in(address: str) -> tuple[Image.Image, bytes]:
    head, _, text = address.partition(",")
    assert head == "data:image/jpeg;base64"
    content = base64.b64decode(text)
    return Image.open(io.BytesIO(content)), content


# -- JSON ----------------------------------------------------------------------------
def test_the_values(photo):
    faces = face("fake", 0.95), face("real", 0.02), face("uncertain", 0.5)
    facts = file_facts(photo)
    said = report_dict(checked(*faces), facts, WHEN)
    assert said["date"] == "2026-11-21T10:00:05Z"
    assert said["file"]["sha256"] == facts.sha256 and said["file"]["size"] == len(photo)
    assert said["program"]["version"] == __version__
    assert said["program"]["weights"] == [
        {"name": "detector-colour", "sha256": "lour" * 16},
        {"name": "detector-spectrum", "sha256": "trum" * 16},
        {"name": "detector-warp", "sha256": "warp" * 16},
    ]
    assert said["verdict"] == "fake" and said["probability_fake"] == 0.95
    assert [f["number"] for f in said["faces"]] == [1, 2, 3]
    low, high = wilson(190, 200)
    assert said["faces"][0]["held_out_like_this"] == {
        "fake": 190, "of": 200, "low": round(low, 6), "high": round(high, 6)
    }  # fmt: skip
    assert said["faces"][0]["finding_wrong"] == pytest.approx(
        {"share": 0.05, "low": 1 - high, "high": 1 - low}
    )
    assert said["faces"][1]["finding_wrong"]["share"] == pytest.approx(0.02)
    assert said["faces"][2]["finding_wrong"] is None
    assert [words.HALF in f["words"] for f in said["faces"]] == [False, False, True]
    assert "not proof" in said["limits"][0]
    assert said["caveats"] == [words.several(3)]
    assert said["file_says"]["facts"]["jpeg_quality"] == 80
    assert json.loads(report_json(checked(*faces), facts, WHEN)) == json.loads(json.dumps(said))


def test_the_mark_in_the_pixels_is_apart_from_the_verdict(photo):
    mark = PixelMark(True, 0.93, 1e-40)
    facts = file_facts(photo, mark)
    for one in (checked(face("real", 0.02)), checked(face("real", 0.02), pixel_mark=mark)):
        said = report_dict(one, facts)
        assert said["verdict"] == "real" and said["probability_fake"] == 0.02
        assert said["file_says"]["facts"]["pixel_mark"]["found"] is True
        assert "Mark in the pixels" in [line["label"] for line in said["file_says"]["lines"]]
        assert "Mark in the pixels" not in str(said["faces"])
        page = Page(report_html(one, facts, photo))
        assert "hidden mark that this program puts into the pixels" in page.text
        pixels, _, file = page.text.partition("What the file itself says")
        assert "Mark in the pixels" in file and "Mark in the pixels" not in pixels


def test_the_date_is_now(photo):
    said = report_dict(checked(), file_facts(photo))
    date = datetime.strptime(said["date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - date) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("/home/anna/secret/photo.jpg", "photo.jpg"),
        (r"C:\Users\anna\photo.jpg", "photo.jpg"),
        ("", "without a name"),
        ("a\x00\u202ename\n.png", "a name .png"),
        ("x" * 900, "x" * 199 + "…"),
    ],
)
def test_names_are_plain(photo, given, shown):
    assert report_dict(checked(name=given), file_facts(photo))["file"]["name"] == shown


# -- words ---------------------------------------------------------------------------
def test_what_a_score_means_in_words():
    seen = Frequency(184, 200, 0.874, 0.951)
    assert words.odds(seen) == (
        "Of 100 held-out photos that score like this, about 92 were fake"
        " (measured on 200; 95 % interval: 87 to 95)."
    )
    assert "about 8 of 100 held-out photos: the faces were real photographs" in words.wrong_words(
        "fake", seen
    )
    assert "95 % interval: 5 to 13" in words.wrong_words("fake", seen)
    # 184.5 / 16.5 to one, times 1 to 99: about 10 of 100.
    assert "about 10 of 100 such findings would be right" in words.wrong_words("fake", seen)
    assert "about 92 of 100 held-out photos: the faces were fakes" in words.wrong_words(
        "real", seen
    )
    assert "makes no finding" in words.wrong_words("uncertain", seen)
    none = Frequency(0, 0, 0.0, 1.0)
    assert "nobody can say" in words.odds(none) and "no finding" in words.wrong_words("real", none)
    assert "more than 99 were fake" in words.odds(Frequency(500, 500, 0.99, 1.0))
    assert "fewer than 1 were fake" in words.odds(Frequency(0, 500, 0.0, 0.01))


def test_every_expert_and_family_has_a_name():
    assert set(words.EXPERTS) == set(NAMES)
    assert set(words.GENERATORS) == set(ensemble.FAMILIES)
    assert words.generator_words("real", "ours", {}) == ""
    assert "this project's own" in words.generator_words("fake", "ours", {"ours": 0.8})
    assert "point to no generator" in words.generator_words("fake", "unknown", {"ours": 0.2})


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


def test_a_crowd_has_heat_maps_for_the_first_faces_that_can_be_judged(photo):
    small = replace(face("uncertain", 0.5), reason=reasons.SMALL)
    page = Page(report_html(checked(small, *[face("real", 0.02)] * 12), file_facts(photo), photo))
    assert page.text.count("bright: where the large network found signs of a fake") == 8
    assert len(page.all("img")) == 1 + 13 + 8
    assert page.text.count("Its fine detail against real photographs") == 8 == len(page.all("svg"))
    alone = report_dict(checked(small), file_facts(photo))
    [said] = alone["faces"]
    assert alone["probability_fake"] is said["probability_fake"] is None, "as on the page"
    assert not {"experts", "generators", "held_out_like_this"} & set(said)


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


def test_without_a_face(photo):
    one = checked(reason="No face was found.")
    page = Page(report_html(one, file_facts(photo), photo))
    assert "◆ No face found" in page.text and "Probability of fake" not in page.text
    assert page.text.count("No face was found") == 1 and len(page.all("img")) == 1
    said = report_dict(one, file_facts(photo))
    assert said["faces"] == [] and said["probability_fake"] is None


def test_a_file_that_could_not_be_read():
    one = checked(error="The picture is damaged.", verdict=None, width=0, height=0)
    page = Page(report_html(one, file_facts(b"damaged"), b"damaged"))
    assert "The picture is damaged." in page.text and not page.all("img")
    assert report_dict(one, file_facts(b"damaged"))["reason"] == "The picture is damaged."


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
