"""The rules: deal a round, take its answer once, and tell nothing in between."""

import hashlib
import hmac
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ganfake import UserError
from ganfake.quiz import Gone, rooms
from ganfake.quiz.cards import Pack, kept
from ganfake.quiz.own_decks import OWN
from ganfake.quiz.rounds import OVER, OpenRounds, Round
from ganfake.quiz.scores import Answer, Look, Scores, Set, player_id
from ganfake.quiz.tomorrow import Tomorrow

MODES = ("pair", "single", "timed", "daily", "second")
LESSON = ("before", "after")  # the two sets around the lesson, kept out of the rankings
_ONE_FACE = ("single", "second", *LESSON)
SET_LENGTH = 10
TIME_LIMIT = 10.0  # seconds for a round of `timed`
_GRACE = 1.5  # for the way of the pictures and of the answer through the network
# A deck may grow while it is played; its first hundred faces stay.
_STAYING = 100
_MOST_PLAYERS = 5_000  # whose place in the order of a deck is known without the database


def today() -> str:
    """The day of the daily challenge: 2026-11-20, in UTC."""
    return datetime.now(UTC).date().isoformat()


@dataclass(frozen=True)
class Verdict:
    """What the player learns once the answer is in."""

    round: Round
    answer: Answer
    in_time: bool
    score: int  # right answers of the running set
    finished: bool


class Game:
    """Deals rounds from packs and keeps score; safe to call from many threads."""

    def __init__(self, scores: Scores, packs: dict[str, Pack]):
        self.scores, self.packs = scores, packs
        self.tomorrow = Tomorrow(scores)
        self._secret = scores.secret()
        self._lock = threading.RLock()
        self._open = OpenRounds()
        self._played: dict[tuple[str, str], int] = {}  # (player, deck): rounds dealt so far

    # -- dealing -----------------------------------------------------------------
    def new_round(
        self, token: str, mode: str, deck: str, room: str = "", modes: tuple[str, ...] = MODES
    ) -> Round:
        """The player's round in this mode (of `modes`), deck and room.

        An unanswered one is given again, in whatever room, so that a hard pair cannot be
        skipped by reloading or by going elsewhere. UserError for an unknown mode, deck or
        room, a deck that is not ready, and a daily challenge that was played already.
        """
        if mode not in modes:
            raise UserError(f"There is no mode {str(mode)[:20]!r}; there are: {', '.join(modes)}.")
        with self._lock:
            pack = self._pack(token, deck)
            room = rooms.clean_code(self.scores, room)
            self._open.sweep()
            waiting = self._open.waiting(token, mode, deck)
            if waiting and mode == "timed" and self._is_late(waiting):
                with suppress(UserError):  # its game may have been reset
                    self.answer(waiting.id, "", None)  # nobody answered in time: that is wrong
                waiting = None
            current = self._current_set(player_id(token), mode, deck, room)
            round_ = self._moved(waiting, current) if waiting else None
            round_ = round_ or self._deal(token, current, pack)
            self._open.keep(round_)
            return round_

    def forget_deck(self, token: str, deck: str) -> None:
        """Forget the rounds that a player has not answered in a deck that is gone."""
        with self._lock:
            self._open.forget_deck(token, deck)

    def _moved(self, waiting: Round, current: Set) -> Round | None:
        """A waiting round as one of the current set; None where that has rounds of its own."""
        if waiting.set.id == current.id:
            return waiting
        if current.mode in ("daily", "after"):  # another day, or the lesson was begun again
            self._open.forget(waiting)
            return None
        return replace(waiting, set=current, number=self._number(current))

    def _pack(self, token: str, deck: str) -> Pack:
        # A deck of a player's own photographs is found under their token alone.
        pack = self.packs.get(f"{deck}:{token}") or self.packs.get(deck)
        if pack is None or ":" in deck:
            raise Gone("deck", "This deck is not here any more; choose another one.")
        if not pack.ready:
            raise Gone("deck", "This deck is not ready yet; play another one meanwhile.")
        return pack

    def _current_set(self, player: str, mode: str, deck: str, room: str) -> Set:
        if mode == "daily":
            return self._daily_set(player, deck, room)
        latest = self.scores.latest_set(player, mode, deck, room)
        if mode == "after":
            before = self._before(player, deck)
            if latest and latest.id < before.id:
                latest = None  # it belongs to an earlier lesson
            if latest and latest.finished:
                raise UserError("You have played the ten rounds after; begin the lesson again.")
        if latest and not latest.finished:
            return latest
        return self.scores.start_set(player, mode, deck, room, today())

    def _daily_set(self, player: str, deck: str, room: str) -> Set:
        """Today's challenge: one for each player and deck, shown in every room it is played in."""
        if deck == OWN:  # nobody else could play it, and one knows one's own photographs
            raise UserError("The daily challenge is the same for all; choose other photographs.")
        found = self.scores.daily_set(player, deck, today())
        found = found or self.scores.start_set(player, "daily", deck, "", today())
        if room:
            rooms.show(self.scores, room, found.id)
        if found.finished:
            raise UserError("You have played today's ten rounds; new ones come at midnight UTC.")
        return found

    def _before(self, player: str, deck: str) -> Set:
        """The finished set before the lesson that the one after is compared with."""
        before = self.scores.latest_set(player, "before", deck, "")
        if before is None or not before.finished:
            raise UserError("The ten rounds before come first; play those.")
        return before

    def _deal(self, token: str, current: Set, pack: Pack) -> Round:
        number, key = self._number(current), (current.player, current.deck)
        if current.mode == "daily":
            shuffle = self._seed("daily", current.day, current.deck)
            real, fake = pack.pair(shuffle, number - 1, among=_STAYING)
            fake = self.tomorrow.instead_of(fake, current.day, number, SET_LENGTH, pack.deck)
        elif current.mode in LESSON:
            # Both sets in one order of their own, so that no face of one comes in the other.
            first = current if current.mode == "before" else self._before(*key)
            shuffle = self._seed("lesson", str(first.id))
            place = number - 1 + (0 if first is current else SET_LENGTH)
            real, fake = pack.pair(shuffle, place, among=_STAYING)
        else:
            real, fake = pack.pair(self._seed("player", *key), self._position(*key))
        heads = secrets.randbelow(2) == 0
        if current.mode in _ONE_FACE:
            cards, truth = ((real,), "real") if heads else ((fake,), "fake")
        else:
            cards, truth = ((real, fake), "left") if heads else ((fake, real), "right")
        # Encoded for this round alone: no two files are alike, so that none is recognised.
        pictures = tuple(pack.serve(card) for card in cards)
        return Round(secrets.token_urlsafe(18), token, current, number, cards, pictures, truth)

    def _number(self, current: Set) -> int:
        return len(self.scores.answers(current.id)) + 1

    def _position(self, player: str, deck: str) -> int:
        """The player's next place in the order of a deck."""
        found = self._played.pop((player, deck), None)
        if found is None:
            found = self.scores.rounds_played(player, deck)
        self._played[player, deck] = found + 1  # who played last stands last
        if len(self._played) > _MOST_PLAYERS:
            del self._played[next(iter(self._played))]
        return found

    def put_in(self, token: str, content: bytes) -> str:
        """Put a picture file among tomorrow's fakes; see `Tomorrow.put` for the errors."""
        return self.tomorrow.put(today(), token, content)

    def _seed(self, *parts: str) -> int:
        text = "\x1f".join(parts).encode()
        return int.from_bytes(hmac.digest(self._secret, text, hashlib.sha256)[:8], "big")

    # -- answering ---------------------------------------------------------------
    def open_round(self, round_id: str, mode: str) -> Round:
        """A round of `mode` that waits for its answer; UserError when there is no such."""
        round_ = self._open.get(round_id)
        if round_.set.mode != mode:
            raise UserError(OVER)
        return round_

    def look_taken(self, round_: Round) -> Look | None:
        """What was said before the second look, None while that is still open."""
        return self._open.look(round_)

    def check_choice(self, round_: Round, said: str) -> None:
        """UserError for what is no answer to this round."""
        if said not in round_.choices:
            raise UserError(f"Answer with one of: {', '.join(round_.choices)}.")

    def take_look(self, round_: Round, look: Look) -> Look:
        """Keep a first answer and the machine's opinion; of two, the one that came first."""
        with self._lock:
            return self._open.take_look(round_, look)

    def answer(
        self, round_id: str, said: str, sure: bool | None, modes: tuple[str, ...] = MODES
    ) -> Verdict:
        """Take the answer to a round, once. UserError for a stale, forged or odd one."""
        with self._lock:
            round_ = self._open.get(round_id)
            if round_.set.mode not in modes:
                raise UserError(OVER)
            look = self._open.look(round_)
            if round_.set.mode == "second" and look is None:
                raise UserError("Say first what you see; then the machine says what it sees.")
            late = round_.set.mode == "timed" and self._is_late(round_)
            gave_up = round_.set.mode == "timed" and said == ""
            if not (late or gave_up):
                self.check_choice(round_, said)
            self._open.forget(round_)
            if self.scores.get_set(round_.set.id) is None:
                raise UserError("This game was reset; ask for a new round.")
            return self._record(round_, said if not late else "", sure, look)

    def _record(
        self, round_: Round, said: str, sure: bool | None, look: Look | None = None
    ) -> Verdict:
        correct = said == round_.truth
        fake = next((card for card in round_.cards if card.made_by), None)
        fooled = fake is not None and not correct and said != ""
        before = self.scores.last_streak(round_.set.player, round_.set.mode)
        answer = Answer(
            number=round_.number,
            correct=correct,
            said=said,
            truth=round_.truth,
            sure=sure,
            seconds=time.monotonic() - round_.dealt,
            streak=before + 1 if correct else 0,
            made_by=fake.made_by if fake else "",
            fooled_by=kept(fake) if fooled else None,
        )
        finished = round_.number >= SET_LENGTH
        self.scores.add_answer(round_.set.id, answer, finished, look)
        score = sum(a.correct for a in self.scores.answers(round_.set.id))
        return Verdict(round_, answer, said != "", score, finished)

    def _is_late(self, round_: Round) -> bool:
        return time.monotonic() - round_.dealt > TIME_LIMIT + _GRACE
