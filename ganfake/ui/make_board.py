"""What the Make tab's script may ask of the server: plain values in, plain values out."""

from dataclasses import replace

from PIL import Image

from ganfake import UserError
from ganfake.codes import asked_labels, directions, drawn_labels
from ganfake.generate import MAX_PUSH, Face, codes, encode_face, faces, render
from ganfake.judge import Opinion, judge
from ganfake.models import MODELS, available, find_model, load
from ganfake.ui import payload
from ganfake.ui.addresses import data_address
from ganfake.ui.calls import guarded, turn
from ganfake.ui.links import read_link
from ganfake.ui.make_files import files
from ganfake.ui.payload import face_view, read_face, read_model, read_number
from ganfake.weights import read_card

_NO_YES = {"0": "no", "1": "yes"}
# What a model's pictures are called, and those that its discriminator compares them with.
_NOUNS = {
    "faces": ("face", "photograph"),
    "digits": ("digit", "handwritten digit"),
    "vehicles": ("picture", "photograph"),
}


def board_functions() -> list:
    """All that the script may call; each takes one JSON object and returns one."""
    return [guarded(act) for act in (models, about, linked, make, look, mix, files)]


# -- what there is -----------------------------------------------------------------
def models(_said: dict) -> dict:
    """The models that have weights, and which of them to begin with."""
    names = available()
    if not names:
        raise UserError(payload.NO_MODELS)
    rows = [{"name": n, "summary": MODELS[n].summary, "facts": facts(n)} for n in names]
    best = max(names, key=lambda n: read_card(n)["config"]["image_size"])
    return {"models": rows, "first": best, "most": payload.MAX_FACES}


def facts(name: str) -> list[str]:
    """A few plain phrases from a model's card."""
    card = read_card(name)
    side = card["config"]["image_size"]
    found = [f"{side} × {side} pixels", f"{card['training']['images']:,} pictures seen"]
    ratio = card.get("metrics", {}).get("ratio")
    if isinstance(ratio, int | float):
        far = f"{ratio:.1f} times as far from real ones as real ones from each other"
        found.append(f"its pictures are {far}")
    return found


def about(said: dict) -> dict:
    """What one model takes: attributes and directions, in readable words."""
    name = read_model(said.get("model"))
    noun, real = _NOUNS[find_model(name).data]
    model = load(name)
    fields = [
        {"name": n, "title": _title(n), "values": [[v, _NO_YES.get(v, v)] for v in values]}
        for n, values in model.fields
    ]
    steps = [{"name": n, "title": _title(n)} for n in directions(name)]
    return {
        "model": name, "noun": noun, "real": f"{real}s", "fields": fields, "directions": steps,
        "most_push": MAX_PUSH, "latent_dim": model.config.latent_dim,
    }  # fmt: skip


def _title(name: str) -> str:
    return name[:1].upper() + name[1:].replace("_", " ")


def linked(said: dict) -> dict:
    """The state that a link tells of: the first face of the grid, and how many there are.

    said: each name of the address with the list of its values. changed: the face is mixed or
    pushed, which the grid's are not.
    """
    face, count = read_link(said)
    codes([face])  # refuses attributes and directions that the model does not have
    changed = face.mix_seed is not None or bool(face.push)
    return {"face": face_view(face), "count": count, "changed": changed}


# -- pictures ----------------------------------------------------------------------
def make(said: dict) -> dict:
    """A grid of faces: each with its finished PNG and its discriminator's opinion."""
    name = read_model(said.get("model"))
    made = faces(
        name,
        payload.read_count(said.get("count")),
        payload.read_seed(said.get("seed")),
        read_number(said.get("truncation", 1.0), "Truncation"),
        payload.read_labels(said.get("labels")),
    )
    with turn():
        pictures, opinions = render(made), _opinions(made)
    rows = zip(made, pictures, opinions, strict=True)
    return {"faces": [_shown(face, picture, opinion) for face, picture, opinion in rows]}


def look(said: dict) -> dict:
    """One face with all that there is to say about it."""
    return _details(read_face(said.get("face")))


def mix(said: dict) -> dict:
    """The face at `share` of the way from `start` to `end`, as `look` gives it."""
    start, end = read_face(said.get("start")), read_face(said.get("end"))
    share = read_number(said.get("share"), "The share of the second face")
    return {**_details(mixed(start, end, share)), "note": _mix_note(start, end)}


def mixed(start: Face, end: Face, share: float) -> Face:
    """Two faces as one; UserError for those that one line cannot describe."""
    if start.model != end.model:
        raise UserError("Two faces mix only when the same model made both.")
    if start.mix_seed is not None or end.mix_seed is not None:
        raise UserError("One of these is mixed already; mix two that are not.")
    if end.push:
        raise UserError("The end is pushed along a direction; push the mix instead.")
    return replace(start, mix_seed=end.seed, mix_share=share)


def _mix_note(start: Face, end: Face) -> str:
    if (start.truncation, start.labels) == (end.truncation, end.labels):
        return ""
    return "The mix takes truncation and attributes from the start."


def _opinions(made: list[Face]) -> list[Opinion | None]:
    try:
        return list(judge(made))
    except UserError:  # its discriminator was not kept
        return [None] * len(made)


def _shown(face: Face, picture: Image.Image, opinion: Opinion | None) -> dict:
    return {
        "face": face_view(face),
        "picture": data_address(encode_face(face, picture), "image/png"),
        "share": opinion.share if opinion else None,
        "words": _words(face, opinion),
    }


def _words(face: Face, opinion: Opinion | None) -> str:
    if opinion is None:
        return "Its discriminator was not kept."
    _, real = _NOUNS[find_model(face.model).data]
    return opinion.words().replace("photograph", real).replace("%", " %")


def _details(face: Face) -> dict:
    model = load(face.model)
    with turn():
        [picture], [opinion], [point] = render([face]), _opinions([face]), codes([face])
    numbers = [round(x, 3) for x in point.tolist()]
    latent, labels = numbers[: model.config.latent_dim], numbers[model.config.latent_dim :]
    return {
        **_shown(face, picture, opinion),
        "command": face.command(),
        "latent": latent,
        "strip": strip(latent),
        "label_strip": strip(labels) if labels else "",
        "label_count": len(labels),
        "attributes": _attributes(face),
        "pushed": bool(face.push),
        "mixed": face.mix_seed is not None,
    }


def _attributes(face: Face) -> list[str]:
    """What a conditional model was told of this face, drawn or asked for."""
    model = load(face.model)
    if not model.fields:
        return []
    row = drawn_labels(model, asked_labels(model, face.labels), face.seed)[0].tolist()
    told = [
        f"{_title(name)}: {_NO_YES.get(values[k - 1], values[k - 1])}"
        for (name, values), k in zip(model.fields, row, strict=True)
        if k
    ]
    return told + ([] if len(told) == len(row) else ["the rest is left open" if told else "none"])


def strip(numbers: list[float]) -> str:
    """Numbers as bars around a middle line, an inline SVG; the largest has the full height."""
    top = max(map(abs, numbers), default=0) or 1
    bars = "".join(
        f'<rect x="{i}" y="{20 - max(h, 0):.1f}" width="0.8" height="{abs(h):.1f}"'
        f' fill="{"#d97706" if h > 0 else "#3b82f6"}"/>'
        for i, h in enumerate(x / top * 20 for x in numbers)
    )
    return (
        f'<svg viewBox="0 0 {len(numbers)} 40" preserveAspectRatio="none" role="img"'
        f' aria-label="{len(numbers)} numbers as bars, up for more than 0">'
        f'<rect y="19.8" width="{len(numbers)}" height="0.4" fill="currentColor"/>{bars}</svg>'
    )
