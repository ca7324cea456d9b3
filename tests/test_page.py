"""How the page is served: where, and with what kept off."""

import pytest

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


def test_the_plot_has_a_mark_for_every_round():
    drawn = rounds_plot([True, False, True])
    assert drawn.count("<circle") == 2
    assert drawn.count("<rect") == 1
    assert "48.2%" in drawn
    assert rounds_plot([]).startswith("<svg")
