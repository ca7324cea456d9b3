"""Runs the commands `swap ...` in this process."""

import pytest

from ganfake.__main__ import main


def runner(tmp_path, capsys, monkeypatch):
    """run("extract", ...): exit status, stdout, stderr; in the folder tmp_path."""
    monkeypatch.chdir(tmp_path)

    def call(*words) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["swap", *map(str, words)])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return call


def sentence(err: str) -> str:
    """The last line on standard error, which is whole and without a traceback."""
    assert "Traceback" not in err
    last = err.strip().splitlines()[-1]
    assert last.endswith((".", "!", "”", "--help."))
    return last
