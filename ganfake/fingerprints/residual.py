"""How neighbouring pixels' deviations go together: co-occurrences of high-pass residuals.

What is left after predicting a pixel from its neighbours is cut to a few values, and triples
of them are counted: along rows and columns in each colour channel, and across the channels
(Fridrich and Kodovsky 2012, rich models; Nataraj et al. 2019, arXiv:1903.06836). Triples that
are one another's negative or mirror image share a count; rows and columns are added up.
"""

import functools

import cv2
import numpy as np

from ganfake.fingerprints import as_face

MOST = 2  # residuals are cut to -2 .. 2 grey levels
VALUES = 2 * MOST + 1
KERNELS = ("first", "second", "square")


@functools.cache
def _classes(mirrored: bool) -> tuple[np.ndarray, int]:
    """For each of 125 triples the number of its class, and how many classes there are."""
    triples = np.array(np.unravel_index(np.arange(VALUES**3), (VALUES,) * 3)) - MOST
    alike = [triples, -triples]
    if mirrored:
        alike += [triples[::-1], -triples[::-1]]
    codes = [_code(*(same + MOST)) for same in alike]
    names, number = np.unique(np.min(codes, axis=0), return_inverse=True)
    return number, len(names)


def _code(first, second, third):
    return (first * VALUES + second) * VALUES + third  # at most 124, so that uint8 holds it


@functools.cache
def _table(divisor: int) -> np.ndarray:
    """What a residual of -2 * divisor .. 2 * divisor becomes: 0 .. 4, uint8."""
    steps = np.arange(-MOST * divisor, MOST * divisor + 1) / divisor
    return (np.rint(steps) + MOST).astype(np.uint8)


def _cut(residual: np.ndarray, divisor: int) -> np.ndarray:
    """int16 residuals, `divisor` times too large, to 0 .. 4."""
    most = MOST * divisor
    return _table(divisor)[np.clip(residual, -most, most) + most]


def _residuals(x: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Cut residuals (3, h, w) uint8 of x (3, H, W) int16, for counting along rows and columns."""
    across, down = x[:, :, 1:] - x[:, :, :-1], x[:, 1:] - x[:, :-1]
    bend_across, bend_down = across[:, :, 1:] - across[:, :, :-1], down[:, 1:] - down[:, :-1]
    square = _cut(bend_across[:, 2:] + bend_across[:, :-2] - 2 * bend_across[:, 1:-1], 4)
    return {
        "first": (_cut(across, 1), _cut(down, 1)),
        "second": (_cut(bend_across, 2), _cut(bend_down, 2)),
        "square": (square, square),
    }


def _count(codes: np.ndarray, mirrored: bool) -> np.ndarray:
    """Shares of the classes among triples (h, w) uint8."""
    counts = cv2.calcHist([codes], [0], None, [VALUES**3], [0, VALUES**3]).ravel()
    number, classes = _classes(mirrored)
    return np.bincount(number, counts, minlength=classes) / codes.size


def features(face: np.ndarray) -> np.ndarray:
    """(540,): for each of KERNELS red's, green's and blue's counts and those across channels.

    Square roots of shares, in [0, 1]: rare triples weigh more than their number.
    """
    x = np.ascontiguousarray(as_face(face).transpose(2, 0, 1)).astype(np.int16)
    found = []
    for across, down in _residuals(x).values():
        rows = _code(across[:, :, :-2], across[:, :, 1:-1], across[:, :, 2:])
        columns = _code(down[:, :-2], down[:, 1:-1], down[:, 2:])
        for channel in range(3):
            found.append((_count(rows[channel], True) + _count(columns[channel], True)) / 2)
        found.append((_count(_code(*across), False) + _count(_code(*down), False)) / 2)
    return np.sqrt(np.concatenate(found))


def number_of(kernel: str, part: int, triple: tuple[int, int, int]) -> int:
    """Which feature counts `triple`; part: 0 to 2 a colour channel, 3 across the channels."""
    inside, across = _classes(True), _classes(False)
    start = KERNELS.index(kernel) * (3 * inside[1] + across[1]) + part * inside[1]
    classes = inside if part < 3 else across
    return start + int(classes[0][_code(*(value + MOST for value in triple))])


# Shares of pixels: green does not change over four of them; green goes up and down by turns;
# fine detail that all colours share; detail that red has against green and blue.
READABLE = {
    "without_change": (number_of("first", 1, (0, 0, 0)), np.square),
    "up_and_down": (number_of("first", 1, (2, -2, 2)), np.square),
    "detail_in_all_colours": (number_of("square", 3, (2, 2, 2)), np.square),
    "detail_in_red_alone": (number_of("square", 3, (2, 0, 0)), np.square),
}
