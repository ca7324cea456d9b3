"""Arrows point down: who may import whom, read from the source."""

import ast
from pathlib import Path

import ganfake

ROOT = Path(ganfake.__file__).parent
BOTTOM = {
    "", "folders", "images", "archives", "devices", "weights", "provenance", "mp4_boxes", "video",
    "stats", "fileinfo", "c2pa_info", "eight_bits", "exif", "jpeg_traces", "file_words", "frames",
    "marks", "clip_io", "reel", "moving", "movie_info", "swept", "writing", "left_out", "upright",
    "damage", "overload", "mp4_tables", "containers",
}  # fmt: skip
LEVELS = [  # from the bottom up; a module imports its own level and those below
    BOTTOM,
    {"models", "codes", "fingerprints", "faces", "mtcnn", "sideways"},
    {"experts"},
    {
        "generate",
        "amplify",
        "lesson",
        "remake",
        "still",
        "walk",
        "judge",
        "film",
        "swap",
        "swap_video",
        "swap_choice",
        "blending",
        "tracks",
        "persons",
        "reshape",
        "identity",
        "extract",
        "extract_look",
        "extract_words",
        "extracted",
        "detect",
        "detect_files",
        "forked",
        "checked",
        "check_plot",
        "clips",
        "shots",
        "workers",
        "explain",
        "report",
        "report_face",
        "report_words",
        "quality",
        "study",
    },
    {"quiz", "train"},
    {"lab"},  # the live lab trains, with the losses of train
    {"ui"},
    {
        "__main__",
        "commands",
        "commands_detect",
        "commands_evaluate",
        "commands_swap",
        "commands_quiz",
        "commands_train",
        "commands_quality",
    },
]


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
            if node.module == "ganfake":
                found |= {f"ganfake.{alias.name}" for alias in node.names}
    return found


def _room(module: str) -> str:
    return ([*module.split("."), ""])[1]


def test_arrows_point_down():
    level = {room: number for number, rooms in enumerate(LEVELS) for room in rooms}
    for path in ROOT.rglob("*.py"):
        own = path.relative_to(ROOT).parts[0].removesuffix(".py")
        own = "" if own == "__init__" else own
        for module in _imports(path):
            if module.split(".")[0] != "ganfake":
                continue
            other = _room(module)
            if other not in level:  # a name such as UserError, from the package itself
                other = ""
            assert level[other] <= level[own], f"{path} imports {module}"


def test_quiz_and_training_do_not_meet():
    for path in (ROOT / "quiz").rglob("*.py"):
        assert not any(m.startswith("ganfake.train") for m in _imports(path)), path
    for path in (ROOT / "train").rglob("*.py"):
        assert not any(m.startswith("ganfake.quiz") for m in _imports(path)), path


def test_gradio_stays_in_the_page():
    for path in ROOT.rglob("*.py"):
        if "ui" not in path.relative_to(ROOT).parts:
            assert not any(m.split(".")[0] == "gradio" for m in _imports(path)), path
