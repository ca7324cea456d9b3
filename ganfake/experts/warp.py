"""Traces of pasting: a face that does not fit its surroundings in sharpness, colour or noise.

A MobileNetV2 that has never met a generator: it learned from photographs and from blends of
them (Li & Lyu 2018, arXiv:1811.00656; Shiohara & Yamasaki 2022, arXiv:2204.08376).
"""

from ganfake.experts.mobilenet import MobileNet
from ganfake.experts.networks import NetworkExpert, load_networks

WARP_SIDE = 160  # pixels of its pictures


def load() -> NetworkExpert:
    """The expert with its weights."""
    return load_networks("warp", MobileNet, WARP_SIDE)
