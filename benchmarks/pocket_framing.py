"""How the pocket deck's crops are framed: `python -m benchmarks.pocket_framing`.

Prints the median and the spread (half the 16-84 % range) of the similarity from the
template to the landmarks MTCNN finds; the constants in quiz/decks/pocket.py come from it.
"""

import cv2
import numpy as np
from facenet_pytorch import MTCNN
from skimage.transform import SimilarityTransform

from ganfake.faces import TEMPLATE
from ganfake.quiz.decks.pocket import TEMPLATE_CENTRE, PocketDeck

ZOOM, BORDER = 200, 60  # MTCNN needs bigger faces with room around them


def main() -> None:
    mtcnn = MTCNN(min_face_size=40, thresholds=[0.5, 0.6, 0.6])
    deck, found = PocketDeck(), []
    for index in range(len(deck)):
        face = cv2.resize(deck.face(index), (ZOOM, ZOOM), interpolation=cv2.INTER_CUBIC)
        face = cv2.copyMakeBorder(face, *[BORDER] * 4, cv2.BORDER_REPLICATE)
        boxes, _, points = mtcnn.detect(face, landmarks=True)
        if boxes is None:
            continue
        middle = np.array([[b[0] + b[2], b[1] + b[3]] for b in boxes], float) / 2
        nearest = np.abs(middle - (BORDER + ZOOM / 2)).sum(axis=1).argmin()
        landmarks = (np.array(points[nearest], float) - BORDER) / ZOOM
        fit = SimilarityTransform.from_estimate(TEMPLATE, landmarks)
        found.append([fit.scale, np.degrees(fit.rotation), *fit([TEMPLATE_CENTRE])[0]])
    low, median, high = np.percentile(found, [16, 50, 84], axis=0)
    print(f"{len(found)} of {len(deck)} faces found")
    for name, *row in zip(
        ("scale", "rotation", "centre x", "centre y"), median, (high - low) / 2, strict=True
    ):
        print(f"{name:9} median {row[0]:7.3f}  spread {row[1]:6.3f}")


if __name__ == "__main__":
    main()
