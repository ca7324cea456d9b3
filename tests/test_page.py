"""How the page is served: where, and with what kept off."""

import socket

import gradio as gr
import pytest

from ganfake import UserError
from ganfake.__main__ import main
from ganfake.quiz.table import Table
from ganfake.ui import page
from ganfake.ui.plot import rounds_plot


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "0.0.0.0"),
        ("localhost", "127.0.0.1"),
        ("my-laptop", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_host_counts_where_it_is_an_address(monkeypatch, host, address):
    monkeypatch.setenv("HOST", host)
    monkeypatch.delenv("GRADIO_SERVER_NAME", raising=False)
    assert page._host_from_environment() == address


def test_a_space_serves_everybody(monkeypatch):
    monkeypatch.delenv("HOST", raising=False)
    monkeypatch.delenv("GRADIO_SERVER_NAME", raising=False)
    monkeypatch.setenv("SPACE_ID", "someone/ganfake")
    assert page._host_from_environment() == "0.0.0.0"


def test_history_and_monitoring_are_off_and_uploads_are_limited():
    options = page.launch_options()
    assert options["run_history"] is False
    assert options["enable_monitoring"] is False
    assert options["share"] is False
    assert options["allowed_paths"] == []
    assert options["max_file_size"]


def test_an_idle_server_rests():
    with gr.Blocks() as plain:
        gr.Markdown("")
    queue = page.build_page(Table())._queue
    for name in ("sleep_when_free", "progress_update_sleep_when_free"):
        assert getattr(queue, name) >= 0.02 and getattr(plain.queue()._queue, name) > 0


def test_the_plot_has_a_mark_for_every_round():
    drawn = rounds_plot([True, False, True])
    assert drawn.count("<circle") == 2
    assert drawn.count("<rect") == 1
    assert "48.2%" in drawn
    assert rounds_plot([]).startswith("<svg")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_is_taken_is_not_chosen(host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as taken:
        try:
            taken.bind((host, 0))
        except OSError:
            pytest.skip("no such network here")
        taken.listen()
        port = taken.getsockname()[1]
        assert page._free_port(host, None) != port
        with pytest.raises(UserError, match=f"Port {port} cannot be used"):
            page._free_port(host, str(port))


@pytest.mark.parametrize(
    ("setting", "said"),
    [({"PORT": "abc"}, "PORT is a number"), ({"PORT": "99999"}, "Port 99999 cannot be used"),
     ({"GANFAKE_FOLDER": "/nowhere/at/all"}, "no such file")],
)  # fmt: skip
def test_a_wrong_setting_is_one_sentence(setting, said, tmp_path, monkeypatch, capsys):
    for name, value in {"GANFAKE_DATA": str(tmp_path), **setting}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        main(["serve"])  # what app.py calls
    assert ended.value.code == 1
    assert said in capsys.readouterr().err.strip().splitlines()[-1]
