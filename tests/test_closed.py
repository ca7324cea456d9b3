"""What Gradio would fetch, take or hand out for anybody, and this page does not."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import httpx
import pytest

from ganfake.ui.closed import close_gradio
from tests.serving import start_server

# Nobody answers there, and nobody is asked: what comes back is our sentence, at once.
ADDRESS = "http://192.0.2.1/face.jpg"
FILE = {"path": ADDRESS, "meta": {"_type": "gradio.FileData"}}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gradio")
    child, address = start_server(tmp_path_factory.mktemp("data"), GRADIO_TEMP_DIR=str(folder))
    with httpx.Client(base_url=address, timeout=60) as opened:
        opened.folder, opened.log = folder, child.log
        yield opened
    child.terminate()
    child.wait(60)


@pytest.mark.parametrize(
    ("call", "data"),
    [("check", [FILE, "x"]), ("check", [{"a": FILE}, "x"]), ("leaderboard", [[FILE]]),
     ("generate", ["dcgan", 1, 0, 1.0, [FILE]])],
)  # fmt: skip
def test_an_address_in_a_call_is_not_fetched(client, call, data):
    begun = client.post(f"/gradio_api/call/{call}", json={"data": data})
    said = client.get(f"/gradio_api/call/{call}/{begun.json()['event_id']}").text
    assert said.startswith("event: error")
    assert "No address is fetched" in said


@pytest.mark.parametrize(
    "path",
    [f"/gradio_api/file={ADDRESS}", f"/file={ADDRESS}", f"/gradio_api/%66ile={ADDRESS}",
     "/gradio_api/file=/etc/passwd", f"/gradio_api/proxy={ADDRESS}", "/gradio_api//file=x",
     "/gradio_api/upload_progress?upload_id=1", "/gradio_api/deep_link?session_hash=x",
     "/gradio_api/stream/a/1/2/playlist.m3u8", f"/gradio_api/file={ADDRESS}/gradio_api/x",
     f"/gradio_api/file={ADDRESS}%3Fa=/gradio_api/", "/gradio_api/file/http://a/gradio_api/info",
     f"/below/gradio_api/file={ADDRESS}", f"/gradio_api%2Ffile={ADDRESS}"],
)  # fmt: skip
def test_no_address_and_no_file_is_handed_out(client, path):
    answer = client.get(path)
    assert answer.status_code == 403
    assert "No address is fetched" in answer.json()["detail"]


def test_no_file_is_taken_to_the_disk(client):
    answers = [
        client.post(f"/gradio_api/{path}", files={name: ("face.jpg", b"photograph" * 300_000)})
        for path, name in (
            ("upload", "files"),
            ("/upload", "files"),
            ("process_recording", "video"),
        )
    ]
    assert [answer.status_code for answer in answers] == [200, 403, 403]
    assert not [p for p in client.folder.rglob("*") if p.is_file() and b"photo" in p.read_bytes()]


def test_a_body_without_an_end_is_not_read(client):
    with socket.create_connection((client.base_url.host, client.base_url.port), 60) as line:
        said = ("POST /gradio_api/call/check HTTP/1.1", "Host: a", "Content-Length: 600000000")
        line.sendall("".join(f"{one}\r\n" for one in (*said, "")).encode())
        assert " 413 " in line.recv(4096).decode().splitlines()[0]


def test_the_page_itself_is_served(client):
    for path in ("/", "/config", "/gradio_api/info", "/theme.css"):
        assert client.get(path).status_code == 200


def test_what_a_wrong_call_holds_is_not_logged(client):
    photograph = "data:image/png;base64," + "cGhvdG9ncmFwaA" * 2000

    def said(call: str, *data: object) -> str:
        begun = client.post(f"/gradio_api/call/{call}", json={"data": data})
        return client.get(f"/gradio_api/call/{call}/{begun.json()['event_id']}").text

    assert "neither a picture" in said("check", photograph), "the name may be left out"
    assert "Send 1 to 2 values with this call, not 0." in said("check")
    assert said("swap", photograph).startswith("event: error")
    assert said("leaderboard", {"photograph": photograph}, photograph)
    assert "GhvdG9ncmFw" not in "".join(client.log)


def test_no_value_that_goes_by_is_kept():
    close_gradio()
    with gr.Blocks() as page:
        given, made = gr.Textbox(), gr.Textbox()
        given.submit(lambda text: text[::-1], given, made, api_name="turn")
    visit = gr.routes.App.create_app(page).state_holder["visit"]
    (turned,) = page.fns.values()
    asked = page.process_api(turned, ["photograph"], visit, session_hash="visit")
    with ThreadPoolExecutor(1) as beside:  # a browser's tests leave a loop running in this thread
        said = beside.submit(asyncio.run, asked).result(60)
    assert said["data"] == ["hpargotohp"]
    kept = repr([visit.config_values, visit.state_data])
    assert "textbox" in kept and "photograph" not in kept and "hpargotohp" not in kept
