"""python -m ganfake evaluate ...: measure what has been trained."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ganfake import UserError

app = typer.Typer(no_args_is_help=True, help="Measure what has been trained.")


@app.callback()
def evaluate() -> None:
    """Measure what has been trained."""


@app.command("detector")
def detector(
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("docs/detector.md"),
    data: Annotated[Path | None, typer.Option(help="Folder of the research data.")] = None,
    figures: Annotated[Path | None, typer.Option(help="All figures as JSON as well.")] = None,
    draws: Annotated[int, typer.Option(min=20, help="Of the bootstrap.")] = 1000,
) -> None:
    """Write the detector's figures, with plots in a folder beside the page.

    They are of the last training here; without one, of the table that lies in that folder.
    """
    from ganfake.folders import shared_dir
    from ganfake.train.evaluation import evaluate
    from ganfake.train.evaluation_baselines import Extras, read_extras
    from ganfake.train.evaluation_plots import plots
    from ganfake.train.evaluation_text import report
    from ganfake.train.forensics import load_faces
    from ganfake.train.score_table import PUBLISHED, publish, read_scores
    from ganfake.weights import write_atomically

    if out.suffix != ".md":
        raise UserError(f"The page is Markdown: let --out end in .md, not {out.suffix!r}.")
    folder = out.with_suffix("")
    table = read_scores(folder / PUBLISHED)
    place = data or shared_dir()
    extras = Extras.of_table(table)
    if data or place.is_dir():
        extras = read_extras(table, place, lambda: load_faces(place))
    else:
        typer.echo(f"There is no {place}: no baselines of files, no attributes.", err=True)
    found = evaluate(table, extras, draws)
    folder.mkdir(parents=True, exist_ok=True)
    publish(table, folder / PUBLISHED)
    for name, svg in plots(found).items():
        write_atomically(folder / f"{name}.svg", svg.encode())
    write_atomically(out, report(found, folder.name).encode())
    if figures:
        write_atomically(figures, json.dumps(found, indent=1).encode())
    print(f"Wrote {out} and the plots in {folder}.")
