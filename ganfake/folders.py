"""The folders the program reads and writes, each movable by an environment variable."""

import os
from pathlib import Path

import platformdirs


def data_dir() -> Path:
    """Scores, rooms and the server's secret: GANFAKE_DATA, else the user's data folder."""
    return Path(os.environ.get("GANFAKE_DATA") or platformdirs.user_data_dir("ganfake"))


def cache_dir() -> Path:
    """What can be made again (aligned decks, packed training data, runs): GANFAKE_CACHE."""
    return Path(os.environ.get("GANFAKE_CACHE") or platformdirs.user_cache_dir("ganfake"))


def shared_dir() -> Path:
    """The research data, absent on most machines: GANFAKE_SHARED, else ../shared/data."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("GANFAKE_SHARED") or beside)


def weights_dir() -> Path:
    """The committed weights at the top of the project."""
    return Path(__file__).resolve().parents[1] / "weights"
