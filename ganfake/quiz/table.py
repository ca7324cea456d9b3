"""The table people play at: decks, game and scores of one server, in plain values."""

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypedDict

from ganfake import UserError
from ganfake.archives import Contents
from ganfake.folders import data_dir
from ganfake.quiz import rooms, second
from ganfake.quiz.cards import Pack, Supply, marked
from ganfake.quiz.decks.folder import read_folder
from ganfake.quiz.decks.lfw import MIN_FACES, LFWDeck, lfw_progress, start_lfw
from ganfake.quiz.decks.pocket import PocketDeck
from ganfake.quiz.game import MODES, SET_LENGTH, TIME_LIMIT, Game, Verdict, today
from ganfake.quiz.own_decks import OWN, OwnDecks
from ganfake.quiz.report import make_report
from ganfake.quiz.rounds import Round
from ganfake.quiz.scores import open_scores, player_id

FAKES_BY = "dcgan"
_FIRST_FAKES = 100


class RoundView(TypedDict):
    """A round as the browser gets it: nothing here depends on the answer."""

    player: str
    round: str
    mode: str
    deck: str
    room: str
    number: int
    of: int
    score: int
    streak: int
    first: str  # what was said already where there is a second look, else ''
    choices: list[str]
    pictures: list[str]  # JPEG data addresses, all of the same length
    seconds_left: float | None


class AnswerView(TypedDict):
    """What comes back for an answer."""

    correct: bool
    in_time: bool
    truth: str
    made_by: str
    put_by: str  # who put the fake into the daily challenge, '' for the server's own
    fake: str  # the round's fake as a PNG that says so, '' when none was shown
    number: int
    of: int
    score: int
    streak: int
    finished: bool
    set: int


class Table:
    """Everything the Play tab and its API call. Start one per server."""

    def __init__(self, folder: Path | None = None, model: str = FAKES_BY):
        self.scores, self.note = open_scores(folder or data_dir())
        self._secret = self.scores.secret()
        self._supply = Supply(model, self._secret)
        self.packs: dict[str, Pack] = {"pocket": Pack(PocketDeck(), self._supply)}
        self.packs["pocket"].fill(_FIRST_FAKES)
        self.game = Game(self.scores, self.packs)
        self._own = OwnDecks(self.packs, self._supply, self.game.forget_deck)
        self._lock = threading.Lock()
        self._tending = False
        if len(LFWDeck()) >= MIN_FACES:  # aligned in an earlier run
            self._tend_lfw()

    # -- playing -----------------------------------------------------------------
    def token(self, offered: str, session: str = "") -> str:
        """The secret that stands for a player: theirs, their session's, or a new one."""
        offered = str(offered or "")
        if _fits(offered):
            return offered
        if session:
            return hmac.digest(self._secret, session.encode(), hashlib.sha256).hex()[:40]
        return secrets.token_urlsafe(24)

    def new_round(self, token: str, mode: str, deck: str, room: str = "") -> RoundView:
        """Deal, or give again, a round; see `Game.new_round` for the errors."""
        self._own.sweep()
        round_ = self.game.new_round(token, mode, deck, room)
        return self._round_view(round_, rooms.clean_code(self.scores, room))

    def _round_view(self, round_: Round, room: str) -> RoundView:
        set_ = round_.set
        left = TIME_LIMIT - (time.monotonic() - round_.dealt)
        look = self.game.look_taken(round_)
        return RoundView(
            player=round_.token,
            round=round_.id,
            mode=set_.mode,
            deck=set_.deck,
            room=room,
            number=round_.number,
            of=SET_LENGTH,
            score=sum(a.correct for a in self.scores.answers(set_.id)),
            streak=self.scores.last_streak(set_.player, set_.mode),
            first=look.first if look else "",
            choices=list(round_.choices),
            pictures=[_data_address(p) for p in round_.pictures],
            seconds_left=max(0.0, round(left, 2)) if set_.mode == "timed" else None,
        )

    def answer(self, round_id: str, choice: str, sure: str = "") -> AnswerView:
        """Take an answer: 'left' or 'right', 'real' or 'fake', and 'sure', 'unsure' or ''."""
        verdict: Verdict = self.game.answer(
            str(round_id), str(choice), {"sure": True, "unsure": False}.get(str(sure))
        )
        shown = zip(verdict.round.cards, verdict.round.pictures, strict=True)
        fakes = [_shown_again(picture, card.made_by) for card, picture in shown if card.made_by]
        return AnswerView(
            correct=verdict.answer.correct,
            in_time=verdict.in_time,
            truth=verdict.answer.truth,
            made_by=verdict.answer.made_by,
            put_by="".join(card.put_by for card in verdict.round.cards),
            fake="".join(fakes),
            number=verdict.answer.number,
            of=SET_LENGTH,
            score=verdict.score,
            streak=verdict.answer.streak,
            finished=verdict.finished,
            set=verdict.round.set.id,
        )

    def result(self, token: str, set_id: int) -> dict:
        """The report of one's own set, with the fakes that fooled one."""
        known = type(set_id) is int and 0 < set_id < 2**63  # what SQLite can count
        set_ = self.scores.get_set(set_id) if known else None
        if set_ is None or set_.player != player_id(token) or set_.mode not in MODES:
            raise UserError("There is no such game of yours; play a new one.")
        answers = self.scores.answers(set_.id)
        report = make_report(answers, paired=set_.mode not in ("single", "second"))
        fooled = [
            {
                "picture": _shown_again(a.fooled_by, a.made_by),
                "made_by": a.made_by,
                "number": a.number,
            }
            for a in answers
            if a.fooled_by
        ]
        helped = second.helped(answers, self.scores.looks(set_.id))
        return {
            **asdict(report), "accuracy": report.accuracy, "mode": set_.mode, "fooled": fooled,
            "helped": helped,
        }  # fmt: skip

    def rename(self, token: str, nickname: str) -> str:
        """Give oneself a nickname for the leaderboards; returns it as it is kept.

        UserError for what is no nickname, and for a token that stands for no player.
        """
        if not _fits(token):  # else all who have none yet would share one name
            raise UserError("Play a round first, then save your nickname.")
        nickname = rooms.clean_nickname(nickname)
        self.scores.rename(player_id(token), nickname)
        return nickname

    def nickname(self, token: str) -> str:
        """The nickname one has, '' for none."""
        return self.scores.nickname(player_id(token)) if _fits(token) else ""

    def daily_leaderboard(self) -> list[rooms.Standing]:
        """Who played today's challenge."""
        return rooms.leaderboard(self.scores, mode="daily", day=today())

    # -- decks -------------------------------------------------------------------
    def decks(self, token: str = "") -> list[dict]:
        """What can be played, the sharpest first: name, title, about, count."""
        self._own.sweep()
        packs = list(self.packs.items())  # they come and go meanwhile
        rows = [(name, pack.deck) for name, pack in packs if pack.ready and ":" not in name]
        if own := self._own.pack(token):
            rows.append((OWN, own.deck))
        rows.sort(key=lambda row: (row[0] != OWN, -row[1].size, row[1].grey))
        return [{"name": n, "title": d.title, "about": d.about, "count": len(d)} for n, d in rows]

    def add_folder(self, source: Path, progress: Callable[[int], None] | None = None) -> str:
        """Make the host's folder or zip of photographs a deck for all; returns its report."""
        deck, report = read_folder(source, progress)
        deck.title, deck.about = "Folder", "Faces from photographs of whoever runs this page."
        pack = Pack(deck, self._supply)
        pack.fill()
        self.packs["folder"] = pack
        return report.sentence()

    def add_own(
        self,
        token: str,
        source: Path | Contents,
        progress: Callable[[int], None] | None = None,
    ) -> str:
        """Make a visitor's photographs a deck for them alone, in memory for an hour."""
        return self._own.read(token, source, progress)

    def forget_own(self, token: str) -> None:
        """Stop reading a visitor's photographs, and forget what was read and dealt of it."""
        self._own.forget(token)

    # -- Labeled Faces in the Wild -------------------------------------------------
    def start_lfw(self) -> None:
        """Fetch and align Labeled Faces in the Wild in another process."""
        start_lfw()
        self._tend_lfw()

    def lfw_busy(self) -> bool:
        return lfw_progress().stage in ("download", "align")

    def lfw_sentence(self) -> str:
        return lfw_progress().sentence()

    def _tend_lfw(self) -> None:
        # Dress fakes for the photographs as they come, until the deck is whole.
        with self._lock:
            if self._tending:
                return
            self._tending = True

        def tend() -> None:
            pack = Pack(LFWDeck(), self._supply)
            try:
                busy = True
                while busy:
                    busy = self.lfw_busy()  # before it is filled: the last ones are not missed
                    if pack.deck.ready:
                        pack.fill()
                        self.packs["lfw"] = pack
                    if busy:
                        time.sleep(2)
            finally:
                with self._lock:
                    self._tending = False

        threading.Thread(target=tend, name="lfw-deck", daemon=True).start()


def _fits(token: object) -> bool:
    """Whether a text may be the secret of a player."""
    fits = isinstance(token, str) and 16 <= len(token) <= 64
    return fits and token.isascii() and token.isprintable()


def _data_address(content: bytes, kind: str = "jpeg") -> str:
    return f"data:image/{kind};base64," + base64.b64encode(content).decode()


def _shown_again(content: bytes, made_by: str) -> str:
    """A fake after the answer: it no longer has to hide that it is one."""
    return _data_address(marked(content, made_by), "png")
