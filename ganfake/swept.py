"""What is kept in memory for a while only."""

import threading


class Swept:
    """What is kept in memory, swept by and by as long as there is any of it.

    A subclass has `__len__`, and a `sweep` that forgets what is idle for too long. It calls
    `_watch` whenever something new is kept.
    """

    def __init__(self, idle: float):
        self._idle = idle  # seconds
        self._lock = threading.Lock()
        self._sweeper: threading.Timer | None = None

    def _watch(self) -> None:
        """Sweep again by and by; `_lock` is held."""
        if self._sweeper is None:
            self._sweeper = threading.Timer(max(self._idle / 5, 0.01), self._swept)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _swept(self) -> None:
        self.sweep()
        with self._lock:
            self._sweeper = None
            if len(self):
                self._watch()
