"""ganfake: play with, make, swap and check synthetic faces."""

import os

# Read when torch is loaded. Its threads wait for one another in a loop, by default for so long
# that one other busy program makes Check two to three times slower on two cores; so they soon
# sleep: benchmarks/busy_machine.py.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

__version__ = "0.1.0"


class UserError(Exception):
    """A mistake a person can mend; the text is one sentence that says how."""
