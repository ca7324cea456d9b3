"""Names, numbers and tables of docs/quality.md as Markdown."""

from ganfake.study import PHOTOGRAPHS

KINDS = {"cars": "Cars, planes, ships and trucks", "faces": "Faces"}
NAMES = {"dcgan": "DCGAN", "cdcgan": "cDCGAN", "wgan": "WGAN", "cwgan": "cWGAN"}

# Measure: its name, its scale, its digits.
MEASURES = {
    "frechet": ("Fréchet distance", 1, 1),
    "kid": ("KID ×1000", 1000, 1),
    "precision": ("precision", 1, 3),
    "recall": ("recall", 1, 3),
    "spread": ("spread", 1, 3),
    "niqe_set": ("NIQE of the set", 1, 2),
    "niqe": ("NIQE", 1, 2),
    "sharpness": ("sharpness", 1, 3),
    "slope": ("spectral slope", 1, 3),
    "colour_noise": ("colour noise", 1, 2),
    "colour_share": ("colour share", 1, 3),
    "checkerboard": ("checkerboard", 1, 2),
    "blockiness": ("blockiness", 1, 3),
    "brightness": ("brightness", 1, 1),
    "dark": ("dark, %", 100, 2),
    "bright": ("bright, %", 100, 2),
    "sharper": ("sharper than half, %", 100, 1),
}


def called(model: str) -> str:
    """DCGAN for dcgan and dcgan-cars; photographs stay."""
    return NAMES.get(model.removesuffix("-cars"), model)


def cell(measure: str, entry: dict | float | None) -> str:
    """A figure of a measure with its interval: 254.6 (247.9 to 261.3)."""
    _, scale, digits = MEASURES[measure]
    if not isinstance(entry, dict):
        return "—" if entry is None else f"{scale * entry:.{digits}f}"
    value = f"{scale * entry['value']:.{digits}f}"
    if entry.get("low") is not None:
        low, high = (f"{scale * entry[key]:.{digits}f}" for key in ("low", "high"))
        value += f" ({low} to {high})"
    return value.replace("-", "−")


def share(count: int, of: int, interval: tuple[float, float]) -> str:
    """A share of pictures in per cent, with its interval."""
    if not of:
        return "—"
    low, high = (100 * bound for bound in interval)
    return f"{100 * count / of:.1f} % ({low:.1f} to {high:.1f})"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def measures_table(rows: dict[str, dict], measures: tuple[str, ...]) -> str:
    """One row for each model, photographs first, and one column for each measure."""
    head = ["", *(MEASURES[m][0] for m in measures)]
    names = [PHOTOGRAPHS, *(name for name in rows if name != PHOTOGRAPHS)]
    return table(head, [[f"`{n}`" if n != PHOTOGRAPHS else "**photographs**",
                         *(cell(m, rows[n].get(m)) for m in measures)] for n in names])  # fmt: skip


def listed(words: list[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
