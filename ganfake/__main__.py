"""The command line: python -m ganfake --help."""

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends the imports below without a traceback

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from ganfake import UserError
from ganfake.commands import OneSentence, say, spare_others
from ganfake.commands_detect import detect
from ganfake.commands_evaluate import app as evaluate_app
from ganfake.commands_quality import quality
from ganfake.commands_quiz import app as quiz_app
from ganfake.commands_swap import app as swap_app
from ganfake.commands_train import train_detector

app = typer.Typer(cls=OneSentence, add_completion=False, no_args_is_help=True, help=__doc__)
train_app = typer.Typer(no_args_is_help=True, help="Train the project's networks.")
app.add_typer(train_app, name="train")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(swap_app, name="swap")
app.add_typer(quiz_app, name="quiz")
app.command()(detect)
app.command()(quality)
train_app.command("detector")(train_detector)

ModelName = Annotated[str, typer.Argument(help="A name that the command models lists.")]
Truncation = Annotated[float, typer.Option(help="Below 1: cleaner, less varied.")]
Labels = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Of a conditional model: Smiling=1."),
]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="0.0.0.0 serves a classroom.")] = "",
    port: Annotated[int, typer.Option(help="0 takes the first free one from 7860.")] = 0,
    folder: Annotated[Path | None, typer.Option(help="Photographs to play with.")] = None,
) -> None:
    """Open the page (the same as python app.py)."""
    from ganfake.ui.page import serve as serve_page

    serve_page(host or None, port or None, folder)


@app.command()
def generate(
    model: ModelName,
    count: Annotated[int, typer.Option(help="How many pictures.")] = 16,
    seed: Annotated[int, typer.Option(help="The same seed makes the same pictures.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("faces"),
    truncation: Truncation = 1.0,
    labels: Labels = None,
    mix: Annotated[str, typer.Option(metavar="SEED=SHARE", help="Mix with: 5=0.3.")] = "",
    push: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=STRENGTH", help="Push along a direction: Smiling=2."),
    ] = None,
    kind: Annotated[str, typer.Option("--format", help="png, jpeg or webp.")] = "png",
) -> None:
    """Make pictures and write them as files that say they are AI-made."""
    from ganfake.generate import faces, save_faces

    changes: dict[str, Any] = {"push": _pairs("--push", "Smiling=2", push or [], float)}
    for other, share in _pairs("--mix", "5=0.3", [mix] if mix else [], float).items():
        changes |= {"mix_seed": _seed("--mix", other), "mix_share": share}
    made = faces(model, count, seed, truncation, _pairs("--set", "Smiling=1", labels or []))
    _load(model)
    paths = save_faces([replace(face, **changes) for face in made], out, kind)
    say(f"Wrote {len(paths)} pictures to {out}.")


@app.command()
def interpolate(
    model: ModelName,
    seeds: Annotated[str, typer.Option(help="Of the faces on the way: 1,2,3.")],
    out: Annotated[Path, typer.Option(help="The video, an MP4.")] = Path("walk.mp4"),
    truncation: Truncation = 1.0,
    labels: Labels = None,
    seconds: Annotated[float, typer.Option(help="From one face to the next.")] = 2.0,
    loop: Annotated[bool, typer.Option(help="Come back to the first face.")] = True,
) -> None:
    """Walk from face to face and write a video that says it is AI-made."""
    from ganfake.generate import Face
    from ganfake.walk import walk
    from ganfake.weights import write_atomically

    if out.suffix.lower() != ".mp4":
        raise UserError(f"The video is an MP4: let --out end in .mp4, not {out.suffix!r}.")
    if out.is_dir():
        raise UserError(f"{str(out)!r} is a folder; name a file with --out.")
    spare_others(out)
    asked = _pairs("--set", "Smiling=1", labels or [])
    stops = [Face(model, _seed("--seeds", s), truncation, asked) for s in seeds.split(",")]
    _load(model)
    write_atomically(out, walk(stops, seconds, loop=loop))
    say(f"Wrote {out}.")


@app.command()
def models() -> None:
    """List the models: size, training data, images seen, quality."""
    from rich.console import Console
    from rich.table import Table

    from ganfake.models import MODELS, available

    kept = available()
    table = Table("model", "px", "MB", "images", "Fréchet ratio", "data")
    for column in table.columns[1:5]:
        column.justify = "right"
    for name, model in MODELS.items():
        dashes = [str(model.config.image_size), "-", "-", "-", model.data]
        table.add_row(name, *(_measured(name) if name in kept else dashes))
    Console().print(table)
    print("Fréchet ratio: distance to photographs, over that of photographs to each other.")
    if missing := [name for name in MODELS if name not in kept]:
        print(f"No weights here: {', '.join(missing)}.")


@app.command()
def deck(
    name: Annotated[str, typer.Argument(help="Only lfw can be prepared.")],
    data_home: Annotated[Path | None, typer.Option(help="Where lfw_home is or goes.")] = None,
) -> None:
    """Fetch and align a deck of photographs ahead of the game."""
    from ganfake.quiz.decks.lfw import prepare_lfw

    if name != "lfw":
        raise UserError(f"There is no deck {name!r} to prepare; there is: lfw.")
    prepare_lfw(data_home, lambda progress: print(progress.sentence(), flush=True))


@train_app.command("gan")
def train_gan(
    model: Annotated[str, typer.Option(help="Which one; the command models lists them.")] = "dcgan",
    run: Annotated[Path | None, typer.Option(help="Folder of the run; it is resumed.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder, or aligned faces.")] = None,
    images: Annotated[int | None, typer.Option(help="Stop after so many real pictures.")] = None,
    batch: int | None = None,
    seed: int | None = None,
    learning_rate: float | None = None,
    checkpoint_every: Annotated[int | None, typer.Option(help="In images seen.")] = None,
    samples_every: Annotated[int | None, typer.Option(help="In images seen.")] = None,
    snapshot_every: Annotated[int | None, typer.Option(help="In images seen.")] = None,
) -> None:
    """Train a GAN; started again, it goes on from its last checkpoint."""
    given = {name: value for name, value in locals().items() if value is not None}
    from ganfake.folders import cache_dir, shared_dir
    from ganfake.train.gan import train_gan
    from ganfake.train.options import GANTraining

    for name in ("run", "data"):
        given.pop(name, None)
    options = GANTraining.of(**given)
    train_gan(data or shared_dir(), run or cache_dir() / "runs" / options.model, options)


@train_app.command("export")
def export(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    name: Annotated[str, typer.Option(help="Name of the weights; the model's own if none.")] = "",
    at: Annotated[int, typer.Option(help="Images seen: the nearest snapshot instead.")] = 0,
) -> None:
    """Make the weights and the card of a run's latest checkpoint, or of a snapshot."""
    from ganfake.train.export import export_gan

    print(export_gan(run, name, at))


def _pairs(option: str, example: str, words: list[str], kind: Callable = str) -> dict[str, Any]:
    """["Smiling=1"] as {"Smiling": kind("1")}; UserError for words of another form."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise UserError(f"{option} takes a pair like {example}, not {word!r}.")
        if name in found:
            raise UserError(f"{option} names {name} twice; give it once.")
        try:
            found[name] = kind(value)
        except ValueError:
            raise UserError(f"{option} takes a number after =, not {value!r}.") from None
    return found


def _seed(option: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UserError(f"{option} takes seeds, which are whole numbers, not {text!r}.") from None


def _load(model: str) -> None:
    """Have the weights read before any work; UserError when there are none, or damaged ones."""
    from ganfake.models import MODELS, available, load

    if model not in available():
        there = f"No weights of {model} are" if model in MODELS else f"No model {model!r} is"
        raise UserError(f"{there} here; there are: {', '.join(available())}.")
    try:
        load(model)
    # What torch and a dataclass say when a card and its weights do not belong together.
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError, StopIteration):
        raise _damaged(model) from None


def _measured(name: str) -> list[str]:
    """What the table says of a model that has weights; UserError when its card is damaged."""
    from ganfake.weights import read_card

    card = read_card(name)
    try:
        ratio = card.get("metrics", {}).get("ratio")
        return [
            str(card["config"]["image_size"]),
            f"{card['bytes'] / 1e6:.1f}",
            f"{card['training']['images']:,}",
            f"{ratio:.2f}" if ratio else "-",
            card["data"].partition(";")[0],
        ]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _damaged(name) from None


def _damaged(model: str) -> UserError:
    return UserError(f"The card of {model} is damaged; fetch the project's weights again.")


def main(words: list[str] | None = None) -> None:
    """Run the command line, or `words`; a mistake is one line on stderr and exit status 1."""
    app(words)


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
