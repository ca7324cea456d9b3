"""How often Check catches each generator, on the very pictures that the study measures."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from tqdm import tqdm

import ganfake
from ganfake.detect import NO_FACE
from ganfake.detect_files import check_paths
from ganfake.experts import SIDE, load
from ganfake.experts.ensemble import CLASSIC
from ganfake.experts.networks import to_side
from ganfake.folders import cache_dir, weights_dir
from ganfake.study import PHOTOGRAPHS
from ganfake.train.evaluation_measures import auc_and_eer, figure, resample
from ganfake.weights import write_atomically

VERDICTS = ("fake", "uncertain", "real")
MOST = 500  # pictures of each maker that Check looks at: it takes a tenth of a second for each
_PACKAGE = Path(ganfake.__file__).parent
_CODE = (_PACKAGE, _PACKAGE / "experts", _PACKAGE / "fingerprints")  # by which Check judges
Said = tuple[str, float | None, bool]  # verdict, probability of fake, whether there is a face


def faces(pictures: dict[str, np.ndarray]) -> dict[str, dict]:
    """Check's verdicts on pictures (N, S, S, 3) uint8 by their maker, and the AUC.

    Every picture goes through Check as a PNG file does that somebody drops: found, cut out and
    judged. The AUC is of its probability against that of the photographs, over pictures in
    which a face was found.
    """
    found = _kept_checks(pictures, None)
    chances = {name: np.array([p for _, p, _ in said if p is not None])
               for name, said in found.items()}  # fmt: skip
    return {
        name: {**_counts(said), "auc": _auc(chances[name], chances[PHOTOGRAPHS], name)}
        for name, said in found.items()
    }


def others(pictures: dict[str, np.ndarray]) -> dict[str, dict]:
    """For pictures that are no faces: in how many Check takes something for one, and AUCs.

    The AUC is of each hand-made expert's probability, which looks at traces of making and
    not at a face, with the whole picture as its crop. It never learned such pictures.
    """
    found = {}
    for name, those in pictures.items():
        crops = np.stack([to_side(picture, SIDE) for picture in those])
        found[name] = {e: load(e).predict_proba(crops) for e in CLASSIC}
    said = _kept_checks(pictures, 0)  # hardly a face among them: no processes
    return {
        name: {
            **_counts(said[name]),
            **{e: _auc(found[name][e], found[PHOTOGRAPHS][e], name) for e in CLASSIC},
        }
        for name in pictures
    }


def _counts(said: list[Said]) -> dict[str, int]:
    counts = Counter(verdict for verdict, _, _ in said)
    no_face = sum(not face for _, _, face in said)
    return {**{v: counts[v] for v in VERDICTS}, "no_face": no_face, "of": len(said)}


def _kept_checks(pictures: dict[str, np.ndarray], workers: int | None) -> dict[str, list[Said]]:
    """What Check says of the first MOST of each maker, kept in the cache: it takes minutes."""
    code = [file for folder in _CODE for file in sorted(folder.glob("*.py"))]
    judge = [*code, *sorted(weights_dir().glob("detector-*.json"))]
    judged_by = b"".join(file.read_bytes() for file in judge)
    first = {name: those[:MOST] for name, those in pictures.items()}
    files = {}
    for name, those in first.items():
        key = hashlib.sha256(those.tobytes() + judged_by).hexdigest()[:16]
        files[name] = cache_dir() / "verdicts" / f"{name}-{key}.json"
    new = {name: those for name, those in first.items() if not files[name].exists()}
    for name, said in _check(new, workers):
        write_atomically(files[name], json.dumps(said).encode())
    return {name: json.loads(file.read_text()) for name, file in files.items()}


def _check(
    pictures: dict[str, np.ndarray], workers: int | None
) -> Iterator[tuple[str, list[Said]]]:
    """What Check says of pictures (N, S, S, 3) by maker, one maker after the other."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache_dir()) as folder:
        everything = [picture for those in pictures.values() for picture in those]
        for number, picture in enumerate(everything):
            Image.fromarray(picture).save(f"{folder}/{number:06d}.png")
        checked = check_paths([Path(folder)], workers=workers)
        stream = iter(tqdm(checked, desc="check", total=len(everything), leave=False))
        for name, those in pictures.items():
            part = islice(stream, len(those))
            yield name, [(c.verdict, c.probability_fake, c.reason != NO_FACE) for c in part]


def _auc(made: np.ndarray, real: np.ndarray, name: str) -> dict | None:
    """Area under the ROC curve with its bootstrap interval; None where it means nothing."""
    if name == PHOTOGRAPHS or not len(made) or not len(real):
        return None
    fake = np.arange(len(made) + len(real)) < len(made)
    weights = resample(np.arange(len(fake)), 200)
    area = auc_and_eer(np.concatenate([made, real]), fake, weights)[0]
    return {key: round(value, 4) for key, value in figure(area).items()}
