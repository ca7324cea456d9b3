"""Content credentials (C2PA, https://c2pa.org): what a file's signed record says, and if it holds.

The library that checks them is native code and the files are hostile, so it runs in a process
of its own that may use little memory and time. Nothing is fetched: the settings forbid it, and
where the system allows, the process may not even open a socket. As there is no list of trusted
signers here, a signature shows that nothing was changed since, not who stands behind it.
"""

import io
import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain

OFFLINE = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "core": {"allowed_network_hosts": [], "allow_redirects": False},
}
MAX_TEXT = 200  # characters of any field
_MAX_ITEMS = 12  # actions, codes and source types that are kept
_PATIENCE = 20.0  # seconds on the clock, for a machine that has much else to do
_SPEED = 50e6  # bytes that are hashed in a second of the processor, at the least
_MEMORY = 2**30  # bytes, besides the file itself
_SENT = 10**5  # bytes of an answer; more is no answer of ours

STATES = INTACT, CHANGED, BROKEN, UNREADABLE = "intact", "changed", "broken", "unreadable"


@dataclass(frozen=True)
class Credentials:
    """A file's C2PA record; every text is what the file claims, at most 200 characters.

    state: "intact" (the signature fits and the file is as it was signed), "changed" (the file
    is not what was signed), "broken" (the record or its signature does not hold together, or
    the certificate is not fit to sign) or "unreadable" (damaged, or too much work).
    signer: organisation and name in the certificate. source_types: IPTC codes, those of the
    pictures that this one was made from among them, where those fit their own records;
    false_parts: whether some do not. problems: codes of the C2PA standard.
    """

    state: str
    signer: str = ""
    signed: str = ""  # when, as a time stamp authority says
    maker: str = ""  # the program that wrote the record
    actions: tuple[str, ...] = ()
    source_types: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    false_parts: bool = False


def plain(text: object, limit: int = MAX_TEXT) -> str:
    """A text from a file, fit to be shown: printable, on one line, and short."""
    text = text if isinstance(text, str) else ""
    words = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


def read_credentials(content: bytes) -> Credentials | None:
    """The C2PA record of a picture or video; None when it has none.

    Never raises; what cannot be read is "unreadable".
    """
    if b"jumb" not in content:  # the boxes of every record, in whatever container
        return None
    # -P: the names of our modules must not stand in for those of others.
    command = [sys.executable, "-P", __file__, str(2 + int(len(content) / _SPEED))]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=_PATIENCE, check=False
        )
        found = json.loads(done.stdout) if len(done.stdout) < _SENT else False
    except (OSError, subprocess.SubprocessError, ValueError):
        found = False
    if found is None:
        return None
    if not isinstance(found, dict) or done.returncode:
        return Credentials(UNREADABLE)
    return Credentials(**{k: tuple(v) if isinstance(v, list) else v for k, v in found.items()})


# -- in the other process ------------------------------------------------------------
def _main(seconds: int) -> None:
    """Read a file from standard input, write its credentials as JSON, or null for none."""
    import c2pa

    content = sys.stdin.buffer.read()
    _lock_in(seconds, len(content))
    found: Credentials | None = Credentials(UNREADABLE)
    try:
        context = c2pa.Context.from_dict(OFFLINE)
        reader = c2pa.Reader.try_create(None, io.BytesIO(content), context=context)
        found = reader and summary(json.loads(reader.json()))
    except Exception as error:  # noqa: BLE001 - whatever a hostile record brings about
        if str(error).startswith("Remote:"):  # in the file itself there is no record
            found = None
    json.dump(found and asdict(found), sys.stdout)


def _lock_in(seconds: int, size: int) -> None:
    """Bound the processor time and memory of this process, and let it open nothing more."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {"RLIMIT_CPU": seconds, "RLIMIT_AS": _MEMORY + 4 * size, "RLIMIT_NOFILE": 0}
    for name, limit in limits.items():
        with suppress(OSError, ValueError, AttributeError):  # macOS knows no limit of memory
            resource.setrlimit(getattr(resource, name), (limit, limit))


def summary(store: dict) -> Credentials:
    """The part of a manifest store, as c2pa's Reader tells it in JSON, that people ask for."""
    manifests = store.get("manifests") or {}
    active = manifests.get(store.get("active_manifest")) or {}
    signature = active.get("signature_info") or {}
    actions = _actions(active)
    false = _false_parts(manifests)
    every = [a for name, m in manifests.items() if name not in false for a in _actions(m)]
    codes = [problem.get("code") for problem in _problems(store)]
    who = dict.fromkeys(plain(signature.get(key)) for key in ("issuer", "common_name"))
    return Credentials(
        state=_state(codes, store.get("validation_state")),
        signer=", ".join(filter(None, who)),
        signed=plain(signature.get("time")),
        maker=_maker(active),
        actions=_few(action.get("action") for action in actions),
        source_types=_few(_code(action.get("digitalSourceType")) for action in every),
        problems=_few(codes),
        false_parts=bool(false),
    )


def _problems(store: dict) -> list[dict]:
    """What is wrong with the record, but for a signer that no list of ours names."""
    results = store.get("validation_results") or {}
    failures = list((results.get("activeManifest") or {}).get("failure") or [])
    for delta in results.get("ingredientDeltas") or []:
        failures += (delta.get("validationDeltas") or {}).get("failure") or []
    return _harmful(failures)


def _harmful(failures: list[dict]) -> list[dict]:
    harmless = ("signingCredential.untrusted", "timeStamp.untrusted")
    return [f for f in failures if f.get("code") not in harmless]


def _false_parts(manifests: dict[str, dict]) -> set[str | None]:
    """Names of the manifests of parts that did not fit them when they were put in, and of the
    parts of those; None for a part whose manifest is not there."""
    parts = {name: m.get("ingredients") or [] for name, m in manifests.items()}
    false = {part.get("active_manifest") for part in chain(*parts.values()) if _failed(part)}
    waiting = list(false)
    while waiting:
        inner = {p.get("active_manifest") for p in parts.get(waiting.pop(), [])} - false
        false |= inner
        waiting += inner
    return false


def _failed(part: dict) -> bool:
    results = part.get("validation_results") or {}
    failures = _harmful((results.get("activeManifest") or {}).get("failure") or [])
    # A record kept on a host that nobody asked tells nothing against the picture.
    return any(f.get("code") != "manifest.inaccessible" for f in failures)


def _state(codes: list, overall: object) -> str:
    # A hash of the file's own bytes; "hashedURI" is about parts of the record.
    content = ("assertion.dataHash.", "assertion.bmffHash.", "assertion.boxesHash.")
    # Nothing is said of the file while the record that holds its hash is in doubt.
    if not codes:
        return INTACT if overall in ("Valid", "Trusted") else BROKEN
    return CHANGED if all(str(code).startswith(content) for code in codes) else BROKEN


def _actions(manifest: dict) -> list[dict]:
    found = []
    for assertion in manifest.get("assertions") or []:
        if str(assertion.get("label")).startswith("c2pa.actions"):
            found += (assertion.get("data") or {}).get("actions") or []
    return [action for action in found if isinstance(action, dict)]


def _maker(manifest: dict) -> str:
    told = manifest.get("claim_generator_info") or []
    names = [f"{i.get('name', '')} {i.get('version') or ''}" for i in told if isinstance(i, dict)]
    return plain(", ".join(n.strip() for n in names) or manifest.get("claim_generator"))


def _code(address: object) -> str:
    """The last part of an address of IPTC's vocabulary."""
    return str(address or "").rstrip("/").rsplit("/", 1)[-1]


def _few(texts) -> tuple[str, ...]:
    """Distinct texts, fit to be shown, the first of them."""
    return tuple(dict.fromkeys(filter(None, map(plain, texts))))[:_MAX_ITEMS]


if __name__ == "__main__":
    _main(int(sys.argv[1]))
