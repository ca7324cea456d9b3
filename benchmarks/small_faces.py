"""What cutting does to small faces: `python -m benchmarks.small_faces [--pictures 100] [SIZE...]`.

Photographs and fakes of 64 and 96 pixels, as PNG and as JPEG of quality 90, cut at twice their
size, as Check cuts faces under 100 pixels, and at their own, as it cuts larger ones. The fakes of
our own models are new ones, and of the photographs of faces128 the networks saw about a third;
composites, StyleGAN's faces with their photographs, and those of old GANs they all know: there
only the differences count.
"""

from collections.abc import Iterator
from typing import Annotated

import cv2
import numpy as np
import typer
from tqdm import tqdm

from benchmarks.surround import pictures
from ganfake.experts import SIDE, ensemble
from ganfake.experts.cropping import cut
from ganfake.experts.networks import to_side
from ganfake.experts.surround import without_surround
from ganfake.faces import crop_side, search_faces
from ganfake.generate import generate
from ganfake.train.evaluation_measures import auc
from ganfake.train.tamper import jpeg

SAVED = {"PNG": None, "JPEG": 90}
WAYS = {"own size": 1.0, "twice": 2.0}
OURS = ("dcgan", "cdcgan", "wgan", "cwgan", "portrait")
_SEED = 1_000_003  # far from those of training
# Where photographs and fakes are; faces128 stands for all that has none of its own.
PHOTOGRAPHS = {"faces128": "images", "stylegan256": "real", "ciplab160": "real"}
FAKES = {
    "our models": ("faces128", None, ()),
    "old GANs": ("faces128", "gans128", ("began", "progan", "stargan", "celeba-dcgan")),
    "StyleGAN": ("stylegan256", "stylegan256", ("fake",)),
    "composites": ("ciplab160", "ciplab160", ("fake",)),
}


def judge(faces: list[np.ndarray], size: int, quality: int | None) -> Iterator[dict]:
    """By each way of cutting the verdict on every face that is found."""
    for face in tqdm(faces, desc=f"{size} px", leave=False):
        if min(face.shape[:2]) < size:
            continue
        small = cv2.resize(face, (size, size), interpolation=cv2.INTER_AREA)
        small = small if quality is None else jpeg(small, quality)
        if found := search_faces(small):
            alone = without_surround(small, found[0].points)
            crops = np.stack([to_side(cut(*alone, finer), SIDE) for finer in WAYS.values()])
            sides = [crop_side(alone[1])] * len(WAYS)
            yield dict(zip(WAYS, ensemble.assess(crops, sides, [quality] * len(WAYS)), strict=True))


def share(found: list, verdict: str) -> float:
    """Of assessments, how many have a verdict."""
    return sum(one.verdict == verdict for one in found) / max(1, len(found))


def row(name: str, real: list, fake: list) -> str:
    """What one way of cutting says of photographs and fakes."""
    said = np.array([one.probability_fake for one in (*real, *fake)])
    count = auc(said, np.arange(len(said)) >= len(real))
    alarms = share(real, "fake") / max(share(real, "fake") + share(real, "real"), 1e-9)
    shares = " | ".join(
        f"{100 * share(found, verdict):.0f} %" for found in (real, fake)
        for verdict in ("real", "uncertain", "fake")
    )  # fmt: skip
    return f"| {name} | {count:.3f} | {shares} | {100 * alarms:.1f} % |"


def main(
    sizes: Annotated[list[int], typer.Argument(metavar="SIZE...", help="In pixels.")] = (64, 96),
    count: Annotated[int, typer.Option("--pictures", help="Of each source.")] = 100,
) -> None:
    """Print a table for every size and way of saving."""
    photographs = {name: pictures(name, where, count) for name, where in PHOTOGRAPHS.items()}
    made = {
        name: [np.asarray(one) for model in OURS for one in generate(model, count // 4, _SEED)]
        if archive is None
        else [one for part in parts for one in pictures(archive, part, count // len(parts))]
        for name, (_, archive, parts) in FAKES.items()
    }
    for size in sizes:
        for kind, quality in SAVED.items():
            real = {name: list(judge(some, size, quality)) for name, some in photographs.items()}
            print(f"\n{size} pixels, {kind}: verdicts on photographs, then on fakes\n")
            print("| fakes | cut | AUC | real | uncertain | fake | real | uncertain | fake |"
                  " false alarms of decided |")  # fmt: skip
            print("| --- | --- | " + "---: | " * 8)
            decided = {way: [] for way in WAYS}
            for name, (beside, _, _) in FAKES.items():
                fake = list(judge(made[name], size, quality))
                if not (fake and real[beside]):
                    continue  # none of them is as large
                for way in WAYS:
                    said = [[one[way] for one in some] for some in (real[beside], fake)]
                    print(row(f"{name} ({len(fake)}) | {way}", *said), flush=True)
                    decided[way].append([share(some, v) for some in said for v in ("real", "fake")])
            for way, (good, alarms, missed, caught) in (
                (way, np.sum(shares, 0)) for way, shares in decided.items() if shares
            ):
                wrong = (alarms + missed) / max(good + alarms + missed + caught, 1e-9)
                print(f"Of what is decided, {way}, {100 * wrong:.0f} % is wrong.")


if __name__ == "__main__":
    typer.run(main)
