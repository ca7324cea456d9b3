"""The commands `swap extract`, `swap train` and `swap convert`: the three stages of a face swap."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ganfake import UserError
from ganfake.commands import say, spare_others
from ganfake.marks import CORNERS

app = typer.Typer(no_args_is_help=True, help="Swap a face for another one, in three stages.")

# As in ganfake.swap, which takes seconds to import; a test holds the two together.
CONSENT = (
    "I have the consent of everyone whose face is in this picture or clip, "
    "and I will not use the result to deceive."
)
_SAVED = 60.0  # seconds after which the state of a training is saved, and a preview written
_SUFFIX = ".safetensors"


@app.callback()
def swap() -> None:
    """Swap a face for another one, in three stages."""


@app.command("extract")
def extract_faces(
    sources: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Photographs, videos, and folders.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the faces, new or of an extraction.")],
    every: Annotated[int, typer.Option(min=1, help="Of a video each so-many-th frame.")] = 1,
) -> None:
    """Cut out the faces, sorted by person, with a report and a contact sheet."""
    from ganfake.detect_files import list_files
    from ganfake.extract import extract, write
    from ganfake.extracted import SHEET, check_target

    check_target(out)
    written = out.resolve()  # within a source, its crops would be found as new faces
    files = [f for f in list_files(sources) if not Path(f).resolve().is_relative_to(written)]
    with _stoppable(), _bar() as progress:
        found = extract(files, progress, every)
    folders = write(found, out)
    say("\n".join(found.report))
    say(f"Wrote {len(folders)} folders of faces and {out / SHEET}; look at it before training.")


# -- training ------------------------------------------------------------------------
@app.command("train")
def train(
    faces: Annotated[Path, typer.Argument(help="Folder of extracted faces to become.")],
    out: Annotated[
        Path,
        typer.Option(help=f"The person's file, ending in {_SUFFIX}; state and previews beside."),
    ],
    person: Annotated[str, typer.Option(help="Whose faces; whose are most, if none.")] = "",
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Faces to replace; at half the speed."),
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.01, max=1440, help="To train now.")] = 10.0,
    seed: Annotated[int, typer.Option(help="Of a new person's random numbers.")] = 0,
) -> None:
    """Learn a new person; started again, it goes on where it stopped."""
    if out.suffix != _SUFFIX:
        raise UserError(f"The person is one file: let --out end in {_SUFFIX}.")
    state = out.with_suffix(".lesson")
    if out.exists() and not state.exists():
        raise UserError(f"{str(out)!r} is there already; name another file with --out.")
    sets = _sets(faces, person, source, out.stem)
    from ganfake.train.swap import Lesson

    lesson = Lesson.resume(state, sets) if state.exists() else Lesson(sets, seed)
    if lesson.images:
        typer.echo(f"Goes on after {lesson.images:,} faces.", err=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    again = "the same command goes on from here"
    with _stoppable(lambda: _keep(lesson, out, state), again):
        _learn(lesson, 60 * minutes, lambda: _keep(lesson, out, state))
    _keep(lesson, out, state)
    say(f"Wrote {out} after {lesson.images:,} faces; loss {_recent(lesson):.4f}.")


def _sets(faces: Path, person: str, source: Path | None, name: str) -> dict:
    """Faces (N, 128, 128, 3) of whom to replace, if given, and of whom to become, by name."""
    wanted = _of_one(faces, person)
    if source is None:
        return {name: wanted}
    return {"source" if name != "source" else "replaced": _of_one(source, ""), name: wanted}


def _of_one(folder: Path, person: str):
    from ganfake.extract import read_folder

    found = read_folder(folder).faces
    if person and person not in found:
        known = ", ".join(found)
        raise UserError(f"There is no {person!r} in {str(folder)!r}; choose one of: {known}.")
    return found[person] if person else next(iter(found.values()))


def _learn(lesson, seconds: float, keep: Callable[[], None]) -> None:
    """Steps for so many seconds, with the loss and the time left on standard error."""
    import time

    from tqdm import tqdm

    begun = saved = time.monotonic()
    shape = "{percentage:3.0f}%|{bar}| {elapsed}, {remaining} left{postfix}"
    with tqdm(total=seconds, file=sys.stderr, bar_format=shape) as bar:
        now = begun
        while now - begun < seconds:
            lesson.step()
            now = time.monotonic()
            bar.set_postfix_str(f"loss {_recent(lesson):.4f}, {lesson.images:,} faces", False)
            bar.update(min(now - begun, seconds) - bar.n)
            if now - saved > _SAVED:
                keep()
                saved = now


def _recent(lesson) -> float:
    last = lesson.losses[-50:]
    return sum(last) / max(1, len(last))


def _keep(lesson, out: Path, state: Path) -> None:
    """The person so far, the state to go on from, and a marked preview, each whole or not."""
    from PIL import Image

    from ganfake import marks, provenance
    from ganfake.persons import person_bytes
    from ganfake.weights import write_atomically

    if not lesson.losses:
        return
    lesson.save(state)
    write_atomically(out, person_bytes(lesson.person(out.stem)))
    preview = Image.fromarray(marks.stamp(lesson.preview()))
    folder = out.with_name(f"{out.stem}-previews")
    kind = "compositeWithTrainedAlgorithmicMedia"
    write_atomically(
        folder / f"{lesson.images:08}.png", provenance.encode(preview, "PNG", kind, model="swap")
    )


# -- converting ----------------------------------------------------------------------
@app.command("convert")
def convert(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pictures, videos.")],
    person: Annotated[
        str, typer.Option("--as", help="Whom to become: a name that ships, or a person's file.")
    ],
    consent: Annotated[bool, typer.Option("--consent", help=f"“{CONSENT}”")] = False,
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("swapped"),
    face: Annotated[
        int | None, typer.Option(min=0, help="Which face, 0 is the leftmost; else the largest.")
    ] = None,
    mask: Annotated[str, typer.Option(help="landmarks, oval or none.")] = "",
    colour: Annotated[str, typer.Option(help="reinhard, light or none.")] = "",
    blend: Annotated[str, typer.Option(help="alpha or poisson.")] = "",
    feather: Annotated[float | None, typer.Option(help="Soft edge, 0 to 0.3.")] = None,
    smoothing: Annotated[float | None, typer.Option(help="Of a clip, 0 to 1 seconds.")] = None,
    corner: Annotated[
        str, typer.Option(help="Of the mark: bottom or top, right or left.")
    ] = CORNERS[0],
) -> None:
    """Swap a face in pictures and videos; the results are marked as made with AI."""
    from ganfake import swap as stages

    if not consent:
        raise UserError(f"A swap needs --consent, by which you say: “{stages.CONSENT}”")
    given = {"mask": mask, "colour": colour, "blend": blend}
    given = {key: value for key, value in given.items() if value}
    given |= {k: v for k, v in (("feather", feather), ("smoothing", smoothing)) if v is not None}
    options = stages.SwapOptions(corner=corner.replace("-", " "), face=face, **given)
    stems = [file.stem for file in files]
    if twice := {stem for stem in stems if stems.count(stem) > 1}:
        raise UserError(f"Two files are called {min(twice)!r}; convert them one at a time.")
    become = _person(person)
    failed = 0
    for number, file in enumerate(files):
        written = f"{number - failed} of {len(files)} files were written"
        try:
            with _stoppable(more=written), _bar() as progress:
                say(f"Wrote {_converted(file, become, out, options, progress)}.")
        except UserError as error:
            if len(files) == 1:
                raise
            failed += 1
            typer.echo(f"{file}: {error}", err=True)
    if failed:
        typer.echo(f"{failed} of {len(files)} files could not be converted.", err=True)
        raise typer.Exit(1)


def _person(name: str):
    """A person that ships, or of a file."""
    from ganfake.images import read_file
    from ganfake.persons import MAX_BYTES, load_person, read_person

    if name.endswith(_SUFFIX):
        return read_person(read_file(Path(name), MAX_BYTES + 1))
    return load_person(name)


def _converted(file: Path, person, folder: Path, options, progress) -> Path:
    """Where the result of one file was written."""
    from ganfake.containers import MAX_BYTES, is_video
    from ganfake.images import read_file
    from ganfake.left_out import left_out
    from ganfake.swap import CONSENT, kind_for, swap_file
    from ganfake.swap_video import swap_video
    from ganfake.weights import write_atomically

    content = read_file(file, MAX_BYTES + 1)
    name = "".join(c if c.isalnum() or c in "-_" else "_" for c in person.name)
    target = folder / f"{file.stem}-as-{name}"
    if is_video(content):
        folder.mkdir(parents=True, exist_ok=True)
        target = target.with_name(target.name + ".mp4")
        spare_others(target)
        note = swap_video(content, person, target, options, CONSENT, progress).note
    else:
        ending = {"PNG": ".png", "JPEG": ".jpg"}[kind_for(content)]
        target = target.with_name(target.name + ending)
        spare_others(target)
        write_atomically(target, swap_file(content, person, options, CONSENT))
        note = left_out(content)
        progress(1.0)
    if note:
        typer.echo(f"\n{file}: {note}", err=True)
    return target


# -- on standard error ---------------------------------------------------------------
@contextmanager
def _bar() -> Iterator[Callable[[float], None]]:
    """A function that hears the share done, shown as a bar on standard error."""
    from tqdm import tqdm

    shape = "{percentage:3.0f}%|{bar}| {elapsed}, {remaining} left"
    with tqdm(total=1.0, file=sys.stderr, bar_format=shape) as bar:

        def hear(share: float) -> None:
            bar.update(max(0.0, min(share, 1.0) - bar.n))

        yield hear


@contextmanager
def _stoppable(
    tidy: Callable[[], None] | None = None, more: str = "nothing was written"
) -> Iterator:
    """Ctrl-C is a sentence and status 130, after `tidy`."""
    try:
        yield
    except KeyboardInterrupt:
        if tidy:
            tidy()
        typer.echo(f"\nStopped; {more}.", err=True)
        raise typer.Exit(130) from None
