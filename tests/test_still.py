"""A made face as somebody to become: the same picture for any code, and words that hold for it."""

import numpy as np
import skimage.data

from ganfake.generate import Face, render
from ganfake.persons import become, load_person
from ganfake.still import still_person
from ganfake.swap import swap_picture
from ganfake.ui.swap_view import person_view, stage_views

FACE = Face("portrait", 7, 0.9)


def test_it_is_its_own_portrait_and_moves_only_a_little():
    person = still_person(FACE)
    picture = np.asarray(render([FACE])[0]).astype(int)
    assert np.abs(person.portrait - picture).max() <= 1
    other = np.asarray(render([Face("portrait", 11)])[0])
    moved, astray = (np.abs(become(person, other[None])[0] - x).mean() for x in (picture, other))
    assert 0 < moved < astray


def test_what_its_file_says_comes_with_it():
    made = still_person(FACE).made
    assert (made["model"], made["seed"], made["truncation"]) == ("portrait", 7, 0.9)
    assert load_person("man_b").made == {}


def test_the_page_does_not_say_that_it_was_encoded():
    astronaut = skimage.data.astronaut()
    for person, count in ((still_person(FACE), 5), (load_person("man_b"), 6)):
        stages = swap_picture(astronaut, person).stages
        shown = stage_views(stages, person, None)
        assert len(shown) == count
        said = " ".join(one["words"] for one in shown)
        assert ("Encoded" in said) == ("as the other person" in said) == (count == 6)
    card = person_view("made:", still_person(FACE))
    assert (card["title"], card["made"]) == ("portrait, seed 7", True)
