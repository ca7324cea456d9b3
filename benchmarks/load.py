"""Twenty players at once, against an endpoint that does nothing: `python -m benchmarks.load`.

The page runs in another process; the players call /new_round, /answer and /noop in turn
through gradio_client, so that all three meet the same load. The slowest 5 % of answers may
take twice as long as those of /noop.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

PLAYERS, ROUNDS, MOST = 20, 30, 2.0
_SET = 10  # rounds of a set
_PATIENCE = 300.0  # seconds until the page must be there
_ENDPOINTS = ("/new_round", "/answer", "/noop")


# -- the server ------------------------------------------------------------------------
def noop() -> str:
    """Do nothing."""
    return ""


def serve(port: int) -> None:
    """The page with one endpoint more, until the standard input is closed."""
    import gradio as gr

    from ganfake.quiz.table import Table
    from ganfake.ui.page import build_page, launch_options

    with build_page(Table()) as page:
        gr.api(noop, api_name="noop", concurrency_limit=None)
    page.launch(
        server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, **launch_options()
    )
    print("ready", flush=True)
    sys.stdin.read()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_page() -> Iterator[str]:
    """The page's address, while it runs with scores and decks of its own."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="ganfake-load-") as folder:
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load", "--serve", str(port)],
            env=os.environ
            | {"GANFAKE_DATA": folder, "GANFAKE_CACHE": folder, "OMP_NUM_THREADS": "1"},
            cwd=Path(__file__).resolve().parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        giving_up = threading.Timer(_PATIENCE, server.kill)
        giving_up.start()
        try:
            if not any(line.strip() == b"ready" for line in server.stdout):
                raise RuntimeError("the page did not start")
            giving_up.cancel()
            yield f"http://127.0.0.1:{port}"
        finally:
            giving_up.cancel()
            server.kill()
            server.communicate()


# -- the players -----------------------------------------------------------------------
@dataclass
class Player:
    """What one player saw and how long it took."""

    rounds: list[dict] = field(default_factory=list)
    answers: list[dict] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=lambda: {e: [] for e in _ENDPOINTS})
    error: str = ""

    def call(self, client, endpoint: str, *values):
        started = time.monotonic()
        result = client.predict(*values, api_name=endpoint)
        self.seconds[endpoint].append(time.monotonic() - started)
        return result

    def play(self, client, rounds: int, together: threading.Barrier) -> None:
        """Answer so many rounds at random, doing nothing after each."""
        rng = np.random.default_rng()
        together.wait()
        for _ in range(rounds):
            dealt = self.call(client, "/new_round", "pair", "pocket")
            self.rounds.append(dealt)
            choice = str(rng.choice(["left", "right"]))
            self.answers.append(self.call(client, "/answer", dealt["round"], choice))
            self.call(client, "/noop")


def play_all(address: str, players: int, rounds: int) -> list[Player]:
    """All players at once, each with a session of its own."""
    # The client adds its own to `analytics_enabled`: both must say no.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    from gradio_client import Client

    # No certificates are read for every call: on plain HTTP they are of no use, and
    # would be most of the time measured. A busy machine may take its time.
    options = {"verbose": False, "analytics_enabled": False, "ssl_verify": False,
               "httpx_kwargs": {"timeout": 120}}  # fmt: skip
    everyone = [Player() for _ in range(players)]
    together = threading.Barrier(players)

    def one(player: Player) -> None:
        try:
            client = Client(address, **options)
            player.play(client, rounds, together)
        except BaseException:
            together.abort()
            raise

    with ThreadPoolExecutor(players) as pool:
        games = [pool.submit(one, player) for player in everyone]
    for player, game in zip(everyone, games, strict=True):
        if error := game.exception():
            player.error = "".join(traceback.format_exception(error, limit=-12))
    return everyone


# -- the findings ----------------------------------------------------------------------
def problems(everyone: list[Player], rounds: int) -> list[str]:
    """Errors, and rounds, scores or names that are somebody else's."""
    if found := [f"player {n}: {p.error}" for n, p in enumerate(everyone) if p.error]:
        return found
    found = []
    tokens = [{r["player"] for r in p.rounds} for p in everyone]
    if any(len(mine) != 1 for mine in tokens):
        found.append("a player changed names")
    if len(set().union(*tokens)) != len(everyone):
        found.append("two players have one name")
    ids = [r["round"] for p in everyone for r in p.rounds]
    if len(set(ids)) != len(ids):
        found.append("a round was dealt twice")
    sets = [{a["set"] for a in p.answers} for p in everyone]
    if sum(map(len, sets)) != len(set().union(*sets)):
        found.append("two players share a set")
    for number, player in enumerate(everyone):
        found += [f"player {number}: {problem}" for problem in _own_game(player, rounds)]
    return found


def _own_game(player: Player, rounds: int) -> list[str]:
    """One player's numbers, scores and streaks, counted again here."""
    found, score, streak = [], 0, 0
    if (len(player.rounds), len(player.answers)) != (rounds, rounds):
        found.append(f"{len(player.answers)} answers instead of {rounds}")
    for index, (dealt, answer) in enumerate(zip(player.rounds, player.answers, strict=False)):
        score = 0 if index % _SET == 0 else score
        number = index % _SET + 1
        if (dealt["number"], dealt["score"], dealt["streak"]) != (number, score, streak):
            found.append(f"round {index} was dealt as {dealt['number']}")
        score += answer["correct"]
        streak = streak + 1 if answer["correct"] else 0
        expected = (number, score, streak, number == _SET)
        if tuple(answer[k] for k in ("number", "score", "streak", "finished")) != expected:
            found.append(f"answer {index} came back as {answer}, expected {expected}")
    return found


def latencies(everyone: list[Player], endpoint: str) -> np.ndarray:
    """All of an endpoint's response times in milliseconds."""
    return 1000 * np.concatenate([p.seconds[endpoint] for p in everyone])


def report(everyone: list[Player]) -> float:
    """Print a table; returns p95 of /answer over p95 of /noop."""
    print("endpoint     calls   p50 ms   p95 ms   max ms")
    for endpoint in _ENDPOINTS:
        times = latencies(everyone, endpoint)
        middle, slow = np.percentile(times, [50, 95])
        print(f"{endpoint:11} {len(times):6} {middle:8.1f} {slow:8.1f} {times.max():8.1f}")
    slow = [np.percentile(latencies(everyone, e), 95) for e in _ENDPOINTS]
    print(f"p95 over that of /noop: /answer {slow[1] / slow[2]:.2f}, ", end="")
    print(f"/new_round {slow[0] / slow[2]:.2f}")
    return slow[1] / slow[2]


def main() -> None:
    """Parse the options, run, and exit 1 when something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--players", type=int, default=PLAYERS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    with running_page() as address:
        everyone = play_all(address, given.players, given.rounds)
    found = problems(everyone, given.rounds)
    for problem in found:
        print("WRONG:", problem)
    if found or report(everyone) > MOST:
        raise SystemExit(1)
    print("No error; nobody saw another's round.")


if __name__ == "__main__":
    main()
