"""Content credentials: signed here, then broken; nothing is fetched for them."""

import io
import json
import re
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import c2pa
import numpy as np
import pytest

from ganfake import c2pa_info, file_words, provenance
from ganfake.c2pa_info import Credentials, read_credentials, summary
from ganfake.fileinfo import FileFacts, file_facts
from ganfake.ui.words import translate
from ganfake.video import encode_mp4
from tests.facts import jpeg, said
from tests.signing import SIGNER, sign


def test_an_intact_signature(signed):
    facts = file_facts(signed)
    found = facts.credentials
    assert found.state == "intact" and found.problems == ()
    assert found.signer == f"{SIGNER}, Signer" and found.maker == "Maker 1.5"
    assert found.actions == ("c2pa.created",)
    assert found.source_types == ("trainedAlgorithmicMedia",)
    words = said(facts, "Content credentials (C2PA)")
    assert "signature is intact" in words and "cannot say who stands behind it" in words
    assert said(facts, "What they say").startswith("Written by Maker 1.5; steps: created; made by")
    assert facts.source_type == ""  # that is XMP's
    assert said(facts, "Not there").startswith("No camera data.")


def test_one_changed_byte_of_pixels_shows(signed):
    changed = bytearray(signed)
    changed[-100] ^= 1
    facts = file_facts(bytes(changed))
    assert facts.credentials.state == "changed"
    assert facts.credentials.problems == ("assertion.dataHash.mismatch",)
    words = said(facts, "Content credentials (C2PA)")
    assert "changed after it was signed" in words and "intact" not in words


def test_a_changed_record_is_broken(signed):
    content = signed.replace(b"trainedAlgorithmicMedia", b"drainedAlgorithmicMedia")
    found = read_credentials(content)
    assert found.state == "broken" and "assertion.hashedURI.mismatch" in found.problems


def test_a_record_that_is_cut_off(signed):
    start = signed.index(b"jumb")
    assert read_credentials(signed[: start + 900]) == Credentials("unreadable")
    facts = file_facts(signed[: start + 900])
    assert "cannot be read" in said(facts, "Content credentials (C2PA)")


@pytest.mark.parametrize("kind", ["PNG", "WebP", "MP4"])
def test_other_containers_are_signed_too(picture, kind):
    if kind == "MP4":
        content, mime = encode_mp4([np.asarray(picture)] * 3, 12), "video/mp4"
    else:
        content = provenance.encode(picture, kind, model="dcgan")
        mime = f"image/{kind.lower()}"
    facts = file_facts(sign(content, mime))
    assert (facts.credentials.state, facts.container) == ("intact", kind)


def test_the_word_jumb_is_no_record(picture):
    assert read_credentials(jpeg(picture)) is None
    assert read_credentials(jpeg(picture, comment=b"jumb, jumb, jumb")) is None


class _Asked(BaseHTTPRequestHandler):
    """Counts who asks it."""

    def do_GET(self):
        self.server.asked += 1
        self.send_error(404)

    def log_message(self, *_):
        pass


def test_nothing_is_fetched(picture):
    """The same file makes the library ask the host, when it is used without our settings."""
    with HTTPServer(("127.0.0.1", 0), _Asked) as server:
        server.asked = 0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/record.c2pa"
        # The word makes us start the library, which a file without a record would not.
        content = sign(jpeg(picture, comment=b"jumb"), remote=address)
        facts = file_facts(content)
        assert server.asked == 0
        assert facts.remote == "127.0.0.1" and facts.credentials is None
        assert "kept at 127.0.0.1. It was not fetched" in said(facts, "Content credentials (C2PA)")
        with pytest.raises(c2pa.C2paError):
            c2pa.Reader("image/jpeg", io.BytesIO(content))
        assert server.asked > 0
        server.shutdown()


def test_the_process_may_open_nothing(tmp_path):
    """Not a socket, nor a file: a limit of the system, besides the settings."""
    resource = pytest.importorskip("resource")
    import subprocess
    import sys

    script = (
        "import socket, sys; sys.path.append(sys.argv[1]);"
        "from ganfake.c2pa_info import _lock_in; socket.socket().close(); _lock_in(5, 0);"
        "socket.socket()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "."], capture_output=True, text=True, check=False
    )
    assert resource and "Too many open files" in done.stderr and done.returncode == 1


def test_a_crash_of_the_library_is_survived(signed, monkeypatch, tmp_path):
    for name, body in {
        "crash": "import os; os.abort()",
        "chatter": "print('[' * 10**6)",
        "fail": "print('{}'); raise SystemExit(3)",
    }.items():
        path = tmp_path / f"{name}.py"
        path.write_text(body)
        monkeypatch.setattr(c2pa_info, "__file__", str(path))
        assert read_credentials(signed) == Credentials("unreadable")
    path.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(c2pa_info, "_PATIENCE", 0.5)
    assert read_credentials(signed) == Credentials("unreadable")


def test_what_an_ingredient_says_counts():
    """A picture edited in a program that was made by AI before."""
    ai = provenance.VOCABULARY + "trainedAlgorithmicMedia"

    def manifest(*actions) -> dict:
        return {"assertions": [{"label": "c2pa.actions", "data": {"actions": list(actions)}}]}

    store = {
        "active_manifest": "b",
        "manifests": {
            "a": manifest({"action": "c2pa.created", "digitalSourceType": ai}),
            "b": manifest({"action": "c2pa.edited"}, "no action"),
        },
        "validation_state": "Valid",
    }
    found = summary(store)
    assert found.state == "intact" and found.actions == ("c2pa.edited",)
    assert found.source_types == ("trainedAlgorithmicMedia",)
    assert not found.false_parts
    assert summary({}).state == "broken"
    assert summary({**store, "validation_state": "Invalid"}).state == "broken"


def test_what_a_part_says_that_does_not_fit_its_record_does_not_count():
    def manifest(kind: str, *parts: dict) -> dict:
        action = {"action": "c2pa.created", "digitalSourceType": provenance.VOCABULARY + kind}
        actions = {"label": "c2pa.actions", "data": {"actions": [action]}}
        return {"ingredients": list(parts), "assertions": [actions]}

    def part(name: str, *codes: str) -> dict:
        failure = [{"code": code} for code in ("signingCredential.untrusted", *codes)]
        return {"active_manifest": name, "validation_results": {"activeManifest": {
            "failure": failure}}}  # fmt: skip

    store = {
        "active_manifest": "edited", "validation_state": "Valid",
        "manifests": {
            "edited": manifest("composite", part("changed", "assertion.dataHash.mismatch"),
                               part("whole")),
            "changed": manifest("digitalCapture", part("inner")),
            "inner": manifest("negativeFilm"), "whole": manifest("print"),
        },
    }  # fmt: skip
    found = summary(store)
    assert found.state == "intact" and found.false_parts
    assert found.source_types == ("composite", "print")
    said = [text for _, text in file_words.lines(FileFacts("", 1, credentials=found))]
    (doubt,) = [text for text in said if "does not fit its own record" in text]
    assert not re.search("[a-z]", translate(doubt, "zh"))
    store["manifests"] = {"edited": manifest("composite", part("far", "manifest.inaccessible"))}
    assert not summary(store).false_parts, "its record is kept elsewhere, and was not fetched"


def test_no_mark_of_ai_is_not_said_where_one_may_have_been_left_out():
    for false_parts in (False, True):
        record = Credentials("intact", false_parts=false_parts)
        words = said(FileFacts("", 1, "JPEG", credentials=record), "Not there")
        assert words.startswith("No camera data." if false_parts else "No mark of AI and no camera")


def test_damaged_records_never_raise(signed):
    """The library may refuse them with its own error; what it reads has a summary."""
    start, end = signed.index(b"jumb") - 8, signed.index(b"\xff\xdb")
    rng = np.random.default_rng(6)
    read = 0
    with c2pa.Context.from_dict(c2pa_info.OFFLINE) as context:
        for number in range(200):
            changed = bytearray(signed)
            for at in rng.integers(start, end, rng.integers(1, 4)):
                changed[at] = rng.integers(256)
            content = bytes(changed)
            if number < 3:
                found = read_credentials(content)
                assert found is None or found.state in c2pa_info.STATES
            with suppress(c2pa.C2paError):
                reader = c2pa.Reader.try_create(None, io.BytesIO(content), context=context)
                read += reader is not None
                assert reader is None or summary(json.loads(reader.json())).state
    assert read > 5
