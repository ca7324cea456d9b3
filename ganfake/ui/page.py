"""The whole page: its tabs, and how it is served."""

import ipaddress
import os
import socket
from contextlib import suppress
from pathlib import Path

import gradio as gr
from starlette.middleware import Middleware

from ganfake import UserError
from ganfake.quiz.table import Table
from ganfake.ui import api, check, compare, lab, learn, loop, make, play, swap, tools
from ganfake.ui.bodies import Bodies
from ganfake.ui.check_api import check_endpoint
from ganfake.ui.closed import Closed, close_gradio
from ganfake.ui.handed import Handed
from ganfake.ui.swap_api import swap_endpoint
from ganfake.ui.theme import asset, theme
from ganfake.ui.words_page import i18n, label_components, middleware

_DEFAULT_PORT = 7860


def build_page(table: Table) -> gr.Blocks:
    """All tabs in one gr.Blocks; `launch_options` says how to launch it."""
    close_gradio()
    with gr.Blocks(
        title="ganfake: which face is real?",
        analytics_enabled=False,
        delete_cache=(600, 600),  # nothing is kept on the disk (`closed`); what is, leaves soon
    ) as page:
        gr.HTML(
            "<a class='skip' href='#'>Skip to the content</a>"
            "<div class='masthead'><h1>ganfake</h1><p>Meet deepfakes, understand them, and learn"
            " to catch them.</p>"
            "<div class='languages' role='group' aria-label='Language'>"
            "<button type='button' lang='en' aria-pressed='true'>English</button>"
            "<button type='button' lang='zh-CN' aria-pressed='false'>中文</button></div></div>"
        )
        # Not in a menu: which tabs fit would be measured before the page has its look.
        with gr.Tabs(overflow_behavior="wrap") as tabs:
            with gr.Tab("Play", id="play"):
                play.build(table)
            with gr.Tab("Learn", id="learn"):
                learn.build(table)
            with gr.Tab("Make", id="make"):
                make.build()
            with gr.Tab("GAN lab", id="lab"):
                lab.build()
            with gr.Tab("Compare", id="compare"):
                compare.build(table)
            with gr.Tab("Swap", id="swap"):
                swap.build()
            with gr.Tab("Check", id="check"):
                check.build()
        loop.build(tabs, table)
        api.build(table)
        check_endpoint()
        swap_endpoint()
    label_components(page)
    # Rounds are short and many; what is heavy has a queue of its own (concurrency_id).
    page.queue(max_size=200, default_concurrency_limit=20, api_open=False)
    # Gradio looks a thousand times a second whether there is work, on Windows as often as this.
    page._queue.sleep_when_free, page._queue.progress_update_sleep_when_free = 0.02, 0.1
    return page


def launch_options() -> dict:
    """Look, limits and privacy, the same however the page is launched."""
    return {
        "theme": theme(),
        "css": asset("page.css"),
        "i18n": i18n(),
        "app_kwargs": {"middleware": [*map(Middleware, (Bodies, Handed, Closed)), *middleware()]},
        "max_file_size": "200mb",
        # Who waits holds a thread: three lines of `turns`, and `calls.turn`; the game needs some.
        "max_threads": 80,
        "allowed_paths": [],
        "footer_links": ["api"],
        "run_history": False,
        "state_session_capacity": 1000,  # a visit that is over still takes 180 kB
        "enable_monitoring": False,
        "ssr_mode": False,
        "share": False,
        "quiet": True,
    }


def _free_port(host: str, wanted: str | int | None) -> int:
    """The port that is wanted, else the first free one; UserError when there is none."""
    if wanted and not str(wanted).isdecimal():
        raise UserError(f"PORT is a number like {_DEFAULT_PORT}, not {str(wanted)[:20]!r}.")
    if wanted:
        if not _is_free(host, int(wanted)):
            raise UserError(f"Port {int(wanted)} cannot be used; set PORT to another one.")
        return int(wanted)
    for port in range(_DEFAULT_PORT, _DEFAULT_PORT + 100):
        if _is_free(host, port):
            return port
    raise UserError(f"No port from {_DEFAULT_PORT} on is free; set PORT to another one.")


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if os.name != "nt":  # where it would let two programs have one port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError):
            return False
    return True


def _network_address() -> str:
    """The address by which other machines reach this one; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return socket.gethostname()


def _host_from_environment() -> str:
    """HOST where it is an address (some shells export the machine's name), else loopback."""
    for name in ("HOST", "GRADIO_SERVER_NAME"):
        given = os.environ.get(name, "")
        with suppress(ValueError):
            return str(ipaddress.ip_address(given.replace("localhost", "127.0.0.1")))
    return "0.0.0.0" if os.environ.get("SPACE_ID") else "127.0.0.1"


def serve(host: str | None = None, port: int | None = None, folder: Path | None = None) -> None:
    """Serve the page until it is stopped.

    host: 127.0.0.1 unless given or set in HOST (a Space sets GRADIO_SERVER_NAME);
    0.0.0.0 serves a classroom. port: 7860 or PORT, else the next free one. folder: a
    folder or zip of photographs to play with, or GANFAKE_FOLDER. GANFAKE_DECK=lfw
    fetches Labeled Faces in the Wild at the start.
    """
    host = host or _host_from_environment()
    wanted = port or os.environ.get("PORT") or os.environ.get("GRADIO_SERVER_PORT")
    table = Table()
    photographs = folder or os.environ.get("GANFAKE_FOLDER")
    if photographs:
        print(table.add_folder(Path(photographs).expanduser()))
    if os.environ.get("GANFAKE_DECK") == "lfw":
        table.start_lfw()
    if table.note:
        print(table.note)
    page = build_page(table)
    # Chosen only now: another server may have come up meanwhile.
    port = _free_port(host, wanted)
    page.launch(
        server_name=host, server_port=port, prevent_thread_lock=True,
        mcp_server=tools.available(), **launch_options(),
    )  # fmt: skip
    tools.choose(page)
    shown = _network_address() if host in ("0.0.0.0", "::") else host
    shown = f"[{shown}]" if ":" in shown else shown
    print(f"ganfake is at http://{shown}:{port}", flush=True)
    page.block_thread()
