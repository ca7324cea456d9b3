"""The game: decks of real photographs, rules, statistics and scores."""

from ganfake import UserError


class Gone(UserError):
    """What a player asks for is not there any more, or not yet."""

    def __init__(self, what: str, sentence: str):
        """what: "deck" or "room"."""
        super().__init__(sentence)
        self.what = what
