"""How good made pictures are: distances between two sets of pictures, in features.

The features are MobileNetV2's (ImageNet weights from ../shared, average-pooled, 1280
numbers), NOT Inception's: figures compare with each other and not with a published FID.
"""

from collections.abc import Callable

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import interpolate

from ganfake import UserError
from ganfake.folders import shared_dir

INPUT = 128  # pixels; the ratio of made to real distances depends on it, so all use the same
WHICH = (
    "MobileNetV2 features (ImageNet, average-pooled, 1280 numbers, pictures enlarged to "
    f"{INPUT} px); this is NOT Inception-FID and compares only with figures made the same way"
)
_MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
_STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def load_features() -> nn.Module:
    """MobileNetV2 up to its average pooling; UserError without ../shared."""
    from torchvision.models import mobilenet_v2

    path = shared_dir().parent / "weights" / "mobilenet_v2_imagenet.safetensors"
    if not path.is_file():
        raise UserError(f"This needs {path.name} in the shared data's weights folder.")
    network = mobilenet_v2()
    network.load_state_dict({name: t.float() for name, t in load_file(path).items()})
    network.classifier = nn.Identity()
    return network.eval().to(memory_format=torch.channels_last)


@torch.inference_mode()
def features(network: nn.Module, pictures: Tensor) -> np.ndarray:
    """Pictures (N, 3, S, S) in [-1, 1] to features (N, 1280) float32."""
    rows = []
    for part in pictures.split(100):
        if part.shape[-1] != INPUT:
            part = interpolate(part, (INPUT, INPUT), mode="bilinear", antialias=True)
        part = ((part + 1) / 2 - _MEAN) / _STD
        rows.append(network(part.contiguous(memory_format=torch.channels_last)))
    return torch.cat(rows).numpy()


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Fréchet distance of the Gaussians fitted to rows (N, D) and (M, D).

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) (Heusel et al. 2017, arXiv:1706.08500).
    """
    return _frechet(first.astype(np.float64), second.astype(np.float64))


def _frechet(first: np.ndarray, second: np.ndarray) -> float:
    difference = first.mean(0) - second.mean(0)
    one, two = (rows - rows.mean(0) for rows in (first, second))
    one, two = one / np.sqrt(len(one) - 1), two / np.sqrt(len(two) - 1)
    total = (one**2).sum() + (two**2).sum()
    return float(difference @ difference + total - 2 * _trace_of_root(one, two))


def _trace_of_root(one: np.ndarray, two: np.ndarray) -> float:
    """tr (C1 C2)^(1/2) of the covariances C = R' R of centred, scaled rows R."""
    if min(len(one), len(two)) < one.shape[1]:
        # It is the sum of the singular values of R1 R2', and that is the smaller matrix.
        return float(np.linalg.svd(one @ two.T, compute_uv=False).sum())
    # With C1 = L L' the product has the eigenvalues of L' C2 L, which is symmetric, and the
    # trace of a root is the sum of the roots of the eigenvalues. The little on the diagonal
    # is for features that never vary.
    first, second = one.T @ one, two.T @ two
    eased = first + 1e-10 * (np.trace(first) / len(first) + 1e-30) * np.eye(len(first))
    lower = np.linalg.cholesky(eased)
    values = np.linalg.eigvalsh(lower.T @ second @ lower)
    return float(np.sqrt(np.clip(values, 0, None)).sum())


def frechet_interval(
    first: np.ndarray, second: np.ndarray, resamples: int = 20, seed: int = 0
) -> tuple[float, float]:
    """95 % bootstrap interval of the Fréchet distance, centred on the distance itself.

    Rows drawn with replacement repeat, which adds to every resampled distance (the distance
    is biased upwards, and more so for fewer different rows). So only their spread is used:
    the distance plus and minus 1.96 standard deviations over the resamples. The bias that
    the distance itself has at this number of rows stays in it.
    """
    first, second = first.astype(np.float64), second.astype(np.float64)
    rng = np.random.default_rng(seed)
    found = [_frechet(_again(first, rng), _again(second, rng)) for _ in range(resamples)]
    middle, reach = _frechet(first, second), 1.96 * float(np.std(found, ddof=1))
    return middle - reach, middle + reach


def _again(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rows[rng.integers(0, len(rows), len(rows))]


def _kernel(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    first, second = first.astype(np.float64), second.astype(np.float64)
    return (first @ second.T / first.shape[1] + 1) ** 3


def kernel_distance(first: np.ndarray, second: np.ndarray) -> float:
    """KID: the unbiased squared MMD of rows (N, D) and (M, D) over all pairs.

    Kernel (x.y / D + 1)^3 (Binkowski et al. 2018, arXiv:1801.01401). Around 0, and also
    below it, for two samples of one distribution.
    """
    ones = np.ones((1, len(first))), np.ones((1, len(second)))
    return float(_weighted_mmd(*_kernels(first, second), *ones)[0])


def _kernels(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return _kernel(first, first), _kernel(second, second), _kernel(first, second)


def _weighted_mmd(own, other, across, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared MMD (R,) for R rows of weights (R, N) and (R, M); no row is paired with itself."""

    def within(kernel: np.ndarray, w: np.ndarray) -> np.ndarray:
        pairs = ((w @ kernel) * w).sum(1) - (w**2) @ np.diag(kernel)
        return pairs / (w.sum(1) ** 2 - (w**2).sum(1))

    between = ((a @ across) * b).sum(1) / (a.sum(1) * b.sum(1))
    return within(own, a) + within(other, b) - 2 * between


def kernel_interval(
    first: np.ndarray, second: np.ndarray, resamples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """95 % bootstrap interval of the KID: percentiles over resampled rows.

    A row that is drawn twice is not paired with its copy, so resampling adds no bias.
    """
    rng = np.random.default_rng(seed)
    kernels = _kernels(first, second)
    a = rng.multinomial(len(first), np.full(len(first), 1 / len(first)), resamples)
    b = rng.multinomial(len(second), np.full(len(second), 1 / len(second)), resamples)
    found = _weighted_mmd(*kernels, a.astype(np.float64), b.astype(np.float64))
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Euclidean distances (N, M) between rows (N, D) and (M, D)."""
    one, two = (torch.from_numpy(np.asarray(x, np.float64)) for x in (first, second))
    return torch.cdist(one, two, compute_mode="use_mm_for_euclid_dist").numpy()


def precision_recall(real: np.ndarray, fake: np.ndarray, k: int = 3) -> tuple[float, float]:
    """Improved precision and recall (Kynkäänniemi et al. 2019, arXiv:1904.06991).

    Precision is the share of `fake` rows that lie within the k-th neighbour's distance of
    some `real` row, recall the share of `real` rows within that of some `fake` row.
    """
    if min(len(real), len(fake)) <= k:
        raise ValueError(f"precision and recall need more than {k} rows")
    across = distances(real, fake)
    return _covered(real, across, k), _covered(fake, across.T, k)


def _covered(rows: np.ndarray, across: np.ndarray, k: int) -> float:
    """The share of columns of `across` (rows x others) within the reach of any row."""
    own = distances(rows, rows)
    reach = np.partition(own, k, axis=1)[:, k]  # the 0th neighbour of a row is itself
    return float((across <= reach[:, None]).any(0).mean())


def nearest(samples: np.ndarray, training: np.ndarray, part: int = 2000) -> np.ndarray:
    """Distance (N,) from each row (N, D) to the nearest of the rows (M, D)."""
    best = np.full(len(samples), np.inf)
    for start in range(0, len(training), part):
        best = np.minimum(best, distances(samples, training[start : start + part]).min(1))
    return best


def thumbnails(pictures: np.ndarray | Tensor, side: int = 16) -> np.ndarray:
    """Pictures (N, S, S, 3) uint8 as rows (N, 3 * side^2): averaged down, in [0, 1].

    The distance of two rows divided by sqrt(3 * side^2) is their RMS difference.
    """
    rows = []
    for part in torch.as_tensor(np.ascontiguousarray(pictures)).split(1000):
        small = part.permute(0, 3, 1, 2).float() / 255
        small = interpolate(small, (side, side), mode="area")
        rows.append(small.flatten(1).numpy())
    return np.concatenate(rows)


def summary(found: np.ndarray, digits: int = 4) -> dict[str, float]:
    """The smallest, the median and the mean of distances (N,)."""
    measures: dict[str, Callable[[np.ndarray], float]] = {
        "smallest": np.min, "median": np.median, "mean": np.mean,
    }  # fmt: skip
    return {name: round(float(measure(found)), digits) for name, measure in measures.items()}
