"""A table of scores in which tests know what is to be found."""

from statistics import NormalDist

import numpy as np
from scipy.special import expit

from ganfake.experts import NAMES
from ganfake.train.detector import LEFT_OUT

PHI = NormalDist().cdf
SIZES = {  # of every source: family, faces
    "celeba": ("real", 400), "lfw": ("real", 400), "attributes": ("real", 200),
    "ciplab": ("real", 400), "ffhq": ("real", 400), "ciplab-fake": ("composite", 400),
    "stylegan": ("StyleGAN", 400), "progan": ("ProGAN", 120), "began": ("BEGAN", 120),
    "stargan": ("StarGAN", 120), "celeba-dcgan": ("DCGAN", 240), "ours-dcgan": ("ours", 200),
    "ours-portrait": ("ours", 200), "blend": ("blend", 200),
}  # fmt: skip
TREATED = ("plain", "tight", "jpeg75", "random", "shrunk")


def synthetic(seed=0, scale=1.0, distance=None):
    """A table of made-up scores; mobilenet is told how far the classes lie apart by family."""
    rng = np.random.default_rng(seed)
    parts = []
    for treatment in TREATED:
        for source, (family, count) in SIZES.items():
            number = np.arange(round(count * scale))
            if source == "blend" and treatment not in ("plain", "random"):
                continue
            parts.append({
                "picture": np.array([f"{source}/{n}.jpg" for n in number]),
                "source": np.full(len(number), source), "family": np.full(len(number), family),
                "fake": np.full(len(number), family != "real"),
                "difficulty": np.array(["easy", "mid", "hard"])[number % 3]
                if family == "composite" else np.full(len(number), ""),
                "fold": number % 5, "treatment": np.full(len(number), treatment),
                "crop_px": np.full(len(number), 128.0), "quality": np.full(len(number), np.nan),
                "left_out": np.full(len(number), False),
            })  # fmt: skip
    table = {k: np.concatenate([p[k] for p in parts]) for k in parts[0]}
    table = with_left_out(table)
    far = np.array([(distance or {}).get(f, 2.0) for f in table["family"]])
    for name in NAMES:
        table[name] = np.full(len(far), 0.5)
    fake = table["fake"]
    table["detail"] = rng.normal(-4, 0.4, len(far))
    noise = rng.normal(size=len(far))
    table["mobilenet"] = expit(2.0 * (noise + np.where(fake, far - 1.0, -1.0)))
    return table


def with_left_out(table):
    """As scores.py does it: every row of the five families again, for the network without it."""
    number = np.array([LEFT_OUT.index(f) if f in LEFT_OUT else -1 for f in table["family"]])
    own = (number >= 0) & (number == table["fold"])
    again = np.flatnonzero((number >= 0) & ~own)
    out = {k: np.concatenate([v, v[again]]) for k, v in table.items()}
    out["left_out"] = np.concatenate([own, np.ones(len(again), bool)])
    out["network"] = np.concatenate([table["fold"], number[again]])
    return out
