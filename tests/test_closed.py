"""What Gradio would fetch, take or hand out for anybody, and this page does not."""

import asyncio
import base64
import socket
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import httpx
import pytest
import skimage.data
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from ganfake.ui.closed import close_gradio
from ganfake.ui.uploads import GONE
from tests.serving import start_server

# Nobody answers there, and nobody is asked: what comes back is our sentence, at once.
CALL = "/gradio_api/call/check"
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


# -- files handed in ------------------------------------------------------------------
def check(client: httpx.Client, path: str) -> str:
    """What the server says of a file that a call names so."""
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    begun = client.post(CALL, json={"data": [file]}).json()
    return client.get(f"{CALL}/{begun['event_id']}").text


def test_gradios_client_hands_in_a_picture(client, tmp_path):
    server = Client(str(client.base_url), verbose=False)
    file = tmp_path / "she flew.png"
    Image.fromarray(skimage.data.astronaut()[:260, 80:400]).save(file)
    said = server.predict(handle_file(str(file)), api_name="/check")
    assert (said["file"], said["error"], len(said["faces"])) == (file.name, None, 1)
    sent = base64.b64encode(file.read_bytes()).decode()
    same = server.predict(sent, "she flew.png", api_name="/check")
    assert said == same
    assert not [path for path in client.folder.rglob("*") if path.is_file()]


def test_mistakes_in_what_is_handed_in_are_sentences(client, tmp_path):
    server = Client(str(client.base_url), verbose=False)
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(AppError, match="is empty"):
        server.predict(handle_file(str(tmp_path / "empty.jpg")), api_name="/check")
    (tmp_path / "text.jpg").write_text("hello")
    said = server.predict(handle_file(str(tmp_path / "text.jpg")), "a", api_name="/check")
    assert said["file"] == "a" and said["error"].startswith("This is neither a picture")
    assert "No address is fetched" in check(client, "http://192.0.2.1/face.jpg")
    assert "base64" in check(client, "/etc/passwd")
    assert GONE in check(client, "handed:unknown")


def test_what_is_no_form_is_refused(client):
    root = "/gradio_api/upload"
    assert client.get(root).status_code == 405
    assert client.post(root, content=b"x").status_code == 400
    broken = {"content-type": "multipart/form-data; boundary=a"}
    assert client.post(root, content=b"--b\r\n", headers=broken).status_code == 400
    for field in ({"other": b"x"}, {}):
        assert client.post(root, files=field).status_code == 400
    field = b'--a\r\nContent-Disposition: form-data; name="%s"\r\n\r\nabc\r\n--a--\r\n'
    for kind in ("", "; charset=punycode"):  # which takes the square of a text's length
        told = {"content-type": f"multipart/form-data; boundary=a{kind}"}
        assert client.post(root, content=field % b"files", headers=told).status_code == 400
    token = client.post(root, files={"files": ("a.jpg", b"abc")}).json()[0]
    assert "neither a picture" in check(client, token)
