"""What the Learn tab's script may ask of the server: plain values in, plain values out."""

from dataclasses import asdict
from functools import lru_cache

import numpy as np
import skimage.data
from PIL import Image

from ganfake import UserError, explain
from ganfake.checked import CheckedFace
from ganfake.detect import check_picture
from ganfake.generate import Face, encode_face, render
from ganfake.lesson import CLUES, MODEL, TRUNCATION, Clue, show
from ganfake.persons import SHIPPED, load_person
from ganfake.provenance import Mark
from ganfake.quiz import lesson
from ganfake.quiz.cards import marked
from ganfake.quiz.report import Report
from ganfake.quiz.scores import Answer, Set
from ganfake.quiz.table import Table
from ganfake.stats import PUBLISHED
from ganfake.swap import swap_picture
from ganfake.ui import check_view as view
from ganfake.ui.addresses import data_address, heat_address, picture_address
from ganfake.ui.calls import guarded, once, turn
from ganfake.ui.learn_plot import effect_plot
from ganfake.ui.swap_view import stage_view

# A made face that the finder finds at once: it is swapped, and checked beside the photograph.
_SUBJECT = Face(MODEL, 14, TRUNCATION)
_MARK = Mark("trainedAlgorithmicMedia", _SUBJECT.model, _SUBJECT.seed)
_ENLARGED = 384  # pixels of the made face, so that its swap has the decoder's detail


def board_functions(table: Table) -> list:
    """All that the script may call; each takes one JSON object and returns one."""

    def begin(said: dict) -> dict:
        """Where the player stands, the decks to play with, and the list of clues."""
        token = _token(said)
        decks = [d for d in table.decks() if d["count"] >= lesson.FEWEST]
        return {
            "progress": asdict(lesson.progress(table.game, token)),
            "decks": decks,
            "clues": [{"name": c.name, "title": c.title, "look": c.look} for c in CLUES],
        }

    def deal(said: dict) -> dict:
        """A round of the set "before" or "after", and nothing that depends on its answer."""
        token = table.token(_token(said))
        round_ = lesson.deal(table.game, token, str(said.get("part")), str(said.get("deck")))
        return {
            "player": token,
            "round": round_.id,
            "set": round_.set.id,
            "number": round_.number,
            "picture": data_address(round_.pictures[0], "image/jpeg"),
            "progress": asdict(lesson.progress(table.game, token)),
        }

    def answer(said: dict) -> dict:
        """Take an answer; whether it was right is told at the end of the lesson."""
        told = lesson.answer(table.game, _token(said), said.get("round"), said.get("choice"))
        return {"progress": asdict(told)}

    def result(said: dict) -> dict:
        """What ten rounds before and ten after say."""
        return effect_view(lesson.effect(table.game, _token(said)))

    acts = (begin, deal, answer, result, clue, swap, detector)
    return [guarded(act) for act in acts]


def _token(said: dict) -> str:
    return str(said.get("player") or "")


# -- what gives fakes away -----------------------------------------------------------
def clue(said: dict) -> dict:
    """The pictures of a clue and what they show."""
    found = next((c for c in CLUES if c.name == said.get("name")), None)
    if found is None:
        raise UserError("There is no such clue in this lesson; reload the page.")
    return _clue(found)


@once(len(CLUES))
def _clue(found: Clue) -> dict:
    with turn():
        shown = show(found)
    address = [
        data_address(encode_face(found.face, Image.fromarray(pixels), "WEBP"), "image/webp")
        for pixels in (shown.fake, shown.fake_amplified)
    ]
    real = [picture_address(pixels, None, "WEBP") for pixels in (shown.real, shown.real_amplified)]
    words = {"here": found.here, "photograph": found.photograph, "amplified": found.amplified}
    made = f"{found.face.model}, seed {found.face.seed}"
    pictures = {"fake": address, "real": real, "start": found.start}
    return {"name": found.name, "made": made, **pictures, **words}


# -- how a swap is made, what a detector sees ----------------------------------------
@lru_cache(maxsize=1)
def _subject() -> Image.Image:
    """A face of nobody, made by our own network."""
    return render([_SUBJECT])[0]


def swap(_said: dict) -> dict:
    """The stages of a swap of a made face; nobody's consent is needed, for it is nobody's."""
    return _stages()


@once(1)
def _stages() -> dict:
    with turn():
        person = load_person(SHIPPED[0])
        large = _subject().resize((_ENLARGED, _ENLARGED), Image.Resampling.BICUBIC)
        swapped = swap_picture(np.asarray(large), person)
    stages = [stage_view(name, p, person.name, _MARK) for name, p in swapped.stages]
    return {"stages": stages, "person": person.name.replace("_", " ")}


def detector(_said: dict) -> dict:
    """Check's verdict and evidence on the made face and on the astronaut."""
    return _checks()


@once(1)
def _checks() -> dict:
    with turn():
        made = check_picture(np.asarray(_subject()))
        photograph = check_picture(skimage.data.astronaut())
        return {
            "faces": [
                _checked_view("Made by our network portrait", "fake", made.faces[0], _MARK),
                _checked_view(
                    "A photograph: Eileen Collins, by NASA", "real", photograph.faces[0], None
                ),
            ]
        }


def _checked_view(title: str, truth: str, face: CheckedFace, mark: Mark | None) -> dict:
    heat = explain.heat_map(face.crop)
    if face.verdict == "uncertain":
        note = "It does not commit itself, and says so: nobody should take this for a finding."
    elif face.verdict == truth:
        note = "That is right. It is not right every time."
    else:
        note = "That is wrong, and shows why a verdict is no proof."
    return {
        "name": title,
        "note": note,
        "crop": picture_address(face.crop, mark, "WEBP"),
        "heat": heat_address(heat) if heat.max() > 0 else "",
        **view.verdict_view(face.verdict, face.probability_fake, face.reason),
        "experts": view.experts_view(face.experts),
    }


# -- the result ----------------------------------------------------------------------
def effect_view(found: lesson.Effect) -> dict:
    """Both sets, their difference and the published ones, for the script."""
    published = list(PUBLISHED.values())
    return {
        "before": _set_view(found.before),
        "after": _set_view(found.after),
        "change": asdict(found.change),
        "sentence": found.sentence,
        "published": published,
        "plot": effect_plot(found),
        "wrong": [_wrong_view(of, answer) for of, answer in found.wrong],
    }


def _wrong_view(of: Set, answer: Answer) -> dict:
    """What was said and what was true. Of photographs the server keeps none, hence no picture."""
    shown = answer.fooled_by and marked(answer.fooled_by, answer.made_by)
    return {
        "part": of.mode, "set": of.id, "number": answer.number, "truth": answer.truth,
        "made_by": answer.made_by, "picture": data_address(shown, "image/png") if shown else "",
    }  # fmt: skip


def _set_view(report: Report) -> dict:
    return {
        "correct": report.correct, "of": report.rounds, "low": report.low, "high": report.high,
        "d_prime": report.d_prime,
    }  # fmt: skip
