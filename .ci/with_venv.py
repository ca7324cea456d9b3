"""Run a command inside the project's virtual environment, which the first call makes.

    python3 .ci/with_venv.py [--tests] [--browser] COMMAND ...

--tests adds what the tests need; --browser sees to it that Playwright can start a Chromium, and
hands its path on as CHROMIUM unless it is Playwright's own. The environment lies outside the
checkout, in ~/.cache/ganfake/venv-KEY (KEY comes from the pinned versions), or in GANFAKE_VENV.
Each requirements file is copied into it only when all that it names is installed, so what was
interrupted is done again. --uninstall removes every environment made like this.
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
    """GANFAKE_VENV, else a folder in the cache named after the pins and the Python."""
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
    """Make an empty environment; one that somebody named and filled is left as it is."""
    named = bool(os.environ.get("GANFAKE_VENV"))
    if named and (venv / "bin" / "python").exists():
        return
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            "This Python cannot make virtual environments: install what it lacks (on Debian or "
            "Ubuntu `sudo apt install python3-venv`) and try again."
        )
    command = [sys.executable, "-m", "venv", *([] if named else ["--clear"]), venv]
    if subprocess.run(command).returncode:
        sys.exit(f"No virtual environment could be made in {venv}: the reason stands above.")


def pip_install(venv: Path, name: str) -> None:
    """Install a requirements file, naming the large downloads; pip's own words if it fails."""
    say(f"Installing {name} into {venv}")
    began, lines = time.monotonic(), []
    command = [venv / "bin" / "python", "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "-r", ROOT / name]
    large = re.compile(r"(?:Downloading|cached) (?:\S*/)?([^/\s-]+)-\S+ \((\d\d+\.\d MB|.* GB)\)")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, **pipes) as pip:
        for line in pip.stdout:
            lines.append(line)
            if found := large.search(line):
                say(f"  {found[1]}, {found[2]}")
    if pip.returncode:
        say("".join(line for line in lines if "is ignored" not in line)[-4000:])
        sys.exit(f"pip could not install {name}: the reason stands above.")
    say(f"  done in {time.monotonic() - began:.0f} s")


def settle_opencv(venv: Path) -> None:
    """See to it that OpenCV starts: its windows want system libraries that a server lacks."""
    python = venv / "bin" / "python"
    if subprocess.run([python, "-c", "import cv2"], stderr=subprocess.DEVNULL).returncode == 0:
        return
    pin = re.search(r"opencv-python==\S+", pins("requirements.txt"))[0]
    say("OpenCV's windows miss libraries here; installing the same OpenCV without windows.")
    pip = [python, "-m", "pip", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "uninstall", "-y", "opencv-python"], check=True)
    headless = pin.replace("opencv-python", "opencv-python-headless")
    subprocess.run([*pip, "install", "--no-input", "--no-deps", headless], check=True)


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
                settle_opencv(venv)
                (venv / f"{name}.installed").write_text(pins(name))


def starting_browser(venv: Path) -> str | None:
    """The path of a browser that starts, empty for Playwright's own, None when there is none."""
    if given := os.environ.get("CHROMIUM"):
        paths = [given]
    else:
        paths = [path for name in BROWSERS if (path := shutil.which(name))] + [""]
    command = [venv / "bin" / "python", "-c", PROBE, *paths]
    probe = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    return None if probe.returncode else probe.stdout.strip()


def ensure_browser(venv: Path, inside: dict[str, str]) -> str:
    """A browser for the tests: the one that is there, else Debian's, else Playwright's."""
    path = starting_browser(venv)
    if path is None and (given := os.environ.get("CHROMIUM")):
        sys.exit(f"CHROMIUM names {given}, which Playwright cannot start: correct it or unset it.")
    ways = ["playwright install chromium"]
    if os.geteuid() == 0 and shutil.which("apt-get"):  # these bring the libraries along
        ways = [
            "apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium",
            "playwright install --with-deps chromium",
        ]
    for way in ways:
        if path is None:
            say(f"No Chromium starts here yet: {way}")
            quiet = {"DEBIAN_FRONTEND": "noninteractive", **inside}
            subprocess.run(way, shell=True, env=quiet, stdout=subprocess.DEVNULL)
            path = starting_browser(venv)
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
        for path in CACHE.glob("venv-*"):
            say(f"Removing {path}")
            path.unlink() if path.is_file() else shutil.rmtree(path)
        return
    if not asked.command:
        parser.error("which command?")
    venv = environment_folder()
    ensure_installed(venv, ["requirements.txt", "requirements-dev.txt"][: 1 + asked.tests])
    path = f"{venv / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    inside = {**os.environ, "VIRTUAL_ENV": str(venv), "PATH": path}
    if asked.browser and (browser := ensure_browser(venv, inside)):
        inside["CHROMIUM"] = browser
    os.chdir(ROOT)
    os.execvpe(asked.command[0], asked.command, inside)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped; the next call goes on from here.")
