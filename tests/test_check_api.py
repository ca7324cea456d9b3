"""The endpoint /check gives the object of the command line, or one sentence."""

import base64
import io
import json

import gradio as gr
import pytest
from PIL import Image

from ganfake import UserError
from ganfake.detect import check_file
from ganfake.ui.check_api import check_content, check_endpoint
from tests.filming import HEAD
from tests.judging import judged

pytestmark = pytest.mark.usefixtures("judged")


@pytest.fixture(scope="module")
def content() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(HEAD).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("head", ["", "data:image/png;base64,", "data:;base64,"])
def test_the_same_object_as_the_command_line(content, head):
    said = check_content(head + base64.b64encode(content).decode(), "a.png")
    assert said == json.loads(json.dumps(check_file(content, "a.png").as_dict()))
    assert said["file"] == "a.png" and len(said["faces"]) == 1


def test_a_file_that_is_no_picture_is_an_error_in_the_object():
    said = check_content(base64.b64encode(b"hello").decode(), "/etc/passwd")
    assert said["file"] == "/etc/passwd" and said["verdict"] is None
    assert said["error"].startswith("This is neither a picture")


@pytest.mark.parametrize(
    "file", [None, 3, "", "ä", "data:image/png,abc", "data:;base64,", "a b", "abc"]
)
def test_what_is_no_base64_is_one_sentence(file):
    with pytest.raises(UserError, match=r"^[A-Z].*$"):
        check_content(file)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_base64_may_come_in_lines_as_the_command_writes_it(end, content):
    lines = base64.encodebytes(content).decode().replace("\n", end)
    assert lines.count(end) > 2
    assert check_content(lines, "head.jpg") == check_content(
        base64.b64encode(content).decode(), "head.jpg"
    )


def test_files_over_the_limit_are_refused_before_decoding(monkeypatch):
    monkeypatch.setattr("ganfake.ui.check_api.MAX_BYTES", 2**20)
    with pytest.raises(UserError, match="over 1 MB"):
        check_content("A" * (2**21))


def test_it_is_registered_and_documented():
    with gr.Blocks() as page:
        check_endpoint()
    [endpoint] = page.get_api_info()["named_endpoints"].items()
    assert endpoint[0] == "/check"
    names = [parameter["parameter_name"] for parameter in endpoint[1]["parameters"]]
    assert names == ["file", "name"]
