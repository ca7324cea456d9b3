"""The command `quiz`: what whoever runs the server may do about tomorrow's quiz."""

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Look after the game of a running server.")


@app.callback()
def quiz() -> None:
    """Look after the game of a running server."""


@app.command()
def tomorrow(
    remove: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Take this picture out.")
    ] = None,
) -> None:
    """List the pictures that visitors put into a daily challenge, or take one out."""
    from ganfake.folders import data_dir
    from ganfake.quiz.scores import open_scores
    from ganfake.quiz.tomorrow import Tomorrow

    scores, note = open_scores(data_dir())
    if note:
        typer.echo(note, err=True)
    guests = Tomorrow(scores)
    if remove is not None:
        guests.remove(remove)
        typer.echo(f"Picture {remove} is out.")
        return
    listed = guests.listed()
    for one in listed:
        typer.echo(f"{one['id']:>4}  {one['day']}  {one['made_by']}  put in by {one['who']}")
    if not listed:
        typer.echo("Nobody has put a picture in.")
