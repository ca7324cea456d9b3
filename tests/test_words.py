"""The table of Chinese, and texts and pages that it turns."""

import json
import re

import pytest

from ganfake import clips, detect, moving, report_words
from ganfake.experts import reasons
from ganfake.ui import check, words
from ganfake.ui.theme import ASSETS
from ganfake.ui.words import read_language, table, translate
from ganfake.ui.words_html import translate_html

HOLE = re.compile(r"\{[a-z]+\d*\}")
# English and what the page shows for it; tests/browser/test_words.py runs the same in the browser.
CASES = {
    "exact": ("Which face is real?", "哪张脸是真的？"),
    "in other spaces": ("\n  Which face\n  is\u00a0real?  ", "\n  哪张脸是真的？  "),
    "numbers": ("Round 3 of 10 · Score 1,234 · Streak 0", "第 3/10 轮 · 得分 1,234 · 连对 0"),
    "a negative number": (
        "Sensitivity d′ -0.27 (0 is guessing); bias c −1.34: no clear leaning.",
        "敏感度 d′ -0.27（0 表示瞎猜）；偏向 c −1.34：没有明显偏向。",
    ),
    "no number": ("Round three of 10 · Score 1 · Streak 0", None),
    "nested": (
        "If it is fake, the traces are most like a DCGAN (79\u00a0% of the weight).",
        "如果它是假的，痕迹最像DCGAN（占 79 % 的权重）。",
    ),
    "a list inside": (
        "3 faces: 1 probably fake, 2 uncertain.",
        "3 张人脸：1 个很可能是假的、2 个不确定。",
    ),
    "a list": ("Smiling: yes, Hair: blond", "微笑：是、头发：金色"),
    "a list of which one part is not known": ("Nose: long, Smiling: yes", None),
    "several sentences": (
        "One face: probably fake. Only the first of 2 files was taken; the command line checks"
        " many.",
        "一张人脸：很可能是假的。2 个文件中只取了第一个；命令行可以一次检测多个。",
    ),
    "a number before its sentence": ("2. Aligned: ", "2. 对齐： "),
    "one sentence of two is not known": ("Stopped. And now?", None),
    "what people name stays": ("Sending Stop.png.", "正在发送 Stop.png。"),
    "a name of many dots": ("Saved as a. b. c.zip.", "已保存为 a. b. c.zip。"),
    "a name in Chinese": ("Sending 照片.png: 43 %", "正在发送 照片.png：43 %"),
    "unknown": ("Nobody has translated this sentence.", None),
    "a name of the language itself": ("constructor", None),
    "a time": ("0.8 s", "0.8 秒"),
    "a count of photos": (
        "Such a finding was wrong for about 9 of 100 held-out photos: the faces were fakes (95 %"
        " interval: 6 to 13).",
        "在留出的照片中，得到这种判定的每 100 张里约有 9 张判错了："
        "那些脸其实是假图（95 % 区间：6 到 13）。",
    ),
    "no words": ("12.5 %", None),
    "markup": ("<script>alert('Right.')</script>", None),
    "markup as a name": (
        "Sending <img src=x onerror=alert(1)>.png.",
        "正在发送 <img src=x onerror=alert(1)>.png。",
    ),
    "what holds for several faces": (
        "A face looks fake, but beside the others that is not enough for the whole. All count"
        " together, for among 10 one may look fake by chance; how often a finding is wrong was"
        " counted for single faces.",
        "有一张脸像是假的，但和其他的脸一起看，还不足以说整体是假的。所有的脸合在一起判断，"
        "因为在 10 张脸里，可能有一张碰巧像是假的；这种判定的错误率是按单张脸统计的。",
    ),
    "holes as a name": ("Sending {n} $& $1.png.", "正在发送 {n} $& $1.png。"),
    "many sentences that are not known": ("No. " * 400, None),
}


@pytest.mark.parametrize("case", CASES)
def test_a_text_in_chinese(case):
    text, expected = CASES[case]
    assert translate(text, "zh") == (text if expected is None else expected)
    assert translate(text, "en") == text


def test_a_browser_may_name_any_language_and_gets_english():
    assert read_language("zh") == "zh"
    for given in ("de", "", None, 7, ["zh"], {"zh": 1}):
        assert read_language(given) == "en"


def test_the_table_has_each_row_once_and_its_placeholders_agree():
    seen = {}
    for path in sorted((ASSETS / "zh").glob("*.json")):
        rows = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=list)
        for key, value in rows:
            assert key not in seen, f"{key!r} is in {seen.get(key)} and in {path.name}"
            seen[key] = path.name
            holes = HOLE.findall(key)
            assert len(holes) == len(set(holes)), key
            assert set(holes) == set(HOLE.findall(value)), key
            assert key == " ".join(key.split()), f"{key!r} has spaces that no text keeps"
    assert len(seen) == len(table()) > 900


def test_chinese_has_chinese_punctuation():
    for key, value in table().items():
        bare = re.sub(r"`[^`]*`|\{[^}]*\}", "", value)
        wrong = re.search(r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]", bare)
        assert not wrong, f"{key!r}: {value!r}"


def test_no_row_is_so_general_that_it_takes_any_text():
    for key in table():
        if HOLE.search(key):
            # "{t}, {t2}" would; a word or a sign that is rarely met has to stand beside.
            said = HOLE.sub("", key)
            assert re.search(r"[A-Za-z]|[^\w\s.,;:]", said), key


def test_a_page_is_turned_and_the_rest_of_it_stays():
    page = (
        '<!doctype html><html lang="en"><head><title>Report on a &amp; b.png</title>'
        "<style>h1 { content: 'Right.' }</style></head><body class='x'><!-- Right. -->"
        "<p>This is not proof.<br/> <b data-x=1>Half of those photos were fake.</b></p>"
        "<pre>Which face is real?</pre><p data-verbatim>Stop</p>"
        '<img alt="The face" src="data:,x"><input placeholder=\'Nickname\' value="Right.">'
        "<p>Nobody &lt;b&gt; knows &#8212; this.</p></body></html>"
    )
    expected = (
        page.replace('lang="en"', 'lang="zh-CN"')
        .replace("Report on a &amp; b.png", "检测报告：a &amp; b.png")
        .replace("This is not proof.", "这不是证据。")
        .replace("Half of those photos were fake.", "那些照片有一半是假的。")
        .replace('alt="The face"', 'alt="人脸"')
        .replace("placeholder='Nickname'", 'placeholder="昵称"')
    )
    assert translate_html(page, "zh") == expected
    assert translate_html(page, "en") == page


def test_what_a_file_is_called_stays_text():
    page = "<h1>Report on &lt;script&gt;alert(1)&lt;/script&gt;</h1>"
    assert translate_html(page, "zh") == page.replace("Report on ", "检测报告：")


def test_the_script_carries_the_table_and_cannot_be_left():
    script = words.script()
    assert "哪张脸是真的？" in script
    assert "</" not in script


def test_what_is_said_of_animations_and_several_pictures_is_in_the_table():
    sentences = [clips.ANIMATED, detect.SEVERAL, moving.LARGE, moving.SLOW, check.STILL,
                 report_words.GUIDE, report_words.several(3), "Shown is the first frame.",
                 clips.SHORT_OF_TIME, clips.HDR, clips.BROKEN,
                 "Animated picture, 300 × 200 pixels, 1,000 bytes",
                 f"{detect.NO_FACE} {clips.ANIMATED}", f"{reasons.CLOSE} {clips.ANIMATED}",
                 reasons.RATHER_FAKE, reasons.DRAWING, reasons.CUT_OUT,
                 reasons.COMPRESSED, clips.FLEETING, detect.NEITHER,
                 f"{reasons.RATHER_REAL} {clips.ANIMATED}",
                 "a.gif, One person: probably fake.", "Person 2: probably fake, 93 % fake",
                 "Length 3.2 s, of which 36 frames were looked at."]  # fmt: skip
    for sentence in sentences:
        assert not re.search("[a-z]{4}", translate(sentence, "zh")), sentence
