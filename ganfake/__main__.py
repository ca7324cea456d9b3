"""The command line: python -m ganfake --help."""

from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer

from ganfake import UserError

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
train_app = typer.Typer(no_args_is_help=True, help="Train the project's networks.")
app.add_typer(train_app, name="train")


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
    model: Annotated[str, typer.Argument(help="A model, dcgan for one.")],
    count: Annotated[int, typer.Option(help="How many pictures.")] = 16,
    seed: Annotated[int, typer.Option(help="The same seed makes the same pictures.")] = 0,
    truncation: Annotated[float, typer.Option(help="Below 1: cleaner, less varied.")] = 1.0,
    out: Annotated[Path, typer.Option(help="Folder for the PNGs.")] = Path("faces"),
) -> None:
    """Make faces and write them as PNGs that say they are AI-made."""
    from ganfake.generate import save_faces

    paths = save_faces(model, count, seed, truncation, out)
    print(f"Wrote {len(paths)} pictures to {out}.")


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
    run: Annotated[Path | None, typer.Option(help="Folder of the run; it is resumed.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder, or aligned faces.")] = None,
    images: Annotated[int, typer.Option(help="Stop after so many real pictures.")] = 1_500_000,
    batch: int = 32,
    seed: int = 0,
    checkpoint_every: Annotated[int, typer.Option(help="In images seen.")] = 5_000,
    samples_every: Annotated[int, typer.Option(help="In images seen.")] = 20_000,
    snapshot_every: Annotated[int, typer.Option(help="In images seen.")] = 50_000,
) -> None:
    """Train the DCGAN on faces; started again, it goes on from its last checkpoint."""
    from ganfake.folders import cache_dir, shared_dir
    from ganfake.train.gan import GANTraining, train_gan

    given = locals()
    options = GANTraining(**{f.name: given[f.name] for f in fields(GANTraining) if f.name in given})
    train_gan(data or shared_dir(), run or cache_dir() / "runs" / "dcgan", options)


@train_app.command("export")
def export(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    name: Annotated[str, typer.Option(help="Name of the weights.")] = "dcgan",
    at: Annotated[int, typer.Option(help="Images seen: the nearest snapshot instead.")] = 0,
) -> None:
    """Make the weights and the card of a run's latest checkpoint, or of a snapshot."""
    from ganfake.train.export import export_gan

    print(export_gan(run, name, at))


def main() -> None:
    """Run the command line; a person's mistake is one line and exit status 1."""
    try:
        app(standalone_mode=True)
    except UserError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
