"""The page in a process of its own, as people start it."""

import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _port() -> int:
    """A free one, far from where the program looks: two tests at once would choose the same."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_server(data: Path, **environment: str) -> tuple[subprocess.Popen, str]:
    """`python app.py` on a free port; returns the process, with its `log`, and the address."""
    own = {"GANFAKE_DATA": str(data), "HOST": "127.0.0.1", "PORT": str(_port())}
    child = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**os.environ, **own, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    child.log = said = []
    for line in child.stdout:
        said.append(line)
        found = re.search(r"http://[\d.]+:\d+", line)
        if found:
            # Somebody must go on reading, or a full pipe stops the server.
            threading.Thread(target=said.extend, args=(child.stdout,), daemon=True).start()
            return child, found[0]
    raise AssertionError("the server did not start: " + "".join(said))
