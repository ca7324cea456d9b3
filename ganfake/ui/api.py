"""The endpoints that programs call; a person's mistake is one sentence there too."""

from dataclasses import asdict
from typing import TypedDict

import gradio as gr

from ganfake import UserError
from ganfake.generate import encode_face, faces, render
from ganfake.models import available
from ganfake.quiz import rooms
from ganfake.quiz.table import AnswerView, RoundView, Table
from ganfake.ui import payload
from ganfake.ui.addresses import data_address
from ganfake.ui.calls import turn


class MadeFace(TypedDict):
    """A picture by a model, as programs get it."""

    image: str  # a PNG as a data address; the file says that it is AI-made
    model: str
    seed: int  # makes this picture alone again, with the same truncation and attributes
    command: str  # the command line that makes it again


def shown(act, *values) -> str:
    """What `act` returns, or its error as a message on the page."""
    try:
        return act(*values)
    except UserError as error:
        raise gr.Error(str(error), duration=8, print_exception=False) from None


def build(table: Table) -> None:
    """The endpoints that programs call: /new_round, /answer and /leaderboard."""

    def new_round(
        request: gr.Request, mode: str = "pair", deck: str = "pocket", room: str = "",
        player: str = "",
    ) -> RoundView:  # fmt: skip
        """Deal a round, or give the unanswered one again.

        mode: pair, single, timed or daily. deck: pocket, lfw or folder. room: a room's
        code or ''. player: the secret of an earlier round to go on with; '' stands for
        the calling session. Pictures are JPEG data addresses.
        """
        token = table.token(player, session=request.session_hash or "")
        return shown(table.new_round, token, mode, deck, room)

    def answer(round: str, choice: str, sure: str = "") -> AnswerView:
        """Answer a round once. choice: left or right, real or fake; sure: sure, unsure or ''."""
        return shown(table.answer, round, choice, sure)

    def leaderboard(room: str = "") -> list[dict]:
        """Named players, best first, of a room or of everybody."""
        code = shown(rooms.clean_code, table.scores, room)
        return [asdict(s) for s in rooms.leaderboard(table.scores, code)]

    for endpoint in (new_round, answer, leaderboard):
        gr.api(endpoint, api_name=endpoint.__name__, concurrency_limit=None)
    build_generate()


def build_generate() -> None:
    """The endpoint /generate."""

    def generate(
        model: str = "dcgan", count: int = 1, seed: int = 0, truncation: float = 1.0,
        attributes: dict[str, str] | None = None,
    ) -> list[MadeFace]:  # fmt: skip
        """Make pictures with a trained GAN; the same arguments make the same pictures.

        Every picture is a PNG whose file says that it is made by AI, by which model and seed.

        Args:
            model: One of MODELS.
            count: How many, 1 to 64.
            seed: A whole number, 0 to 2**63 - 1.
            truncation: Above 0, up to 1; less gives more ordinary pictures.
            attributes: What is asked of a conditional model: {"Smiling": "1", "Hair": "blond"}

        Returns:
            A list with, for each picture: image (a data address), model, seed, command.
        """
        return shown(make_faces, model, count, seed, truncation, attributes)

    generate.__doc__ = generate.__doc__.replace("MODELS", ", ".join(available()))
    gr.api(generate, api_name="generate", concurrency_id="gpu", concurrency_limit=1)


def make_faces(
    model: str, count: int, seed: int, truncation: float, attributes: dict[str, str] | None
) -> list[MadeFace]:
    """What /generate does; UserError for values out of range or of another type."""
    made = faces(
        payload.read_model(model),
        payload.read_count(count),
        payload.read_seed(seed),
        payload.read_number(truncation, "Truncation"),
        payload.read_labels(attributes),
    )
    with turn():
        pictures = render(made)
    return [
        MadeFace(
            image=data_address(encode_face(face, picture), "image/png"),
            model=face.model,
            seed=face.seed,
            command=face.command(),
        )
        for face, picture in zip(made, pictures, strict=True)
    ]
