"""Work without an end, for tests of what ends it."""

import threading
import time


class Endless:
    """Tells its progress for ever, until telling raises; `begun` and `ended` say how far it is."""

    def __init__(self):
        self.begun, self.ended = threading.Event(), threading.Event()

    def __call__(self, *given, progress=None):
        """`progress` comes by its name, or last of what is given."""
        tell = progress or given[-1]
        assert callable(tell)
        self.begun.set()
        try:
            while True:
                tell(0.5)
                time.sleep(0.01)
        finally:
            self.ended.set()
