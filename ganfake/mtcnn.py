"""MTCNN (Zhang et al. 2016, arXiv:1604.02878): three small networks, each surer than the last.

The networks and their weights are those of facenet-pytorch. What surrounds them is written
anew, because there resizing and pooling took five times as long as the networks themselves.
"""

import functools
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

_THRESHOLDS = (0.6, 0.7, 0.7)  # scores from which a candidate passes each network
_FACTOR = 0.709  # from one size of faces to the next
_CELL, _STRIDE = 12, 2  # what one answer of the first network looks at, and their distance
_BATCH = 128
# In dense crowds the work grows with the square of the candidates. A hundred faces on the busiest
# ground stay under all of these limits: below them nothing is left out.
_MOST_OF_A_SIZE, _MOST_PROPOSED = 12_000, 10_000
_MANY, _MOST_REFINED = 1500, 1000

Found = tuple[np.ndarray, np.ndarray, np.ndarray]  # boxes (N, 4), scores (N,), points (N, 5, 2)


def detect(picture: np.ndarray, min_face: float) -> Found:
    """Faces at least about `min_face` pixels wide in a picture (H, W, 3) uint8, in float64.

    Points: left eye, right eye, nose, mouth corners left and right, as the viewer sees them.
    """
    first, second, third = _THRESHOLDS
    with torch.inference_mode():
        boxes = _square(_propose(picture, min_face, first))
        offsets, scores, _ = _look(picture, boxes, 24, _refine)
        passed = scores > second
        boxes, scores, offsets = boxes[passed], scores[passed], offsets[passed]
        keep = _suppress(boxes, scores, 0.7)
        if len(keep) > _MANY:  # some six for each face: one will do, and the largest faces count
            keep = _suppress(boxes, scores, 0.4)
            keep = keep[_first(-_sides(boxes[keep]).prod(1), _MOST_REFINED)]
        boxes = _square(_move(boxes[keep], offsets[keep]))
        boxes, scores, points = judge(picture, boxes)
    passed = np.flatnonzero(scores > third)
    keep = passed[_suppress_inner(boxes[passed], scores[passed], 0.7)]
    return boxes[keep], scores[keep], points[keep]


@torch.inference_mode()
def judge(picture: np.ndarray, boxes: np.ndarray) -> Found:
    """What the last network says of square boxes (N, 4): better boxes, scores, and points."""
    offsets, scores, places = _look(picture, boxes, 48, _decide)
    corner, sides = boxes[:, None, :2], _sides(boxes)[:, None]
    points = places.reshape(-1, 2, 5).transpose(0, 2, 1) * sides + corner - 1
    return _move(boxes, offsets), scores, points


def _propose(picture: np.ndarray, min_face: float, threshold: float) -> np.ndarray:
    """Boxes (N, 4) of all sizes that may hold a face, by the first network."""
    height, width = picture.shape[:2]
    scale, kept, kept_scores = _CELL / min_face, [], []
    while min(height, width) * scale >= _CELL:
        size = int(width * scale + 1), int(height * scale + 1)
        if 2 * size[0] <= picture.shape[1] // 2 and 2 * size[1] <= picture.shape[0] // 2:
            picture = _resize(picture, (picture.shape[1] // 2, picture.shape[0] // 2))
        offsets, scores = _scan(_tensor([_resize(picture, size)]))
        rows, columns = np.nonzero(scores >= threshold)
        surest = _first(-scores[rows, columns], _MOST_OF_A_SIZE)
        rows, columns = rows[surest], columns[surest]
        corners = np.stack([columns, rows], 1) * _STRIDE + 1
        boxes = np.floor(np.concatenate([corners, corners + _CELL - 1], 1) / scale)
        passed = scores[rows, columns]
        keep = _suppress(boxes, passed, 0.5)
        boxes, moves = boxes[keep], offsets[:, rows[keep], columns[keep]].T
        kept.append(np.concatenate([boxes, moves], 1))
        kept_scores.append(passed[keep])
        scale *= _FACTOR
    if not kept:
        return np.empty((0, 4))
    boxes, scores = np.concatenate(kept), np.concatenate(kept_scores)
    sizes = np.repeat(np.arange(len(kept)), [len(part) for part in kept])
    largest = _first(-sizes - scores / 2, _MOST_PROPOSED)  # of one size, the surest
    boxes, scores = boxes[largest], scores[largest]
    keep = _suppress(boxes[:, :4], scores, 0.7)
    boxes, moves = boxes[keep, :4], boxes[keep, 4:]
    return boxes + moves * np.tile(boxes[:, 2:] - boxes[:, :2], 2)


def _look(picture: np.ndarray, boxes: np.ndarray, side: int, network) -> Found:
    """A network's offsets (N, 4), scores (N,) and the rest (N, K) for boxes of a picture."""
    height, width = picture.shape[:2]
    inside = np.trunc(boxes).astype(int)
    x0, y0 = np.maximum(inside[:, :2], 1).T - 1
    x1, y1 = np.minimum(inside[:, 2:], (width, height)).T
    good = np.flatnonzero((x1 > x0) & (y1 > y0))
    offsets, scores, rest = np.zeros((len(boxes), 4)), np.zeros(len(boxes)), None
    for start in range(0, len(good), _BATCH):
        part = good[start : start + _BATCH]
        crops = [_resize(picture[y0[i] : y1[i], x0[i] : x1[i]], (side, side)) for i in part]
        outputs = network(_tensor(crops))
        offsets[part], scores[part] = outputs[0].numpy(), outputs[1][:, 1].numpy()
        if len(outputs) == 3:
            rest = np.zeros((len(boxes), outputs[2].shape[1])) if rest is None else rest
            rest[part] = outputs[2].numpy()
    return offsets, scores, np.zeros((len(boxes), 10)) if rest is None else rest


def _resize(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _tensor(pictures: list[np.ndarray]) -> Tensor:
    """Pictures (H, W, 3) uint8 as (N, 3, H, W) float32 in about [-1, 1]."""
    stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)  # channels last
    return (stacked.float() - 127.5) * 0.0078125


@functools.cache
def _weights(name: str) -> dict[str, Tensor]:
    # Without importing facenet_pytorch, which takes longer than everything else together.
    folder = Path(find_spec("facenet_pytorch").origin).parent / "data"
    state = torch.load(folder / f"{name}.pt", map_location="cpu", weights_only=True)
    return {
        key: value.contiguous(memory_format=torch.channels_last) if value.ndim == 4 else value
        for key, value in state.items()
    }


def _layer(w: dict[str, Tensor], x: Tensor, number: int) -> Tensor:
    x = F.conv2d(x, w[f"conv{number}.weight"], w[f"conv{number}.bias"])
    return F.prelu(x, w[f"prelu{number}.weight"])


def _dense(w: dict[str, Tensor], x: Tensor, name: str) -> Tensor:
    return F.linear(x, w[f"dense{name}.weight"], w[f"dense{name}.bias"])


def _pool(x: Tensor, side: int) -> Tensor:
    return F.max_pool2d(x, side, 2, ceil_mode=True)


def _flat(x: Tensor) -> Tensor:
    return x.permute(0, 3, 2, 1).flatten(1)  # the order in which the weights were trained


def _scan(x: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """The first network over a whole picture: offsets (4, H', W') and scores (H', W')."""
    w = _weights("pnet")
    x = _layer(w, _layer(w, _pool(_layer(w, x, 1), 2), 2), 3)
    scores = F.conv2d(x, w["conv4_1.weight"], w["conv4_1.bias"]).softmax(1)
    offsets = F.conv2d(x, w["conv4_2.weight"], w["conv4_2.bias"])
    return offsets[0].numpy(), scores[0, 1].numpy()


def _refine(x: Tensor) -> tuple[Tensor, Tensor]:
    """The second network on (N, 3, 24, 24): offsets (N, 4), scores (N, 2)."""
    w = _weights("rnet")
    x = _layer(w, _pool(_layer(w, _pool(_layer(w, x, 1), 3), 2), 3), 3)
    x = F.prelu(_dense(w, _flat(x), "4"), w["prelu4.weight"])
    return _dense(w, x, "5_2"), _dense(w, x, "5_1").softmax(1)


def _decide(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The third network on (N, 3, 48, 48): offsets (N, 4), scores (N, 2), points (N, 10)."""
    w = _weights("onet")
    x = _pool(_layer(w, _pool(_layer(w, _pool(_layer(w, x, 1), 3), 2), 3), 3), 2)
    x = F.prelu(_dense(w, _flat(_layer(w, x, 4)), "5"), w["prelu5.weight"])
    return _dense(w, x, "6_2"), _dense(w, x, "6_1").softmax(1), _dense(w, x, "6_3")


def _sides(boxes: np.ndarray) -> np.ndarray:
    return boxes[:, 2:4] - boxes[:, :2] + 1


def _move(boxes: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    return boxes + offsets * np.tile(_sides(boxes), 2)


def _square(boxes: np.ndarray) -> np.ndarray:
    """The smallest square around each box, with the same centre."""
    sides = boxes[:, 2:] - boxes[:, :2]
    longest = sides.max(1, keepdims=True, initial=0)
    corner = boxes[:, :2] + (sides - longest) / 2
    return np.concatenate([corner, corner + longest], 1)


def _first(keys: np.ndarray, most: int) -> np.ndarray:
    """Indices, in their order, of the `most` smallest keys."""
    return np.sort(np.argsort(keys, kind="stable")[:most])


def _suppress(boxes: np.ndarray, scores: np.ndarray, limit: float) -> np.ndarray:
    """Indices of the best among boxes that overlap by more than `limit`, best first."""
    if not len(boxes):
        return np.empty(0, int)
    rectangles = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)
    kept = cv2.dnn.NMSBoxes(rectangles.tolist(), scores.astype(np.float32).tolist(), 0.0, limit)
    return np.asarray(kept, int).reshape(-1)


def _suppress_inner(boxes: np.ndarray, scores: np.ndarray, limit: float) -> np.ndarray:
    """As `_suppress`, by the share of the smaller box that the other covers."""
    order, kept = list(np.argsort(-scores)), []
    areas = _sides(boxes).prod(1)
    while order:
        best = order.pop(0)
        kept.append(best)
        others = np.array(order, int)
        low = np.maximum(boxes[others, :2], boxes[best, :2])
        high = np.minimum(boxes[others, 2:], boxes[best, 2:])
        shared = np.clip(high - low + 1, 0, None).prod(1)
        apart = shared / np.minimum(areas[others], areas[best]) <= limit
        order = list(others[apart])
    return np.array(kept, int)
