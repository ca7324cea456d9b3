"""Why a face is uncertain, in a sentence each."""

SMALL = "The face has too few pixels to be judged; use a larger picture of it."
NOVEL = "The picture is unlike anything the experts learned from, so their word counts little."
DRAWING = "It looks drawn, with areas of one colour, and the experts only know photographs."
SOFT = "It is small or soft, and such photographs are easily taken for fakes; use a sharper one."
CLOSE = "The evidence does not point clearly either way."
RATHER_FAKE = "It looks rather fake, but too many real photographs score like this to call it so."
RATHER_REAL = "It looks rather real, but too many fakes score like this to call it so."
CUT_OUT = "All its corners have one colour, and a cut-out easily passes for real; use the whole."
COMPRESSED = "It was saved as a JPEG of very low quality, which hides traces; use an earlier copy."
DIVIDED = "The experts contradict each other."
AMONG = "A face looks fake, but beside the others that is not enough for the whole."
CUT_OFF = "The face is cut off by the border of the picture, so it cannot be judged."
# For which the probability alone decided nothing, or what it is made of.
UNDECIDED = (SOFT, CLOSE, RATHER_FAKE, RATHER_REAL, DIVIDED)
# Reasons for which nothing that was measured of a face is worth showing, and for which it does not
# count for a picture that has others.
UNJUDGED = (SMALL, CUT_OFF, DRAWING)
# Of a frame, for which it does not count for its person: there are others of the same face, which
# may be more like what the experts know, and a cut-out stays one.
UNFIT = (*UNJUDGED, NOVEL, CUT_OUT)
# For which a picture is not called real, whatever its other faces are.
DOUBTED = (NOVEL, CUT_OUT, COMPRESSED)
