"""The command `detect`: which pictures and videos are fake, as a table or as JSON lines."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from ganfake import UserError
from ganfake.commands import say

_START = b'{"file": '  # of every line we write
_WIDTH = {"verdict": 9, "fake": 5, "faces": 5}


def detect(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files and folders.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also add JSON lines here, and resume; what failed is tried again, and the last"
            " line of a file counts.",
        ),
    ] = None,
) -> None:
    """Say of each picture and video whether its faces are fake; status 1 if a file failed.

    Where there are several faces, all that can be judged decide together: the probability of a
    file is that any of its faces is fake, if half of such files hold a fake. An animated picture
    counts as a video.
    """
    from ganfake.detect_files import FEW, PRELOAD, check_paths, list_files
    from ganfake.workers import warm

    if len(paths) > FEW or any(os.path.isdir(path.partition("\0")[0]) for path in paths):
        warm(PRELOAD)  # while the files are listed

    done = _read_done(out) if out else set()
    files = [file for file in list_files(paths) if not (out and _same(file, out))]
    left = [file for file in files if file not in done]
    if not files:
        raise UserError("There is no file in there; name files, or folders with files.")
    if not as_json and left:
        say("  ".join(name.ljust(width) for name, width in _WIDTH.items()) + "  file")
    failed = []
    try:
        for said in _told(_progress(check_paths(left), len(left)), as_json, out):
            failed += [said] if said["error"] else []
    except KeyboardInterrupt:
        again = " the same command goes on from here" if out else " with --out it can go on"
        typer.echo(f"\nStopped;{again}.", err=True)
        raise typer.Exit(130) from None
    except BrokenPipeError:  # who reads our output has seen enough
        sys.stdout = None
        raise typer.Exit(1) from None
    _name_failures(failed, len(files))


def _told(results: Iterator, as_json: bool, out: Path | None) -> Iterator[dict]:
    """Each result as a JSON object, once it stands in `out` and on standard output."""
    with _lines(out) as file:
        for checked in results:
            said = checked.as_dict()
            line = json.dumps(said)
            if file:
                file.write(line + "\n")
                file.flush()
            say(line if as_json else _row(said))
            yield said


def _name_failures(failed: list[dict], count: int) -> None:
    """On standard error, which of `count` files could not be checked; then the status is 1."""
    if not failed:
        return
    typer.echo(f"{len(failed)} of {count} files could not be checked:", err=True)
    for said in failed:
        typer.echo(f"  {_shown(said['file'])}: {said['error']}", err=True)
    raise typer.Exit(1)


def _progress(results: Iterator, count: int) -> Iterator:
    from tqdm import tqdm

    unseen = count < 2 or sys.stderr is None  # which has been closed
    yield from tqdm(results, total=count, unit="file", file=sys.stderr, disable=unseen)


def _row(said: dict) -> str:
    """A line of the table: verdict, probability of fake in percent, faces, file, and why."""
    from ganfake.checked import percent

    judged = any(face["judged"] for face in said["faces"])
    chance = said["probability_fake"] if judged else None
    cells = [
        (said["verdict"] or "failed").ljust(_WIDTH["verdict"]),
        ("-" if chance is None else percent(chance)).rjust(_WIDTH["fake"]),
        str(len(said["faces"])).rjust(_WIDTH["faces"]),
        _shown(said["file"]),
    ]
    why = said["error"] or said["reason"]
    return "  ".join(cells) + (f"  ({why})" if why else "")


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)


def _same(file: str, out: Path) -> bool:
    try:
        return out.exists() and out.samefile(file)
    except (OSError, ValueError):
        return False


def _read_done(out: Path) -> set[str]:
    """Files that `out` has a verdict on, by the last line of each; a half-written end is cut off.

    UserError when it holds anything else, for that would be somebody's file.
    """
    foreign = UserError(f"{str(out)!r} is not a list of results; name another file with --out.")
    if out.is_dir():
        raise UserError(f"{str(out)!r} is a folder; name a file with --out.")
    if not out.exists():
        return set()
    if not out.is_file():  # a pipe has no end to be read to, and a device has none at all
        raise UserError(f"{str(out)!r} is no plain file; leave --out away and redirect the lines.")
    content = out.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    rest = content[len(whole) :]
    if not (rest.startswith(_START) or _START.startswith(rest)):
        raise foreign
    failures = {}
    for line in whole.splitlines():
        try:
            said = json.loads(line)
            failures[str(said["file"])] = bool(said["error"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise foreign from None
    if rest:
        with out.open("r+b") as file:
            file.truncate(len(whole))
    return {file for file, failed in failures.items() if not failed}


@contextmanager
def _lines(out: Path | None) -> Iterator[TextIO | None]:
    """The file that lines are added to; None without one."""
    if out is None:
        yield None
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("a", encoding="utf-8") as file:
        yield file
