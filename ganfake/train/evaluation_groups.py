"""Pictures of several faces, put together from held-out ones: what the verdicts on them come to."""

import numpy as np

from ganfake.experts.band import Band
from ganfake.train.evaluation_rows import ENSEMBLE, Held
from ganfake.train.evaluation_words import number, table

SIZES = (1, 2, 4, 8, 16)  # faces in a picture
# Photographs, and the fakes that may stand among them: of their source or put into it.
AMONG = {"ciplab": ("composite", "blend", "swap"), "ffhq": ("StyleGAN", "blend", "swap"),
         "celeba": ("blend", "swap"), "lfw": ("blend", "swap")}  # fmt: skip


def groups(held: Held, count: int) -> dict:
    """For each size: verdicts on groups of photographs of one source, on such with one fake, and
    of fakes alone, `count` of each.

    Two ways: "together" is Check's; "worst" calls a group what its most suspicious face is.
    """
    rng, folds = np.random.default_rng(0), range(len(held.bands))
    # One network, and so one band, for all faces of a group.
    photographs = {(s, k): _rows(held, "source", s, k) for s in AMONG for k in folds}
    fakes = {
        (f, k): _rows(held, "family", f, k) for fs in AMONG.values() for f in fs for k in folds
    }
    sources = [s for s in AMONG if all(len(photographs[s, k]) for k in folds)]
    found = {}
    for size in SIZES if sources else ():
        said: dict[tuple[str, int], list[int]] = {}
        for turn in range(3 * count):
            source, fold = str(rng.choice(sources)), int(rng.choice(folds))
            fake = (0, 1, size)[turn % 3]  # how many are
            rows = rng.choice(photographs[source, fold], size)
            met = [family for family in AMONG[source] if len(fakes[family, fold])]
            if fake and not met:  # this network knows none of them
                continue
            rows[:fake] = rng.choice(fakes[str(rng.choice(met)), fold], fake) if fake else rows[:0]
            for way, word in _words(held, held.bands[fold], rows).items():
                said.setdefault((way, turn % 3), []).append(word)
        found[str(size)] = {way: _counted(*(said.get((way, kind), []) for kind in range(3)))
                            for way in ("worst", "together")}  # fmt: skip
    return found


def _rows(held: Held, column: str, name: str, fold: int) -> np.ndarray:
    """Numbers of untreated rows that the network of a fold judges: of a source of photographs, or
    of a family of fakes."""
    table = held.table
    rows = (table["treatment"] == "plain") & ~table["left_out"] & (table["network"] == fold)
    return np.flatnonzero(rows & (table["fake"] == (column == "family")) & (table[column] == name))


def groups_text(found: dict) -> str:
    """The section of docs/detector.md."""
    keys = ("false_alarms", "of_decided", "uncertain", "caught", "missed", "all_caught",
            "all_missed")  # fmt: skip
    rows = [
        [size if way == "worst" else "", way, *(number(entry[way][key], True) for key in keys)]
        for size, entry in found["groups"].items()
        for way in ("worst", "together")
    ]
    head = ["faces", "judged by", "genuine: called fake", "of the decided", "uncertain",
            "one fake: called fake", "called real", "all fake: called fake",
            "called real"]  # fmt: skip
    count = 2 * found["draws"]
    return f"""## Groups

Pictures of several faces were not at hand, so they are put together here: faces of photographs of
one source that one network judges, such with one fake among them (a composite, a blend, a swap or a
StyleGAN's face), and nothing but such fakes, {count:,} of each for each size. *Worst*: a picture is
what its most suspicious face is, so the more faces, the more genuine pictures are called fake.
*Together* is what Check does: the probability that any of its faces is fake, if half of such
pictures are and half of those hold one fake face, the others two or more, whichever
(`experts/band.py`). A picture is fake where a face is and that probability reaches the band's as
well, real where it is low enough and no face is fake. That costs some of the fakes that stand alone
among many.

{table(head, rows)}"""


def _words(held: Held, band: Band, rows: np.ndarray) -> dict[str, int]:
    p, words = held.scores[ENSEMBLE][rows], held.verdict[rows]
    return {"worst": int(words.max()), "together": band.whole(p, words)}


def _counted(genuine: list[int], with_one: list[int], made: list[int]) -> dict[str, float]:
    """Shares of groups; `decided`: of those of photographs that are called real or fake."""
    genuine, with_one, made = map(np.array, (genuine, with_one, made))
    return {
        "false_alarms": _share(genuine > 0),
        "of_decided": _share(genuine[genuine != 0] > 0),
        "uncertain": _share(genuine == 0),
        "caught": _share(with_one > 0),
        "missed": _share(with_one < 0),
        "all_caught": _share(made > 0),
        "all_missed": _share(made < 0),
    }


def _share(those: np.ndarray) -> float:
    """How many hold; nan of none."""
    return float(those.mean()) if len(those) else float("nan")
