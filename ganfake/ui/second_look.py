"""What Check says of a picture of the game, for rounds with a second look."""

import numpy as np

from ganfake.detect import check_picture
from ganfake.experts.reasons import SMALL
from ganfake.images import open_picture
from ganfake.jpeg_traces import jpeg_quality
from ganfake.quiz.second import second_look
from ganfake.quiz.table import Table
from ganfake.ui import check_view as view
from ganfake.ui.calls import once, turn

TINY = "This deck's pictures have too few pixels for Check; choose another deck to hear more."


def look(table: Table, said: dict) -> dict:
    """Take a first answer, and give back the machine's opinion; never the truth."""
    round_id = str(said.get("round"))
    content = table.game.open_round(round_id, "second").pictures[0]
    taken = second_look(table.game, round_id, str(said.get("choice")), _judge)
    return {"first": taken.first, **opinion(content)}


def _judge(content: bytes) -> tuple[str, float | None]:
    seen = opinion(content)
    return seen["verdict"], seen["probability"]


@once(256)  # a page that is reloaded asks again; no two rounds have one picture
def opinion(content: bytes) -> dict:
    """Verdict, reason and bars for a served JPEG. No mark is read: the game's pictures have none.

    Without a face "probability" is None. There are no bars then, nor for one that cannot be judged.
    """
    with turn():
        checked = check_picture(np.asarray(open_picture(content)), jpeg_quality(content))
    if not checked.faces:
        return {
            "verdict": "uncertain", "title": view.NO_FACE, "probability": None, "percent": "",
            "odds": "", "reason": checked.reason, "experts": [],
        }  # fmt: skip
    chance = checked.probability_fake
    deciding = next(face for face in checked.faces if face.probability_fake == chance)
    found = view.verdict_view(checked.verdict, chance, checked.reason)
    if checked.reason == SMALL:  # which tells to use a larger picture: no player can
        found["reason"] = TINY
    return {**found, "experts": view.experts_view(deciding.experts) if deciding.judged else []}
