"""A face in a report's page: its verdict, its crops, where the network looked, bars and plots."""

import base64
from html import escape

import numpy as np
from PIL import Image

from ganfake import check_plot as plots
from ganfake import explain, provenance
from ganfake import report_words as words
from ganfake.fileinfo import FileFacts
from ganfake.frames import MAX_SECONDS
from ganfake.images import encode_jpeg

_QUALITY = 85
_EXPLAINED = 8  # faces with a heat map and a spectrum; each takes about a quarter of a second


def odds(face, seen: words.Frequency) -> str:
    """What the score means. Of a finding, `words.wrong_words` says that half were fake."""
    uncertain = face.verdict == "uncertain"
    return words.odds_of_half(seen) if uncertain else words.odds(seen)


def address(picture: Image.Image, facts: FileFacts) -> str:
    """A JPEG as a data: address; a mark of its origin that the file has stays with it."""
    if facts.source_type:
        origin = {"model": facts.model or None, "seed": facts.seed}
        content = provenance.encode(picture, "JPEG", facts.source_type, quality=_QUALITY, **origin)
    else:
        content = encode_jpeg(picture, _QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(content).decode()


def sections(checked, facts: FileFacts) -> str:
    """All about each face; the most suspicious ones with a heat map and a spectrum."""
    numbered = [*enumerate(checked.faces, 1)]
    order = sorted(numbered, key=lambda pair: pair[1].suspicion, reverse=True)
    judged = [number for number, face in order if face.judged]
    told = ""
    if len(judged) > _EXPLAINED:
        told = (
            f'<p class="quiet">Heat maps and spectra stand beside the {_EXPLAINED} most suspicious'
            f" of {len(judged)}.</p>"
        )
    return told + "".join(
        _section(number, face, facts, checked, number in judged[:_EXPLAINED])
        for number, face in numbered
    )


def _section(number: int, face, facts: FileFacts, checked, explained: bool) -> str:
    """All about one face."""
    what = "Person" if checked.kind == "video" else "Face"
    texts, why = [face.reason], ""
    crops = _crops(number, face, facts, checked, explained)
    if face.judged:
        seen = words.frequency(face.probability_fake)
        texts += [
            f"Probability of fake: {words.percent(face.probability_fake)}.",
            odds(face, seen),
            words.generator_words(face.verdict, face.generator, face.generators),
        ]
        why = (
            f"<h4>How often such a finding is wrong</h4>"
            f"<p>{escape(words.wrong_words(face.verdict, seen))}</p>"
            f"<h4>What each expert says</h4>{_bars(face.experts)}"
            f"{_timeline(number, checked)}{_spectrum(number, face, checked) if explained else ''}"
        )
    return (
        f'<section class="face"><h3>{what} {number}: '
        f'<span class="verdict {face.verdict}">{words.SIGNS[face.verdict]} '
        f"{words.TITLES[face.verdict]}</span></h3>"
        f'<div class="pair"><div class="crops">{crops}</div>'
        f"<div>{''.join(f'<p>{escape(text)}</p>' for text in texts if text)}</div></div>"
        f"{why}</section>"
    )


def _crops(number: int, face, facts: FileFacts, checked, explained: bool) -> str:
    """The aligned face; of a person in a video the most telling frames. explained: with the first
    of them as the large network saw it."""
    frames = _frames(number, face, checked)
    shown = []
    for time, crop in frames:
        at = "" if time is None else f"<figcaption>at {time:.1f} s</figcaption>"
        small = address(Image.fromarray(np.asarray(crop, np.uint8)), facts)
        shown.append(f'<figure><img src="{small}" width="160" height="160" alt="">{at}</figure>')
    if explained:
        glowing = Image.fromarray(explain.glowing(np.asarray(frames[0][1], np.uint8)))
        shown.insert(1, f'<figure><img src="{address(glowing, facts)}" width="160" height="160"'
                        ' alt="Heat map over the face"><figcaption>bright: where the large network'
                        " found signs of a fake</figcaption></figure>")  # fmt: skip
    return "".join(shown)


def _frames(number: int, face, checked) -> list[tuple[float | None, np.ndarray]]:
    """(seconds, crop) of a person's most telling frames; of a face (None, its crop)."""
    clip = checked.clip
    return clip.persons[number - 1].telling[:3] if clip else [(None, face.crop)]


def _spectrum(number: int, face, checked) -> str:
    """The spectrum of the face, or of the most telling frame, over that of photographs."""
    time, crop = _frames(number, face, checked)[0]
    family = "" if face.verdict == "real" else face.generator
    found = explain.spectrum_against_real(np.asarray(crop, np.uint8), family)
    at = "" if time is None else f'<p class="quiet">The face at {time:.1f} s</p>'
    return (
        f"<h4>Its fine detail against real photographs</h4>{at}"
        f'<div class="plot">{plots.spectrum_plot(found, words.SHORT.get(family, family))}</div>'
        f"<p>{escape(plots.spectrum_words(found))}</p>"
    )


def _timeline(number: int, checked) -> str:
    """The probability of fake over a video; "" for a picture."""
    clip = checked.clip
    if not clip:
        return ""
    drawn = plots.timeline_plot(clip.persons[number - 1], min(clip.duration, MAX_SECONDS), number)
    return f'<h4>Over time</h4><div class="plot">{drawn}</div>'


def _bars(experts: dict[str, float]) -> str:
    """Each expert's probability of fake as a bar with its number."""
    rows = []
    for name, value in experts.items():
        title, meaning = words.EXPERTS.get(name, (name, ""))
        width = 100 * min(max(float(value), 0.0), 1.0)
        rows.append(
            f'<li><span class="who"><b>{escape(title)}</b> <small>{escape(meaning)}</small></span>'
            f'<span class="rail"><i style="width:{width:.1f}%"></i></span>'
            f'<span class="number">{words.percent(value)}</span></li>'
        )
    scale = '<li class="scale"><span></span><span>real <em>fake</em></span><span></span></li>'
    return f'<ul class="bars">{scale}{"".join(rows)}</ul>'
