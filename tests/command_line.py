"""Running the command line in a test."""

import re

import pytest

from ganfake import weights
from ganfake.__main__ import main
from ganfake.models import available

CONDITIONAL = next((n for n in available() if weights.read_card(n)["config"].get("fields")), None)
needs_conditional = pytest.mark.skipif(not CONDITIONAL, reason="no conditional weights yet")


def runner(tmp_path, capsys, monkeypatch, *first: str):
    """run("generate", "dcgan"): exit status, stdout, stderr; in the folder tmp_path. first: words
    before those given."""
    monkeypatch.chdir(tmp_path)

    def call(*words) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*first, *map(str, words)])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return call


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    """A runner in an empty folder."""
    return runner(tmp_path, capsys, monkeypatch)


def refused(result: tuple[int, str, str]) -> str:
    """The one sentence of a command that was refused."""
    code, out, err = result
    assert code == 1
    assert out == ""
    assert re.fullmatch(r"[^\n]+\.\n", err), err
    assert "Traceback" not in err and "Usage" not in err
    return err
