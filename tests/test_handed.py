"""Files handed in ahead of a call, as Gradio's own clients do: kept in memory, taken once."""

import base64
import time

import httpx
import pytest
import skimage.data
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from starlette.testclient import TestClient

from ganfake import UserError
from ganfake.ui.handed import HANDED, Handed, as_text, decoded, name_of
from ganfake.ui.uploads import GONE, IDLE
from tests.serving import start_server

CALL = "/gradio_api/call/check"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gradio")
    child, address = start_server(tmp_path_factory.mktemp("data"), GRADIO_TEMP_DIR=str(folder))
    client = Client(address, verbose=False)
    client.folder = folder
    yield client
    child.terminate()
    child.wait(60)


def check(server: Client, path: str) -> str:
    """What the server says of a file that a call names so."""
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    root = server.src.rstrip("/")
    begun = httpx.post(root + CALL, json={"data": [file]}, timeout=60).json()
    return httpx.get(f"{root}{CALL}/{begun['event_id']}", timeout=60).text


def test_gradios_client_hands_in_a_picture(server, tmp_path):
    file = tmp_path / "she flew.png"
    Image.fromarray(skimage.data.astronaut()[:260, 80:400]).save(file)
    said = server.predict(handle_file(str(file)), api_name="/check")
    assert (said["file"], said["error"], len(said["faces"])) == (file.name, None, 1)
    sent = base64.b64encode(file.read_bytes()).decode()
    same = server.predict(sent, "she flew.png", api_name="/check")
    assert said == same
    assert not [path for path in server.folder.rglob("*") if path.is_file()]


def test_mistakes_are_sentences(server, tmp_path):
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(AppError, match="is empty"):
        server.predict(handle_file(str(tmp_path / "empty.jpg")), api_name="/check")
    (tmp_path / "text.jpg").write_text("hello")
    said = server.predict(handle_file(str(tmp_path / "text.jpg")), "a", api_name="/check")
    assert said["file"] == "a" and said["error"].startswith("This is neither a picture")
    assert "No address is fetched" in check(server, "http://192.0.2.1/face.jpg")
    assert "base64" in check(server, "/etc/passwd")
    assert GONE in check(server, "handed:unknown")


def test_what_is_no_form_is_refused(server):
    root = server.src.rstrip("/") + "/gradio_api/upload"
    assert httpx.get(root).status_code == 405
    assert httpx.post(root, content=b"x").status_code == 400
    broken = {"content-type": "multipart/form-data; boundary=a"}
    assert httpx.post(root, content=b"--b\r\n", headers=broken).status_code == 400
    for field in ({"other": b"x"}, {}):
        assert httpx.post(root, files=field).status_code == 400
    field = b'--a\r\nContent-Disposition: form-data; name="%s"\r\n\r\nabc\r\n--a--\r\n'
    for kind in ("", "; charset=punycode"):  # which takes the square of a text's length
        told = {"content-type": f"multipart/form-data; boundary=a{kind}"}
        assert httpx.post(root, content=field % b"files", headers=told).status_code == 400
    token = httpx.post(root, files={"files": ("a.jpg", b"abc")}).json()[0]
    assert "neither a picture" in check(server, token)


def test_files_of_which_one_has_no_room_are_not_kept(monkeypatch):
    monkeypatch.setattr(HANDED._room, "total", 10)
    both = [("files", ("a", b"123456")), ("files", ("b", b"123456"))]
    answer = TestClient(Handed(None)).post("/gradio_api/upload", files=both)
    assert answer.status_code == 503 and "Other visitors" in answer.json()["detail"]
    assert not len(HANDED)


def test_who_sends_many_files_does_not_lock_others_out(monkeypatch):
    monkeypatch.setattr(HANDED, "_most", 3)
    first, *others = [HANDED.receive("a", b"abc") for _ in range(4)]
    assert name_of(f"handed:{first}") == "" and len(HANDED) == 3
    for token in others:
        HANDED.drop(token)


# -- without a server ----------------------------------------------------------------
def test_a_file_is_taken_once():
    token = HANDED.receive("C:\\me\\a.jpg", b"abc")
    assert name_of(f"handed:{token}") == "a.jpg" and name_of("handed:x") == name_of("eHg=") == ""
    assert decoded(f"handed:{token}", 3) == b"abc"
    with pytest.raises(UserError, match="forgotten"):
        decoded(f"handed:{token}", 3)
    with pytest.raises(UserError, match="over 0 MB"):
        decoded(f"handed:{HANDED.receive('b', b'abcd')}", 3)
    assert not len(HANDED)


def test_what_no_call_takes_is_forgotten(monkeypatch):
    token = HANDED.receive("a.jpg", b"abc")
    later = time.monotonic() + IDLE + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    HANDED.sweep()
    with pytest.raises(UserError, match="forgotten"):
        decoded(f"handed:{token}", 3)


def test_only_what_names_a_file_becomes_text():
    meta = {"_type": "gradio.FileData"}
    assert as_text({"path": "handed:x", "url": "y", "meta": meta}) == "handed:x"
    assert (
        as_text({"url": "http://a", "meta": meta}) == "http://a" and as_text({"meta": meta}) == ""
    )
    for other in ({"path": "a"}, {"meta": "x", "path": "a"}, "a", 3, None, [meta]):
        assert as_text(other) is other


def test_no_more_is_kept_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(HANDED._room, "total", 10)
    token = HANDED.receive("a", b"123456")
    with pytest.raises(UserError, match="Other visitors"):
        HANDED.receive("b", b"12345")
    HANDED.drop(token)
