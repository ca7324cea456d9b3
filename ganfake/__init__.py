"""ganfake: play with, make, swap and check synthetic faces."""

__version__ = "0.1.0"


class UserError(Exception):
    """A mistake a person can mend; the text is one sentence that says how."""
