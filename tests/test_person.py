"""One person of a video: what frames that cannot be judged count for."""

import re
from dataclasses import replace

import numpy as np
import pytest

from ganfake.check_plot import timeline_plot
from ganfake.clips import _person, _Sight
from ganfake.experts import SIDE, ensemble, reasons
from ganfake.faces import TEMPLATE, Face
from ganfake.tracks import Track

FACE = Face((0.0, 0.0, 99.0, 99.0), TEMPLATE * 100, 1.0)


def sight(moment: float, chance: float, verdict: str, reason: str = "", cut: bool = False):
    shares = {"StyleGAN": 0.9 if verdict == "fake" else 0.2}
    named = "StyleGAN" if verdict == "fake" else ensemble.UNKNOWN
    said = ensemble.Assessment(chance, verdict, reason, {"warp": chance}, named, shares, 0.9)
    crop = np.zeros((SIDE, SIDE, 3), np.uint8)
    return _Sight(
        moment, FACE, np.zeros(4), crop, np.zeros(4), 100.0, cut, said.cut_off() if cut else said
    )


def person(*sights):
    return _person(Track(list(sights)))


CLEAR = [sight(n, 0.95, "fake") for n in range(4)]


@pytest.mark.parametrize("reason", [reasons.SMALL, reasons.NOVEL, reasons.DRAWING])
def test_frames_that_cannot_be_judged_do_not_count(reason):
    alone = person(*CLEAR)
    both = person(*CLEAR, *(sight(4 + n, 0.02, "uncertain", reason) for n in range(4)))
    for one in (alone, both):
        assert (one.verdict, one.generator) == ("fake", "StyleGAN")
        assert one.probability_fake == pytest.approx(0.95) == one.experts["warp"]
        assert one.generators == {"StyleGAN": pytest.approx(0.9)}
        assert max(moment for moment, _ in one.telling) < 4
    assert len(both.times) == 8
    novel = reason == reasons.NOVEL  # a picture's number is shown, too
    assert both.judged == [True] * 4 + [novel] * 4
    assert both.over_time()["probabilities"] == [0.95] * 4 + [0.02 if novel else None] * 4
    drawn = timeline_plot(both, 8.0, 1)
    [line] = re.findall('polyline points="([^"]+)"', drawn)
    assert len(line.split()) == (8 if novel else 4)
    assert drawn.count("<polygon") == (8 if novel else 4)


def test_faces_cut_off_by_the_border_do_not_make_a_person_real():
    close = [sight(n, 0.5, "uncertain", reasons.CLOSE) for n in range(4)]
    assert person(*close, *(sight(4 + n, 0.01, "real", cut=True) for n in range(4))).verdict == (
        "uncertain"
    )


def test_where_no_frame_can_be_judged_all_count():
    found = person(*(sight(n, 0.3, "uncertain", reasons.SMALL) for n in range(3)))
    assert (found.verdict, found.reason) == ("uncertain", reasons.SMALL)
    assert found.probability_fake == pytest.approx(0.3) and len(found.telling) == 3


def test_a_round_cut_out_is_not_called_real_in_a_video_either():
    found = person(*(sight(n, 0.1, "uncertain", reasons.CUT_OUT) for n in range(6)))
    assert (found.verdict, found.reason) == ("uncertain", reasons.CUT_OUT)


def told(chance: float, fake_from: float, generator: str = "swap") -> _Sight:
    """A sight of a face that is called fake from `fake_from` on."""
    said = ensemble.Assessment(chance, "fake", "", {"warp": chance}, generator, {"swap": 1.0},
                               fake_from)  # fmt: skip
    return replace(CLEAR[0], said=said)


def test_a_soft_or_small_person_needs_stronger_evidence():
    band = ensemble.load_ensemble().band
    between = (band.sharp + band.small) / 2
    soft = person(*[told(between, band.small)] * 3)
    assert (soft.verdict, soft.reason) == ("uncertain", reasons.SOFT)
    assert person(*[told(between, band.sharp)] * 3).verdict == "fake"


def test_of_two_that_are_named_as_often_it_is_the_first():
    """In every process: a set of words has another order in each."""
    for names in (["StyleGAN", "swap"], ["swap", "StyleGAN"], ["ours", "DCGAN"], ["DCGAN", "ours"]):
        assert person(*(told(0.95, 0.9, name) for name in names)).generator == names[0]
    for first, second in ((reasons.NOVEL, reasons.SMALL), (reasons.SMALL, reasons.NOVEL)):
        unfit = [sight(n, 0.5, "uncertain", why) for n, why in enumerate((first, second))]
        assert person(*unfit).reason == first


def test_what_is_cut_off_and_too_small_is_too_small():
    small = sight(0, 0.5, "uncertain", reasons.SMALL).said
    assert small.cut_off().reason == reasons.SMALL
    assert CLEAR[0].said.cut_off().reason == reasons.CUT_OFF
