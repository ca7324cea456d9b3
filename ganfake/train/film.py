"""The training film: the same latents while the generator learns."""


def film_times(images: int) -> list[int]:
    """When frames are taken, in images seen: every half doubling from 1,000, then evenly."""
    early = [round(1000 * 2 ** (k / 2)) for k in range(14)]  # to 90,000
    late = range(128_000, images, max(64_000, images // 12))
    return sorted({0, *(t for t in early if t < images), *late, images})
