"""Running the command line in a test."""

import re

import pytest

from ganfake import weights
from ganfake.__main__ import main
from ganfake.models import available

CONDITIONAL = next((n for n in available() if weights.read_card(n)["config"].get("fields")), None)
needs_conditional = pytest.mark.skipif(not CONDITIONAL, reason="no conditional weights yet")


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """run("generate", "dcgan") in an empty folder: its exit status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*words) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return call


def refused(result: tuple[int, str, str]) -> str:
    """The one sentence of a command that was refused."""
    code, out, err = result
    assert code == 1
    assert out == ""
    assert re.fullmatch(r"[^\n]+\.\n", err), err
    assert "Traceback" not in err and "Usage" not in err
    return err
