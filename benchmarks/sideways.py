"""Whether pictures that lie are righted: `python -m benchmarks.sideways [--pictures 150]`.

Photographs and fakes as they are and in three quarter turns, against one search without a turn.
Righted is a picture whose face is found as large as where it stands, to 15 %, and upright in it,
to 30 degrees.
"""

from typing import Annotated

import numpy as np
import typer
from tqdm import tqdm

from benchmarks.surround import pictures
from ganfake.faces import Face, search_faces
from ganfake.sideways import search_any_way_up

SETS = (("ciplab160", "real"), ("stylegan256", "real"), ("stylegan256", "fake"),
        ("faces128", "images"), ("gans128", "progan"))  # fmt: skip


def pose(found: list[Face]) -> tuple[float, float] | None:
    """Distance of the eyes, and their angle in degrees, of the surest face."""
    if not found:
        return None
    right, down = np.diff(max(found, key=lambda face: face.probability).points[:2], axis=0)[0]
    return float(np.hypot(right, down)), float(np.degrees(np.arctan2(down, right)))


def alike(stands: tuple[float, float], lies: tuple[float, float] | None, turns: int) -> bool:
    """Whether it is that face, `turns` quarter turns to the left."""
    if lies is None:
        return False
    off = (stands[1] - 90 * turns - lies[1] + 180) % 360 - 180
    return abs(lies[0] / stands[0] - 1) < 0.15 and abs(off) < 30


def main(
    count: Annotated[int, typer.Option("--pictures", help="Of each source.")] = 150,
) -> None:
    """Print a table."""
    print("| pictures | that stand: turned | that lie: righted | without a turn |")
    print("| --- | ---: | ---: | ---: |")
    total = np.zeros(5, int)
    for archive, folder in SETS:
        row = np.zeros(5, int)
        for picture in tqdm(pictures(archive, folder, count), desc=folder, leave=False):
            stands = pose(search_faces(picture))
            if stands is None:
                continue
            row[:2] += 1, not alike(stands, pose(search_any_way_up(picture)), 0)
            for turns in (1, 2, 3):
                lying = np.ascontiguousarray(np.rot90(picture, turns))
                ways = (search_any_way_up(lying), search_faces(lying))
                row[2:] += 1, *(alike(stands, pose(found), turns) for found in ways)
        total += row
        print(_line(f"{archive} {folder}", row), flush=True)
    print(_line("all", total))


def _line(name: str, row: np.ndarray) -> str:
    stand, turned, lie, righted, plain = row
    return f"| {name} | {turned} of {stand} | {righted} of {lie} | {plain} |"


if __name__ == "__main__":
    typer.run(main)
