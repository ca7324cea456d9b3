"""What a deck's dressing gives away to someone who does not look at faces."""

import io

import cv2
import numpy as np
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ganfake.quiz.cards import Pack


def segments(jpeg: bytes) -> list[tuple[int, int]]:
    """Markers and lengths of a JPEG up to its scan."""
    found, at = [], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        found.append((jpeg[at + 1], length))
        if jpeg[at + 1] == 0xDA:
            break
        at += 2 + length
    return found


def features(jpeg: bytes) -> list[float]:
    """Mean, contrast, high-frequency energy and bytes (without padding) of a served file."""
    picture = Image.open(io.BytesIO(jpeg)).convert("RGB")
    grey = np.asarray(picture.convert("L"), np.float64)
    spectrum = np.abs(np.fft.fftshift(np.fft.fft2(grey - grey.mean()))) ** 2
    side = len(grey)
    radius = np.hypot(*(np.indices(grey.shape) - side // 2))
    high = spectrum[radius > side / 4].sum() / grey.size**2
    edges = cv2.Laplacian(grey, cv2.CV_64F).var()
    size = len(jpeg) - sum(length for marker, length in segments(jpeg) if marker == 0xFE)
    return [grey.mean(), grey.std(), np.log(high + 1e-3), np.log(edges + 1e-3), size]


def leak_auc(pack: Pack, count: int) -> dict[str, float]:
    """AUC of a logistic regression, and of each feature alone, cross-validated by picture."""
    served = [[pack.serve(card) for card in pack.pair(shuffle=1, position=i)] for i in range(count)]
    rows = np.array([features(pair[0]) for pair in served] + [features(p[1]) for p in served])
    labels = np.repeat([0, 1], count)
    assert np.isfinite(rows).all()
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    guesses = cross_val_predict(model, rows, labels, cv=folds, method="predict_proba")[:, 1]
    found = {"all": roc_auc_score(labels, guesses)}
    for name, column in zip(("mean", "contrast", "high", "edges", "bytes"), rows.T, strict=True):
        auc = roc_auc_score(labels, column)
        found[name] = max(auc, 1 - auc)
    return found
