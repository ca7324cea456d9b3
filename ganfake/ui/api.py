"""The endpoints that programs call; a person's mistake is one sentence there too."""

from dataclasses import asdict

import gradio as gr

from ganfake import UserError
from ganfake.quiz import rooms
from ganfake.quiz.table import AnswerView, RoundView, Table


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
