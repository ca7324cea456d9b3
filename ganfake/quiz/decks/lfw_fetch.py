"""The download of Labeled Faces in the Wild by scikit-learn: python -P lfw_fetch.py DATA_HOME.

A script on its own, not an import: it needs neither torch nor the rest of the program, and
the 80 MB that scikit-learn brings along are gone before the faces are aligned. It prints
in a few words why it failed, and exits 1.
"""

import _thread
import errno
import os
import signal
import socket
import ssl
import sys
import tarfile
import threading
import time
import zlib
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError

# fetch_lfw_people also loads what it fetched, all of it at full size in colour 9.9 GB of
# floats. One person only, George W. Bush with 530 pictures, has as many as this.
MANY_PICTURES = 500


# Python 3.11 has had tarfile's filters since 3.11.4; Debian 12 comes with 3.11.2.
SAFELY = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


def fetch(data_home: Path) -> None:
    """Download, verify and unpack into data_home/lfw_home/lfw_funneled what is missing."""
    from sklearn.datasets import fetch_lfw_people

    archive = data_home / "lfw_home" / "lfw-funneled.tgz"
    if archive.exists() and archive.with_name("lfw_funneled").exists():
        # scikit-learn removes the archive after unpacking, and takes any folder for a whole
        # one, so here an unpacking was interrupted.
        with tarfile.open(archive, "r:gz") as packed:
            packed.extractall(archive.parent, **SAFELY)
        archive.unlink()
        return
    fetch_lfw_people(
        data_home=data_home,
        min_faces_per_person=MANY_PICTURES,
        resize=0.1,
        n_retries=1,
        delay=0.5,
    )


def why(error: Exception) -> str:
    """What a download and an archive can raise, in a few words."""
    if isinstance(error, HTTPError):
        return f"its server answered with error {error.code}"
    if isinstance(getattr(error, "reason", error), ssl.SSLError):
        return "no secure connection could be made"
    if isinstance(error, (URLError, TimeoutError, ConnectionError, HTTPException)):
        return "there is no connection"
    if isinstance(error, (tarfile.TarError, EOFError, zlib.error)):
        return "lfw-funneled.tgz in its folder is damaged and must be deleted"
    if "SHA256" in str(error):
        return "what arrived is not the expected file (its checksum differs)"
    if getattr(error, "errno", None) == errno.ENOSPC:
        return "the disk is full"
    return str(error)


def main() -> int:
    """Fetch as the command line says, until the caller is gone; returns the exit status."""
    # An interruption lets scikit-learn remove its half of a download. The caller holds the
    # other end of stdin, which ends with it, however it ends.
    # A program started in the background may inherit that SIGINT is ignored.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    threading.Thread(target=_outlive_nobody, daemon=True).start()
    socket.setdefaulttimeout(20)  # scikit-learn sets none and would wait for minutes
    try:
        fetch(Path(sys.argv[1]))
    except (OSError, HTTPException, tarfile.TarError, EOFError, zlib.error) as error:
        print(why(error))
        return 1
    except KeyboardInterrupt:
        return 1
    return 0


def _outlive_nobody() -> None:
    os.read(0, 1)  # not sys.stdin, whose lock would be held when we end ourselves
    while True:  # an interruption that falls into a destructor is swallowed there
        _thread.interrupt_main()
        time.sleep(5)  # enough for removing the half of a download


if __name__ == "__main__":
    sys.exit(main())
