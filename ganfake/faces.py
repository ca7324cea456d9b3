"""Find faces, and align them to the one template of the project."""

from dataclasses import dataclass

import cv2
import numpy as np

from ganfake import mtcnn

# Left eye, right eye, nose, mouth corners as fractions of the crop (x right, y down).
TEMPLATE = np.array(
    [[0.375, 0.4675], [0.625, 0.4675], [0.5, 0.59], [0.39, 0.69], [0.61, 0.69]], np.float64
)
MIN_PROBABILITY = 0.9
MIN_FACE = 24  # pixels of the shrunken picture; smaller ones make poor crops and slow PNet down
# For `search_faces`: long sides of the first and the closest look, and face widths in them.
_COARSE, _FINE = 640, 1920
_SMALL, _SMALLEST = 40, 20
_SMALL_PROBABILITY = 0.97
_FEWEST = 16  # pixels on a side from which a picture may be a face
_FILLED = 0.9  # of the width or height
_PORTRAIT = 160  # short side of a picture in which one large face is looked for
_FILLING_PROBABILITY = 0.8
_TEMPLATE_BOX = np.array([0.5, 0.533]), 0.57  # where MTCNN sees a face that is on the template
_FARTHEST = 0.15  # of the template, as a share of the side, for points of such a face
_FINEST = 8  # sampling grids at most this many times finer than the crop


@dataclass(frozen=True, eq=False)
class Face:
    """A face as found in a picture, in pixels of that picture.

    box: (x0, y0, x1, y1), clipped to the picture. points: (5, 2) float64: the eye on the
    left of the picture, the eye on the right, nose, mouth corner left, mouth corner right.
    probability: that this is a face, in [0, 1].
    """

    box: tuple[float, float, float, float]
    points: np.ndarray
    probability: float

    @property
    def area(self) -> float:
        """Of the box, in square pixels."""
        x0, y0, x1, y1 = self.box
        return (x1 - x0) * (y1 - y0)

    @property
    def centre(self) -> np.ndarray:
        """Of the box, (2,): x, y."""
        x0, y0, x1, y1 = self.box
        return np.array([(x0 + x1) / 2, (y0 + y1) / 2])

    @property
    def eye_distance(self) -> float:
        """Pixels between the eyes: how much detail an aligned crop can have."""
        return float(np.linalg.norm(self.points[1] - self.points[0]))


def find_faces(
    picture: np.ndarray,
    max_side: int = 640,
    min_face: int = MIN_FACE,
    min_probability: float = MIN_PROBABILITY,
) -> list[Face]:
    """Faces by MTCNN (Zhang et al. 2016) on the CPU, largest first; none is an empty list.

    picture: (H, W, 3) uint8. Its long side is shrunk to `max_side` before the search, and
    faces narrower than about `min_face` pixels there are not looked for.
    """
    height, width = picture.shape[:2]
    ratio = min(1.0, max_side / max(height, width, 1))
    small = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    if min(small) < min_face:
        return []  # MTCNN fails on a picture that is smaller than any face
    if ratio < 1.0:
        shrunk = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    else:
        shrunk = np.ascontiguousarray(picture)
    back = np.array([width / small[0], height / small[1]])
    faces = [
        _face(box.reshape(2, 2) * back, landmarks * back, probability, picture)
        for box, probability, landmarks in zip(*mtcnn.detect(shrunk, min_face), strict=True)
        if probability >= min_probability
    ]
    return sorted(faces, key=lambda face: -face.area)


def search_faces(picture: np.ndarray) -> list[Face]:
    """Faces of any size by further looks where one look is not enough, largest first.

    picture: (H, W, 3) uint8. Beside what `find_faces` sees: faces that fill the picture or
    are cut off by its border, pictures of some 32 pixels, and in large pictures the small
    faces of a group, from about 24 pixels in 1920. A face inside another is left out.
    """
    found = find_faces(picture)
    if not found or _fills(found[0], picture):
        found = [*_find_filling(picture), *found]
    long_side = max(picture.shape[:2])
    if long_side > _COARSE and _may_hide_more(found, _COARSE / long_side):
        # Small faces are easily seen in leaves and clouds, so they must be surer.
        closer = find_faces(picture, _FINE, _SMALLEST, _SMALL_PROBABILITY)
        found = sorted(closer + found, key=lambda face: -face.probability)
    return _outermost(found)


def _fills(face: Face, picture: np.ndarray) -> bool:
    """Whether a face leaves so little around it that its landmarks are not to be trusted."""
    x0, y0, x1, y1 = face.box
    return x1 - x0 > _FILLED * picture.shape[1] or y1 - y0 > _FILLED * picture.shape[0]


def _may_hide_more(found: list[Face], ratio: float) -> bool:
    """Whether there are no faces, or mostly such small ones that still smaller ones are likely."""
    widths = sorted((face.box[2] - face.box[0]) * ratio for face in found)
    return not found or widths[-1] < _SMALL or (len(found) > 2 and widths[len(found) // 2] < _SMALL)


def _find_filling(picture: np.ndarray) -> list[Face]:
    """The one face of a picture that is a crop of a face, as a list; empty when it is none."""
    height, width = picture.shape[:2]
    if not 0.5 <= width / max(height, 1) <= 2 or min(height, width) < _FEWEST:
        return []
    scale = _PORTRAIT / min(height, width)
    size = round(width * scale), round(height * scale)
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    portrait = cv2.resize(picture, size, interpolation=kind)
    border = _PORTRAIT // 4  # MTCNN looks for the surroundings of a face, too
    padded = cv2.copyMakeBorder(portrait, *[border] * 4, cv2.BORDER_REPLICATE)
    boxes, scores, points = mtcnn.detect(padded, _PORTRAIT / 3)
    back = np.array([width, height]) / size
    if len(scores) and scores.max() >= _FILLING_PROBABILITY:
        best = int(scores.argmax())
        box = (boxes[best].reshape(2, 2) - border) * back
        return [_face(box, (points[best] - border) * back, scores[best], picture)]
    if not 0.8 <= width / height <= 1.25:
        return []
    middle, half = _TEMPLATE_BOX[0] * size, _TEMPLATE_BOX[1] * min(size) / 2
    squares = np.array([[*(middle - half * k), *(middle + half * k)] for k in (0.9, 1.0, 1.15)])
    _, scores, points = mtcnn.judge(portrait, squares)
    best = int(scores.argmax())
    off = np.abs(points[best] / size - TEMPLATE).max()
    if scores[best] < MIN_PROBABILITY or off > _FARTHEST:
        return []
    # Seen only where a face on the template has to be: then the picture is such a crop.
    whole = squares[1].reshape(2, 2) * back
    return [_face(whole, TEMPLATE * [width, height], scores[best], picture)]


def _face(box: np.ndarray, points: np.ndarray, probability: float, picture: np.ndarray) -> Face:
    height, width = picture.shape[:2]
    corners = np.clip(np.reshape(box, (2, 2)), 0, [width, height]).reshape(-1)
    return Face(tuple(map(float, corners)), points, float(probability))


def _outermost(faces: list[Face]) -> list[Face]:
    """Without doubles and faces inside a face, of which the first ones stay; largest first."""
    boxes = np.array([face.box for face in faces]).reshape(-1, 4)
    kept: list[int] = []
    for index, box in enumerate(boxes):
        if not (_overlaps(box, boxes[kept]) > 0.5).any():
            kept.append(index)
    return sorted((faces[index] for index in kept), key=lambda face: -face.area)


def overlap(first: Face, second: Face) -> float:
    """Which share of the smaller box the other one covers."""
    return float(_overlaps(np.array(first.box), np.array([second.box]))[0])


def _overlaps(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """`overlap` of a box (4,) with each of others (N, 4)."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(1)
    areas = (others[:, 2:] - others[:, :2]).prod(1)
    return shared / np.maximum(np.minimum((box[2:] - box[:2]).prod(), areas), 1e-9)


def align_face(picture: np.ndarray, face: Face, size: int) -> np.ndarray:
    """A found face on the template of the project, (size, size, 3) uint8."""
    return align(picture, face.points, TEMPLATE, size)


def align(picture: np.ndarray, points: np.ndarray, template: np.ndarray, size: int) -> np.ndarray:
    """Crop a face so that `points` lie on `template`.

    picture: (H, W, 3) uint8. points: (K, 2) pixels, template: (K, 2) fractions of
    the crop, the same landmarks in the same order. Returns (size, size, 3) uint8.
    The similarity is the least-squares one (Umeyama 1991); shrinking averages over
    areas; what lies outside the picture is its reflection. ValueError when the points
    are all the same.
    """
    onto, scale = similarity(np.asarray(points, np.float64), template * size)
    # Sampling on a grid finer than the source, then averaging, is an area average.
    finer = int(np.ceil(1.0 / min(scale, 1.0)))
    if finer > _FINEST:
        # A face of thousands of pixels would need a grid as large: halve the picture first.
        height, width = picture.shape[:2]
        half_size = (max(1, width // 2), max(1, height // 2))
        halved = cv2.resize(picture, half_size, interpolation=cv2.INTER_AREA)
        ratio = np.divide(half_size, (width, height))
        return align(halved, points * ratio, template, size)
    grid = size * finer
    # Pixel centres: pixel i covers [i, i + 1), OpenCV puts its centre at i.
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    zoom = np.diag([finer, finer, 1.0])
    matrix = np.linalg.inv(half) @ zoom @ onto @ half
    flags = cv2.INTER_LINEAR if finer > 1 else cv2.INTER_CUBIC
    warped = cv2.warpAffine(
        picture, matrix[:2], (grid, grid), flags=flags, borderMode=cv2.BORDER_REFLECT_101
    )
    if finer > 1:
        warped = cv2.resize(warped, (size, size), interpolation=cv2.INTER_AREA)
    return warped


def is_cut_off(face: Face, size: tuple[int, int]) -> bool:
    """Whether landmarks lie beyond the border of its picture. size: (width, height)."""
    beyond = np.maximum(-face.points, face.points - np.asarray(size)).max()
    return bool(beyond > 0.1 * face.eye_distance)


def crop_side(points: np.ndarray) -> float:
    """Pixels of the picture that a side of the aligned crop of landmarks (5, 2) spans."""
    return 1.0 / max(similarity(points, TEMPLATE)[1], 1e-9)


def similarity(points: np.ndarray, goal: np.ndarray) -> tuple[np.ndarray, float]:
    """The (3, 3) similarity that brings (K, 2) points closest to their goal, and its scale."""
    centre, aim = points.mean(0), goal.mean(0)
    spread = ((points - centre) ** 2).sum()
    if not (np.isfinite(spread) and spread > 1e-12 * (1 + np.abs(centre).max()) ** 2):
        raise ValueError("These points fix no similarity transform.")
    left, strength, right = np.linalg.svd((goal - aim).T @ (points - centre))
    upright = np.diag([1.0, np.sign(np.linalg.det(left @ right))])  # a turn, not a mirror
    turn, scale = left @ upright @ right, float(strength @ np.diag(upright) / spread)
    matrix = np.eye(3)
    matrix[:2, :2] = scale * turn
    matrix[:2, 2] = aim - scale * turn @ centre
    return matrix, scale
