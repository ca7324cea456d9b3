"""python -m ganfake quality: the quality study, from committed weights and logs."""

import json
from pathlib import Path
from typing import Annotated

import typer

QUICK = 500  # pictures of a model


def quality(
    quick: Annotated[
        bool, typer.Option("--quick", help="500 pictures of each model that ships, in minutes.")
    ] = False,
    pictures: Annotated[
        int | None, typer.Option(min=50, help="Of each model; 2,000, or 500 for --quick.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder; docs, or build/quality for --quick.")
    ] = None,
) -> None:
    """Measure which GAN makes the best pictures, and test a published study; trains nothing.

    Needs the research data (GANFAKE_SHARED), for photographs that no training saw.
    """
    from ganfake.train.distances import COUNT
    from ganfake.train.seeds import read_records
    from ganfake.train.study import study
    from ganfake.train.study_claims import judge
    from ganfake.train.study_plots import plots
    from ganfake.train.study_text import report
    from ganfake.weights import write_atomically

    runs = read_records()
    found = {
        "command": "python -m ganfake quality"
        + (" --quick" if quick else "")
        + (f" --pictures {pictures}" if pictures else ""),
        **study(pictures or (QUICK if quick else COUNT)),
    }
    finals = {model: [run["final"] for run in part] for model, part in runs.items()}
    found["claims"] = [
        claim
        for kind, entry in found["kinds"].items()
        for claim in judge(kind, entry["rows"], finals if kind == "cars" else {})
    ]
    place = out or Path("build/quality" if quick else "docs")
    folder = place / "quality"
    write_atomically(folder / "quality.json", (json.dumps(found, indent=1) + "\n").encode())
    found["runs"] = runs
    for name, svg in plots(found).items():
        write_atomically(folder / f"{name}.svg", svg.encode())
    write_atomically(place / "quality.md", report(found, folder.name).encode())
    for claim in found["claims"]:
        print("{kind}, {claim}, by {measure}, for {about}: {verdict}".format(**claim))
    print(f"Wrote {place / 'quality.md'} and the plots and figures in {folder}.")
