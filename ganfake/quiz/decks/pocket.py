"""The pocket deck: 100 real faces that come inside scikit-image."""

from functools import cached_property

import numpy as np
from skimage.data import lfw_subset
from skimage.transform import SimilarityTransform

from ganfake.faces import TEMPLATE
from ganfake.quiz.decks.base import Deck

# How the crops of `lfw_subset` sit against the template, measured with MTCNN on all of
# them (`python -m benchmarks.pocket_framing`): they are tighter, a little rotated, and
# not aligned by the eyes, so the framing of a fake must vary as theirs does.
_SCALE, _SCALE_SD = 1.536, 0.090
_ROTATION, _ROTATION_SD = -2.08, 3.18  # degrees
_CENTRE, _CENTRE_SD = (0.437, 0.496), (0.052, 0.021)  # where TEMPLATE_CENTRE lies
TEMPLATE_CENTRE = (0.5, 0.55)


class PocketDeck(Deck):
    """Labeled Faces in the Wild at 25 x 25 pixels, grey; needs no network and no disk."""

    name = "pocket"
    title = "Pocket"
    about = (
        "100 photographs of 25 × 25 pixels, in grey: small, but always here."
        " For sharper ones open “Better photographs” below."
    )
    size = 25
    grey = True

    @cached_property
    def _faces(self) -> np.ndarray:
        # The subset holds 100 faces, then 100 crops that are not faces.
        grey = np.round(lfw_subset()[:100] * 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=3)

    def __len__(self) -> int:
        return 100

    def face(self, index: int) -> np.ndarray:
        return self._faces[index]

    def framing(self, rng: np.random.Generator) -> np.ndarray:
        turn = SimilarityTransform(
            scale=rng.normal(_SCALE, _SCALE_SD),
            rotation=np.radians(rng.normal(_ROTATION, _ROTATION_SD)),
        )
        centre = rng.normal(_CENTRE, _CENTRE_SD)
        return turn(TEMPLATE - TEMPLATE_CENTRE) + centre
