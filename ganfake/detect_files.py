"""Files and folders checked, by several processes where there are many.

This process lists, waits and tells; what needs torch is imported where it is used, so that among
workers it stays small.
"""

import functools
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from ganfake import UserError
from ganfake.checked import Checked, failed
from ganfake.workers import Lost, cores, run_in_order

PRELOAD = ("ganfake.forked",)
PATIENCE = 60.0  # seconds for one file of many
FEW = 3  # files for which starting processes does not pay
_MOST_WORKERS = 8
_ROOM = 8  # weights of files checked at once, for which all processes together need under 2 GB
# Pixels that weigh as much as another file: of most pictures, of those that are unpacked with
# several copies of them, and of each frame of one that moves.
_HEAVIER, _COPIED, _MOVING = 20_000_000, 8_000_000, 4_000_000
_START = 1024  # bytes in which a video shows

CLOSED = "The files of this folder could not be listed; see that you may read it."
HUNG = f"This file took over {PATIENCE:.0f} seconds and was given up; save it anew or smaller."
CRASHED = "This file made a decoder crash; save or download it again."


def check_paths(paths: Iterable[str | Path], workers: int | None = None) -> Iterator[Checked]:
    """Check files and folders (recursively), in order.

    Several processes, eight at most by their weight, share more than a few files. Raises
    UserError when the detector's weights are missing; mistakes in a file are in its `error`.
    """
    files = list_files(paths)
    count = min(cores(), _MOST_WORKERS) if workers is None else workers
    if len(files) <= FEW or count < 1:
        if files:
            _load()
        yield from map(check_path, files)
        return
    results = run_in_order(
        check_path, files, count, _prepare, PATIENCE, PRELOAD, functools.cache(_weigh), _ROOM
    )  # fmt: skip
    for result in results:
        if isinstance(result, Lost):
            result = failed(str(result.item), HUNG if result.hung else CRASHED)
        yield result


def list_files(paths: Iterable[str | Path]) -> list[str]:
    """Files, and those in folders (sorted, without hidden ones), each once.

    Folders that are links inside a folder are not entered, so that there are no circles. A
    folder that cannot be read stands in the list itself, so that it is missed.
    """
    found: dict[str, None] = {}
    for path in map(os.fspath, paths):
        if not _is_folder(path):
            found[path] = None
            continue
        closed: list[OSError] = []
        try:
            for folder, below, names in os.walk(path, onerror=closed.append):
                below[:] = sorted(name for name in below if not name.startswith("."))
                shown = sorted(name for name in names if not name.startswith("."))
                found |= {os.path.join(folder, name): None for name in shown}
        except RecursionError:  # about a thousand folders in one another
            found[path] = None
        found |= {error.filename or path: None for error in closed}
    return list(found)


def _is_folder(path: str) -> bool:
    try:
        return os.path.isdir(path)
    except ValueError:  # a zero byte in the name
        return False


def check_path(path: str) -> Checked:
    """Check one file by its name; whatever goes wrong is in `error`."""
    from ganfake.containers import MAX_BYTES
    from ganfake.detect import check_file
    from ganfake.images import MISSING, read_file

    try:
        if not path:
            raise UserError(MISSING)
        if _is_folder(path):  # list_files names only those that it could not look into
            raise UserError(CLOSED)
        content = read_file(Path(path), MAX_BYTES + 1)
        if not content:
            raise UserError("The file is empty; choose another one.")
        return check_file(content, path)
    except UserError as error:
        return failed(path, str(error))
    except MemoryError:
        return failed(path, "There is not enough memory for this file; make it smaller.")
    except Exception as error:  # noqa: BLE001 - one bad file must not stop the rest
        return failed(path, f"The program failed on this file ({type(error).__name__}: {error}).")


def _weigh(path: str) -> int:
    """How much memory a file may take, against a photograph of up to 20 megapixels."""
    from ganfake.containers import is_video
    from ganfake.images import MAX_BYTES, open_header
    from ganfake.moving import is_moving

    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            return 1
        with open(path, "rb") as file:
            content = file.read(_START)
            if is_video(content):
                return 2
            content += file.read(MAX_BYTES + 1)
        picture = open_header(content)
        pixels, moving = picture.width * picture.height, is_moving(content)
        copied = picture.format in ("WEBP", "AVIF") or picture.has_transparency_data
        each = _MOVING if moving else _COPIED if copied else _HEAVIER
        return max(1 + pixels // each, 2 if moving else 1)
    except Exception:  # noqa: BLE001 - who checks it will say what is wrong
        return 1


def _load() -> None:
    from ganfake.detect import load_experts

    load_experts()


def _prepare() -> None:
    from ganfake.forked import prepare

    prepare()
