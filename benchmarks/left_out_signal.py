"""What ImageNet's features know of a generator that nobody has met: a bound without a training.

    python -m benchmarks.left_out_signal --data ../shared/data

Channel means and deviations of nine layers of MobileNetV2, untouched, into a logistic regression
(Ojha, Li & Lee 2023, arXiv:2302.10174, do so with CLIP). Per family: fitted on the family itself,
by near-duplicate group (what there is to be found), and on all other families with their
photographs (what of it other generators teach). Chance is 0.5. About four minutes on two cores.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ganfake.experts.networks import to_side, to_tensor
from ganfake.folders import shared_dir
from ganfake.train.detector import new_network
from ganfake.train.forensics import Faces, load_faces
from ganfake.train.tamper import recut, treat

# Photographs that look like a family's fakes.
BESIDE = {"StyleGAN": ["ffhq"], "ProGAN": ["celeba"], "StarGAN": ["celeba"],
          "ours": ["celeba", "lfw"], "composite": ["ciplab"]}  # fmt: skip
LAYERS = (1, 2, 3, 5, 7, 10, 13, 16, 18)
SIDE = 160
MOST = 800  # faces of a family or a source
KINDS = ("real", *BESIDE, "DCGAN")  # BEGAN's tight crops would give themselves away


@torch.inference_mode()
def features_of(faces: Faces, rows: np.ndarray, imagenet: Path) -> np.ndarray:
    """(N, F) of the faces in `rows`."""
    network = new_network("mobilenet", imagenet).eval()
    rng, parts = np.random.default_rng(1), []

    def crop_of(row: int) -> np.ndarray:
        # Cut like the others: what lies on the template as it is would be known by that.
        crop = faces.crop(row)
        return treat(recut(rng, crop) if faces.aligned[row] else crop, "plain")[0]

    for some in np.array_split(rows, max(1, len(rows) // 32)):
        pictures = np.stack([to_side(crop_of(row), SIDE) for row in some])
        maps, found = (to_tensor(pictures) - network.mean) / network.std, []
        for number, layer in enumerate(network.features):
            maps = layer(maps)
            if number in LAYERS:
                found += [maps.mean((2, 3)), maps.std((2, 3))]
        parts.append(torch.cat(found, 1).numpy())
    return np.concatenate(parts)


def _some(faces: Faces) -> np.ndarray:
    rng = np.random.default_rng(0)
    kind = np.where(faces.family == "real", faces.source, faces.family)
    rows = [rng.permutation(np.flatnonzero(kind == k))[:MOST]
            for k in np.unique(kind[np.isin(faces.family, KINDS)])]  # fmt: skip
    return np.concatenate(rows)


def _judge():
    return make_pipeline(StandardScaler(), LogisticRegression(
        C=1e-3, max_iter=1000, class_weight="balanced"))  # fmt: skip


def main(data: Annotated[Path | None, typer.Option(help="Folder of the research data.")] = None):
    """Print a line for every family."""
    data = data or shared_dir()
    faces = load_faces(data)
    rows = _some(faces)
    x = features_of(faces, rows, data.parent / "weights" / "mobilenet_v2_imagenet.safetensors")
    family, source, group = faces.family[rows], faces.source[rows], faces.group[rows]
    fake = family != "real"
    print("family      fitted on itself   on the others   on the others, its photographs unseen")
    for name, photographs in BESIDE.items():
        beside = np.isin(source, photographs)
        asked = (family == name) | beside
        itself = cross_val_predict(_judge(), x[asked], fake[asked], groups=group[asked],
                                   cv=GroupKFold(5), method="predict_proba")[:, 1]  # fmt: skip
        said = [roc_auc_score(fake[asked], itself)]
        # Half of the photographs beside it are learned, the other half is asked about.
        half = np.array([_asked_half(g) for g in group])
        for learned in ((family != name) & ~(beside & half), (family != name) & ~beside):
            test = (family == name) | (beside & half)
            judge = _judge().fit(x[learned], fake[learned])
            said.append(roc_auc_score(fake[test], judge.predict_proba(x[test])[:, 1]))
        print(f"{name:<12}{said[0]:>16.3f}{said[1]:>16.3f}{said[2]:>16.3f}", flush=True)


def _asked_half(group: str) -> bool:
    """Whether a group falls into the half that is asked about."""
    return sum(group.encode()) % 2 == 1


if __name__ == "__main__":
    typer.run(main)
