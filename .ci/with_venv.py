"""Run a command inside the project's virtual environment, which the first call makes.

    python3 .ci/with_venv.py [--tests] [--browser] COMMAND ...

--tests adds what the tests need; --browser sees to it that Playwright can start a Chromium, and
hands its path on as CHROMIUM unless it is Playwright's own. The environment lies outside the
checkout, in ~/.cache/ganfake/venv-KEY (KEY comes from the pinned versions), or in GANFAKE_VENV.
Each requirements file is copied into it only when all it names is installed: what was interrupted
is done again. --uninstall removes every environment that was made like this.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ganfake"
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Prints the first of the browsers given that starts; the empty path is Playwright's own.
PROBE = """
import sys
from playwright.sync_api import Error, sync_playwright
with sync_playwright() as playwright:
    for path in sys.argv[1:]:
        try:
            playwright.chromium.launch(executable_path=path or None).close()
        except Error:
            continue
        print(path)
        break
    else:
        sys.exit(1)
"""


def say(text: str) -> None:
    """Tell the person, beside the command's own output."""
    print(text, file=sys.stderr, flush=True)


def pins(name: str) -> str:
    """What a requirements file asks for, without its comments."""
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return "\n".join(line for line in lines if line)


def environment_folder() -> Path:
    """GANFAKE_VENV, else a folder in the cache named by the pins and the Python."""
    if given := os.environ.get("GANFAKE_VENV"):
        return Path(given).expanduser().absolute()
    version = "{}.{}".format(*sys.version_info)
    key = "\n".join([version, platform.machine(), pins("requirements.txt")])
    return CACHE / f"venv-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def installed(venv: Path, name: str) -> bool:
    """Whether all that a requirements file names is there."""
    stamp = venv / f"{name}.installed"
    return (venv / "bin" / "python").exists() and stamp.exists() and stamp.read_text() == pins(name)


def make_environment(venv: Path) -> None:
    """Make an empty environment; what an interrupted call left in the cache is cleared."""
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            "This Python cannot make virtual environments: on Debian or Ubuntu, install them "
            "with `sudo apt install python3-venv` and try again."
        )
    clear = [] if os.environ.get("GANFAKE_VENV") else ["--clear"]
    subprocess.run([sys.executable, "-m", "venv", *clear, venv], check=True)


def pip_install(venv: Path, name: str) -> None:
    """Install a requirements file, naming the large downloads; pip's own words if it fails."""
    say(f"Installing {name} into {venv}")
    began, lines = time.monotonic(), []
    command = [venv / "bin" / "python", "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "-r", ROOT / name]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, **pipes) as pip:
        for line in pip.stdout:
            lines.append(line)
            if large := re.search(r"(?:Downloading|cached) \S*?([^/\s]+)-\d\S* \((\d{2,}.*)\)", line):
                say(f"  {large[1]} ({large[2]})")
    if pip.returncode:
        say("".join(line for line in lines if "is ignored" not in line)[-4000:])
        sys.exit(f"pip could not install {name}: its reason stands above.")
    say(f"  done in {time.monotonic() - began:.0f} s")


def ensure_installed(venv: Path, names: list[str]) -> None:
    """Install what is missing, once, though several calls may ask at the same time."""
    if all(installed(venv, name) for name in names):
        return
    venv.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{venv}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed(venv, names[0]):
            make_environment(venv)
        for name in names:
            if not installed(venv, name):
                pip_install(venv, name)
                (venv / f"{name}.installed").write_text(pins(name))


def starting_browser(venv: Path) -> str | None:
    """The path of a browser that starts, empty for Playwright's own, None when there is none."""
    paths = [path for name in BROWSERS if (path := shutil.which(name))]
    if given := os.environ.get("CHROMIUM"):
        paths = [given]
    command = [venv / "bin" / "python", "-c", PROBE, *paths, *([] if given else [""])]
    probe = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    return None if probe.returncode else probe.stdout.strip()


def ensure_browser(venv: Path) -> str:
    """A browser for the tests: the one that is there, else Debian's, else Playwright's."""
    path = starting_browser(venv)
    if path is None and os.environ.get("CHROMIUM"):
        sys.exit(f"CHROMIUM is {os.environ['CHROMIUM']}, which Playwright cannot start.")
    playwright = [venv / "bin" / "python", "-m", "playwright", "install", "chromium"]
    ways = [[playwright]]
    if os.geteuid() == 0 and shutil.which("apt-get"):  # apt brings the libraries along
        apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
        ways = [[[*apt, "update"], [*apt, "install", "-y", "chromium"]], [[*playwright, "--with-deps"]]]
    for way in ways:
        if path is None:
            say(f"No Chromium starts here yet; trying {' '.join(map(str, way[-1]))}")
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            done = all(
                subprocess.run(command, stdout=subprocess.DEVNULL, env=quiet).returncode == 0
                for command in way
            )
            path = starting_browser(venv) if done else None
    if path is None:
        sys.exit(
            "The browser tests need a Chromium: install one (on Debian `sudo apt install "
            "chromium`), or set CHROMIUM to the path of one, and try again."
        )
    return path


def main() -> None:
    """Set up what was asked for, then become the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--uninstall", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    if asked.uninstall:
        for folder in CACHE.glob("venv-*"):
            say(f"Removing {folder}")
            folder.unlink() if folder.is_file() else shutil.rmtree(folder)
        return
    venv = environment_folder()
    ensure_installed(venv, ["requirements.txt", "requirements-dev.txt"][: 1 + asked.tests])
    inside = {**os.environ, "VIRTUAL_ENV": str(venv)}
    inside["PATH"] = f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
    if asked.browser and (path := ensure_browser(venv)):
        inside["CHROMIUM"] = path
    os.chdir(ROOT)
    os.execvpe(asked.command[0], asked.command, inside)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped; the next call goes on from here.")
