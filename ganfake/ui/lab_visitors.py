"""Every visitor's own GAN lab, and when it is given back."""

from ganfake.lab import Knobs, LabGAN
from ganfake.ui import visitors

MOST = 8  # labs at once
IDLE = 300.0  # seconds after which a lab that nobody touches is freed


class Visit(visitors.Visit):
    """One visitor's lab."""

    def __init__(self, lab: LabGAN):
        super().__init__()
        self.lab = lab


class Visitors(visitors.Visits[Visit]):
    """Labs by session; they leave when their page does, or when nobody touches them."""

    def __init__(self, most: int = MOST, idle: float = IDLE):
        super().__init__(most, idle)

    def open(self, session: str, network: str, knobs: Knobs, fresh: bool = False) -> Visit:
        """A session's visit with this network, new where there is none or `fresh` says so.

        Training that goes on continues with the new lab. UserError when all are taken.
        """
        full = f"All {self._most} labs are in use by other visitors; try again in a few minutes."
        visit = self._entered(session, lambda: Visit(LabGAN(network, knobs)), full)
        with visit.lock:
            if fresh or visit.lab.network != network:
                visit.lab = LabGAN(network, knobs, visit.lab.seed + 1)
            elif visit.lab.knobs != knobs:
                visit.lab.turn(knobs)
        return visit
