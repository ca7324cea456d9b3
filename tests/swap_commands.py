"""Runs the commands `swap ...` in this process."""

from tests import command_line


def runner(tmp_path, capsys, monkeypatch):
    """run("extract", ...), as command_line.runner."""
    return command_line.runner(tmp_path, capsys, monkeypatch, "swap")


def sentence(err: str) -> str:
    """The last line on standard error, which is whole and without a traceback."""
    assert "Traceback" not in err
    last = err.strip().splitlines()[-1]
    assert last.endswith((".", "!", "”", "--help."))
    return last
