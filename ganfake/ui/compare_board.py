"""What the Compare tab's script may ask of the server: plain values in, plain values out."""

from ganfake import UserError, study
from ganfake.generate import Face, encode_face, face_seeds, render
from ganfake.models import find_model
from ganfake.quiz.preference import Ranking, agreement, rank, sentence
from ganfake.quiz.table import Table
from ganfake.quiz.votes import ANY, FAMILIES, SIDES, Pair, Votes, models_of
from ganfake.ui.addresses import data_address
from ganfake.ui.calls import guarded, turn
from ganfake.ui.film import show_film
from ganfake.ui.payload import face_view, read_seed
from ganfake.weights import list_weights, read_card

COLUMNS = 6  # seeds side by side
_SNAPSHOTS = {"faces": ("dcgan-200k", "dcgan-400k")}


def board_functions(table: Table, votes: Votes | None = None) -> list:
    """All that the script may call; each takes one JSON object and returns one.

    votes: the open pairs and the votes, by default new ones in the table's database.
    """
    votes = votes or Votes(table.scores)

    def pair(said: dict) -> dict:
        """Two pictures without names; which models they are by is told after the vote."""
        token = table.token(said.get("player", ""))
        with turn():
            found = votes.pair(
                token, said.get("family"), said.get("first", ANY), said.get("second", ANY)
            )
        pictures = [data_address(content, "image/jpeg") for content in found.files]
        return {"player": token, "pair": found.id, "pictures": pictures}

    def vote(said: dict) -> dict:
        """Take the vote; returns both pictures again, marked, with their models."""
        token = table.token(said.get("player", ""))
        return {"shown": _truth(votes.vote(token, said.get("pair"), said.get("choice")))}

    def ranking(said: dict) -> dict:
        """The models by votes, everybody's or "mine" alone, beside their order by numbers."""
        family = said.get("family")
        models = models_of(family)
        token = table.token(said.get("player", "")) if said.get("mine") else ""
        return ranking_view(rank(models, votes.given(family, token)), family)

    return [guarded(act) for act in (families, row, reel, pair, vote, ranking)]


# -- side by side ----------------------------------------------------------------------
def families(_said: dict) -> dict:
    """The models of each family with what is to be known of them."""
    found = {}
    for family in FAMILIES:
        rows = [(name, find_model(name).summary) for name in models_of(family)]
        known = set(list_weights())
        rows += [
            (name, "the network dcgan on its way through training")
            for name in _SNAPSHOTS.get(family, ())
            if name in known
        ]
        found[family] = [_about(*entry) for entry in rows]
    return {"families": found, "columns": COLUMNS, "sides": SIDES}


def _about(name: str, summary: str) -> dict:
    card = read_card(name)
    return {
        "name": name,
        "summary": f"{summary[0].upper()}{summary[1:]}.",
        "images": card["training"]["images"],
        "side": card["config"]["image_size"],
        "snapshot": name in sum(_SNAPSHOTS.values(), ()),
    }


def row(said: dict) -> dict:
    """One model's pictures of the seeds that `seed` gives, as marked PNGs."""
    family, name = said.get("family"), said.get("model")
    models = (*models_of(family), *_SNAPSHOTS.get(family, ()))
    if name not in models:
        raise UserError(f"Choose one of {', '.join(models)}.")
    made = [Face(name, seed) for seed in face_seeds(read_seed(said.get("seed")), COLUMNS)]
    with turn():
        pictures = render(made)
    return {"model": name, "pictures": [_shown(f, p) for f, p in zip(made, pictures, strict=True)]}


def _shown(face: Face, picture) -> dict:
    address = data_address(encode_face(face, picture), "image/png")
    return {"face": face_view(face), "picture": address}


def reel(said: dict) -> dict:
    """A model's training film with its losses; {"none": True} where there is none."""
    found = show_film(said)
    return found if "none" in found else {**found, "plots": found["plots"][:1]}


# -- votes -----------------------------------------------------------------------------
def _truth(pair: Pair) -> list[dict]:
    return [_shown(f, p) for f, p in zip(pair.faces, pair.originals, strict=True)]


def ranking_view(found: Ranking, family: str) -> dict:
    """A ranking for the page, the most preferred model first; place 0: not voted on, at the end."""
    numbers = {name: values for name, *values in study.ranking(family) if name in found.models}
    places = {name: place for place, name in enumerate(numbers, start=1)}
    order = sorted(
        range(len(found.models)), key=lambda i: (not found.shown(i), -found.strengths[i])
    )
    rows = []
    for place, i in enumerate(order, start=1):
        name, margin, strength = found.models[i], found.margins[i], found.strengths[i]
        rows.append(
            {
                "model": name,
                "place": place if found.shown(i) else 0,
                "strength": round(float(strength), 3),
                "low": round(float(strength - margin), 3),
                "high": round(float(strength + margin), 3),
                "won": int(found.wins[i].sum()),
                "shown": found.shown(i),
                "number": numbers.get(name),
                "number_place": places.get(name, 0),
            }
        )
    told = agreement(found, {name: values[0] for name, values in numbers.items()})
    return {"rows": rows, "votes": found.votes, "sentence": sentence(told)}
