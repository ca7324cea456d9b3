"""What was found, in words a person understands, and as plain values for the tab's script."""

from ganfake import report_words as words
from ganfake.check_plot import timeline_plot
from ganfake.experts.ensemble import UNKNOWN
from ganfake.experts.reasons import UNJUDGED
from ganfake.frames import MAX_SECONDS
from ganfake.provenance import Mark
from ganfake.ui.addresses import picture_address

NO_FACE = "No face"
LARGER = "Try a picture in which a face is larger, and seen from the front."


def odds(probability: float) -> str:
    """What a score means: how many held-out pictures with such a score were fake."""
    return words.odds_of_half(words.frequency(probability))


def summary(verdicts: list[str], verdict: str | None, what: str = "face") -> str:
    """One sentence for the live region: how many faces, and what each was found to be."""
    if not verdicts:
        return f"{NO_FACE} was found."
    if len(verdicts) == 1:
        return f"One {what}: {words.TITLES[verdicts[0]].lower()}."
    counts = [(verdicts.count(v), words.TITLES[v].lower()) for v in words.TITLES if v in verdicts]
    each = ", ".join(f"{count} {title}" for count, title in counts)
    whole = f" Altogether: {words.TITLES[verdict].lower()}." if verdict in words.TITLES else ""
    return f"{len(verdicts)} {what}s: {each}.{whole}"


# -- one face ------------------------------------------------------------------------
def face_view(index: int, face, size: tuple[int, int], mark: Mark | None) -> dict:
    """A checked face for the script. size: (width, height) of the picture it is in."""
    x0, y0, x1, y1 = face.box
    width, height = size
    return {
        "index": index,
        "box": [x0 / width, y0 / height, x1 / width, y1 / height],
        "crop": picture_address(face.crop, mark),
        **verdict_view(face.verdict, face.probability_fake, face.reason),
        **why_view(face),
    }


def person_view(index: int, person, duration: float, mark: Mark | None) -> dict:
    """One person of a video for the script: as a face, with a timeline and telling frames."""
    frames = []
    for (time, crop), experts in zip(person.telling, person.telling_experts, strict=True):
        at = person.times.index(time)
        frames.append({
            "time": round(time, 2),
            "words": f"{time:.1f} s, {words.percent(person.probabilities[at])}",
            "verdict": person.verdicts[at],
            "crop": picture_address(crop, mark),
            "experts": {name: words.percent(value) for name, value in experts.items()},
        })  # fmt: skip
    return {
        "index": index,
        "crop": frames[0]["crop"],
        **verdict_view(person.verdict, person.probability_fake, person.reason),
        **why_view(person),
        # Of a longer video no more was looked at: its rest would be an empty plot.
        "timeline": timeline_plot(person, min(duration, MAX_SECONDS), index + 1),
        "frames": frames,
    }


def verdict_view(verdict: str, probability: float, reason: str) -> dict:
    """Verdict, reason, number and words; no number where the face cannot be judged."""
    unjudged = reason in UNJUDGED
    return {
        "verdict": verdict,
        "title": words.TITLES[verdict],
        "percent": "" if unjudged else words.percent(probability),
        "probability": round(probability, 4),
        "odds": "" if unjudged else odds(probability),
        "reason": reason,
    }


def why_view(face) -> dict:
    """What stands behind the verdict on a face or a person; nothing where it cannot be judged."""
    if face.reason in UNJUDGED:
        return {"judged": False, "experts": [], "generator": "", "families": []}
    return {
        "judged": True,
        "experts": experts_view(face.experts),
        "generator": words.generator_words(face.verdict, face.generator, face.generators),
        "families": families_view(face.verdict, face.generator, face.generators),
    }


def experts_view(experts: dict[str, float]) -> list[dict]:
    """Rows of the bars, in the experts' own order."""
    rows = []
    for name, value in experts.items():
        title, meaning = words.EXPERTS.get(name, (name, ""))
        leans = "cannot say" if abs(value - 0.5) < 0.1 else "fake" if value > 0.5 else "real"
        rows.append(
            {"name": name, "title": title, "meaning": meaning, "value": round(float(value), 4),
             "percent": words.percent(value), "leans": leans}
        )  # fmt: skip
    return rows


def families_view(verdict: str, generator: str, shares: dict[str, float]) -> list[dict]:
    """The likeliest families of generators with their shares; none for a real face, nor where
    the words beside them say that the traces point to none."""
    if verdict == "real" or generator == UNKNOWN:
        return []
    best = sorted(shares.items(), key=lambda row: -row[1])[:4]
    return [
        {"name": words.SHORT.get(name, name), "percent": _weight(share), "share": round(share, 4)}
        for name, share in best
        if share > 0
    ]


def _weight(share: float) -> str:
    """A share of a whole; that a small one were 1 % would make all together more than it."""
    return "<1\N{NO-BREAK SPACE}%" if share < 0.005 else words.percent(share)
