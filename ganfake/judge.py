"""What a model's own discriminator thinks of the faces that the model made."""

from bisect import bisect_left
from dataclasses import dataclass

import torch

from ganfake import UserError
from ganfake.codes import asked_labels, drawn_labels
from ganfake.generate import Face, codes, render_codes
from ganfake.models import load, load_discriminator
from ganfake.weights import list_weights, read_card


@dataclass(frozen=True)
class Opinion:
    """A discriminator's score of one picture, and how it compares with photographs.

    share: the part (0 to 1) of held-out photographs to which it gives a lower score.
    """

    score: float
    share: float

    def words(self) -> str:
        """The opinion as one sentence."""
        if self.share < 0.005:
            return "Its discriminator finds every photograph more real."
        return f"Its discriminator finds it more real than {self.share:.0%} of photographs."


@torch.inference_mode()
def judge(made: list[Face]) -> list[Opinion]:
    """Opinions on faces of one model; UserError when its discriminator is not kept."""
    if not made:
        return []
    name = made[0].model
    model = load(name)
    if f"{name}-discriminator" not in list_weights():
        raise UserError(f"The discriminator of {name} was not kept; ask another model.")
    discriminator = load_discriminator(name)
    ordered = read_card(f"{name}-discriminator")["real_scores"]  # quantiles, ascending
    labels = None
    if model.fields:
        rows = [drawn_labels(model, asked_labels(model, f.labels), f.seed) for f in made]
        labels = torch.cat(rows).to(model.device)
    pictures = render_codes(name, codes(made)).to(model.device)
    scores = discriminator(pictures, labels).float().cpu().tolist()
    return [Opinion(s, bisect_left(ordered, s) / len(ordered)) for s in scores]
