"""Verdicts, experts and generators in the words of a report, and how often a finding is wrong."""

from ganfake.checked import Checked, Clip, in_hundred, percent
from ganfake.experts import ensemble
from ganfake.experts.ensemble import Frequency

TITLES = {"fake": "Probably fake", "real": "Probably real", "uncertain": "Uncertain"}
SIGNS = {"fake": "▲", "real": "●", "uncertain": "◆"}  # so that colour is not all there is
# An expert's name, and what it looks at.
EXPERTS = {
    "colour": ("Colours", "How light and colours are spread."),
    "spectrum": ("Fine detail", "How much detail there is of every fineness."),
    "residual": ("Neighbouring pixels", "How they go together once the picture is taken away."),
    "mesonet": ("Small network", "MesoNet: textures of middle size, such as eyes, teeth, skin."),
    "mobilenet": ("Large network", "MobileNetV2: the face as a whole."),
    "warp": ("Pasted face", "Whether the face is sharper or softer than what surrounds it."),
    "typicality": ("Typicality", "How ordinary the face is; made faces often are more so."),
}  # fmt: skip
GENERATORS = {
    "ours": "one of this project's own models",
    "StyleGAN": "StyleGAN",
    "ProGAN": "ProGAN",
    "BEGAN": "BEGAN",
    "StarGAN": "StarGAN, which changes photographs",
    "DCGAN": "a DCGAN",
    "composite": "a composite made by hand from photographs",
    "swap": "a face swap by an autoencoder",
}
# Families where there is little room.
SHORT = {"ours": "this project", "composite": "composites", "swap": "face swaps"}
GUIDE = "How often such a score is wrong was counted on photos; for a video it is a guide."
HALF = (
    " Half of all those photos were fake; where fakes are rarer, more of what scores like this is"
    " real."
)
CROWD = 12  # boxes in a picture, beyond which numbers at small ones would lie on each other
SOME_UNJUDGED = "Those that cannot be judged do not count."
NAMES_AI = "The file itself names AI as its origin: see “What the file itself says”."
RARE = 0.01  # share of fakes in the example of a world where they are rare
LIMITS = (
    "This report is not proof. It says what a program measured, and a program can be wrong.",
    "The verdict is about the pixels of faces. It does not tell whether a caption is true, whether"
    " a real photograph was taken where and when somebody claims, or whether anything besides the"
    " faces was altered.",
    "The program knows the ways of making fakes that it was trained on. A newer way may pass as"
    " real; small, blurred or strongly compressed pictures hide the traces of any way.",
    "Before publishing, look for the original file, its source, and other pictures of the same"
    " moment.",
)


def _about(share: float) -> str:
    """A count out of 100 that was measured, in words where it is next to none or all."""
    number = round(100 * share)
    return "fewer than 1" if number < 1 else "more than 99" if number > 99 else f"about {number}"


def odds(seen: Frequency) -> str:
    """What a score means: how many held-out pictures with such a score were fake."""
    if not seen.of:
        return "No held-out picture scored like this, so nobody can say what it means."
    return (
        f"Of 100 held-out photos that score like this, {_about(seen.fake / seen.of)} were fake"
        f" (measured on {seen.of:,}; 95 % interval: {100 * seen.low:.0f} to {100 * seen.high:.0f})."
    )


def odds_of_half(seen: Frequency) -> str:
    """The same with what half of them being fake means, where nothing else beside it says so."""
    return odds(seen) + (HALF if seen.of else "")


def wrong(verdict: str, seen: Frequency) -> dict[str, float] | None:
    """How often such a finding was wrong: share, low and high (95 %); None for no finding."""
    if verdict not in ("fake", "real") or not seen.of:
        return None
    if verdict == "real":
        return {"share": seen.fake / seen.of, "low": seen.low, "high": seen.high}
    return {"share": 1 - seen.fake / seen.of, "low": 1 - seen.high, "high": 1 - seen.low}


def wrong_words(verdict: str, seen: Frequency) -> str:
    """The same as sentences, with what changes where fakes are rare."""
    share = wrong(verdict, seen)
    if share is None:
        return "The program makes no finding here, so there is none that could be wrong."
    instead = "real photographs" if verdict == "fake" else "fakes"
    words = (
        f"Such a finding was wrong for {_about(share['share'])} of 100 held-out photos: the faces"
        f" were {instead} (95 % interval: {100 * share['low']:.0f} to {100 * share['high']:.0f})."
        " Half of those photos were fake."
    )
    if verdict == "fake":
        likely = (seen.fake + 0.5) / (seen.of + 1)  # never all or nothing, as counts can be
        right = likely * RARE / (likely * RARE + (1 - likely) * (1 - RARE))
        words += (
            f" Where only 1 in 100 pictures is fake, about {in_hundred(right)} of 100 such findings"
            " would be right."
        )
    return words


def several(count: int) -> str:
    """How the verdict on a file comes about in which `count` faces or persons count."""
    return (
        f"All count together, for among {count} one may look fake by chance; how often a finding is"
        " wrong was counted for single faces."
    )


def pointer(names_ai: bool, verdict: str) -> str:
    """Where a file that names AI says so, if the verdict on its pixels does not; "" else."""
    return NAMES_AI if names_ai and verdict != "fake" else ""


def caveats(kind: str, count: int) -> list[str]:
    """How far the rates of error hold for a file of this kind ("video"), of whose faces `count`
    can be judged."""
    return [several(count)] * (count > 1) + [GUIDE] * (kind == "video" and count > 0)


def generator_words(verdict: str, generator: str, shares: dict[str, float]) -> str:
    """One sentence about where a fake may come from; "" where nothing is said of it."""
    if verdict == "real" or not generator:
        return ""
    if generator == "unknown":
        return "If it is fake, its traces point to no generator that this program knows."
    share = shares.get(generator)
    sure = f" ({percent(share)} of the weight)" if share is not None else ""
    return f"If it is fake, the traces are most like {GENERATORS.get(generator, generator)}{sure}."


def looked_at(clip: Clip) -> str:
    """How much of a video was looked at."""
    frames = "1 frame was" if clip.frames == 1 else f"{clip.frames} frames were"
    return f"Length {clip.duration:.1f} s, of which {frames} looked at."


def summary(checked: Checked) -> str:
    """How many faces or persons there are, and what each was found to be."""
    verdicts = [face.verdict for face in checked.faces]
    what = "person" if checked.kind == "video" else "face"
    if not verdicts:
        return "No face was found, so nothing can be said of this file's pixels."
    if len(verdicts) == 1:
        return f"One {what} was found."
    counts = [(verdicts.count(v), TITLES[v].lower()) for v in TITLES if v in verdicts]
    each = ", ".join(f"{count} {words}" for count, words in counts)
    some = f" {SOME_UNJUDGED}" if checked.some_unjudged else ""
    return f"{len(verdicts)} {what}s were found: {each}.{some}"


def frequency(probability: float) -> Frequency:
    """Held-out pictures that scored like this."""
    return ensemble.frequency(probability)
