"""Work in several processes: a file that hangs or crashes one of them costs only that file."""

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait

from ganfake import UserError

_START = 180.0  # seconds that a worker may take until it is ready
_AHEAD = 64  # results at most that wait for an earlier one


@dataclass(frozen=True)
class Lost:
    """What stands for the result of an item whose worker did not live to tell it."""

    item: object
    hung: bool  # else it crashed


def cores() -> int:
    """Processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def run_in_order(
    work: Callable,
    items: list,
    count: int,
    prepare: Callable | None = None,
    patience: float = 60.0,
    preload: tuple[str, ...] = (),
    weigh: Callable[[object], int] | None = None,
    room: int = 0,
) -> Iterator:
    """`work(item)` for each item in `count` processes; results in the order of the items.

    `work` and `prepare` are functions of a module, and `prepare` runs first in each process.
    An item that takes longer than `patience` seconds, or ends its process, gives Lost.
    Raises the UserError of `prepare`. preload: modules imported once for all processes. With
    `weigh` what is worked at weighs `room` at most, or is one item alone.
    """
    workers = []
    try:
        context = _context(preload)
        for _ in range(min(count, len(items))):
            workers.append(_Worker(context, work, prepare))
        yield from _results(workers, items, patience, weigh or (lambda item: 0), room)
    finally:
        for worker in workers:
            worker.stop()


def warm(preload: tuple[str, ...]) -> None:
    """Begin to import what workers need, while this process still does something else."""
    _context(preload)


def _results(
    workers: list["_Worker"], items: list, patience: float, weigh: Callable, room: int
) -> Iterator:
    waiting, finished, following = deque(range(len(items))), {}, 0
    held: dict[int, int] = {}  # weights of what is worked at
    while following < len(items):
        for worker in workers:
            if worker.idle and waiting and waiting[0] < following + _AHEAD:
                weight = weigh(items[waiting[0]])
                if held and sum(held.values()) + weight > room:
                    break
                index = waiting.popleft()
                held[index] = weight
                worker.give(index, items[index], patience)
        deadline = min(worker.deadline for worker in workers)
        ready = wait([w.pipe for w in workers], max(0.0, min(deadline - time.monotonic(), 60.0)))
        for worker in workers:
            said = worker.pipe in ready
            if not said and time.monotonic() < worker.deadline:
                continue
            index, result = worker.hear(said)
            if index is not None:
                del held[index]
                finished[index] = Lost(items[index], not said) if result is worker else result
        while following in finished:
            yield finished.pop(following)
            following += 1


class _Worker:
    """One process, and what it is busy with; a new one takes the place of one that died."""

    def __init__(self, context, work: Callable, prepare: Callable | None):
        self._make = context, work, prepare
        self._start()

    def _start(self) -> None:
        context, work, prepare = self._make
        self.pipe, end = context.Pipe()
        self.process = context.Process(target=_serve, args=(end, work, prepare), daemon=True)
        # A forked process is as deaf as the one that it comes from.
        with _deaf() if context.get_start_method() == "spawn" else nullcontext():
            self.process.start()
        end.close()
        self.index, self.idle, self._ready = None, False, False
        self.deadline = time.monotonic() + _START

    def give(self, index: int, item: object, patience: float) -> None:
        self.index, self.idle = index, False
        self.deadline = time.monotonic() + patience
        with suppress(OSError):  # it died while it was idle; `hear` finds out
            self.pipe.send(item)

    def hear(self, said: bool) -> tuple[int | None, object]:
        """(index, result) of what it has done; the result is the worker itself if it died."""
        try:
            if not said:
                raise EOFError
            good, result = self.pipe.recv()
        except (EOFError, OSError):
            good, result = True, self
        if isinstance(result, UserError) and not good:
            raise result
        if result is self:
            if not self._ready:
                raise UserError("The worker processes do not start; is there memory left?")
            index = self.index
            self.stop()
            self._start()
            return index, self
        index, self.index = self.index, None
        self.idle, self._ready, self.deadline = True, True, float("inf")
        return index, result

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe, work: Callable, prepare: Callable | None) -> None:
    """What runs in a worker: prepare, then item after item until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which stops us
    os.dup2(2, 1)  # standard output belongs to the parent's results
    said = True, None
    try:
        if prepare:
            prepare()
    except UserError as error:
        said = False, error
    with suppress(BrokenPipeError):  # who started it may have been stopped
        pipe.send(said)
    while said[0]:
        try:
            item = pipe.recv()
        except EOFError:
            return
        pipe.send((True, work(item)))


def _context(preload: tuple[str, ...]):
    # Not fork: threads of this process (of torch, of the page) may hold locks.
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver, resource_tracker

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    resource_tracker.ensure_running()  # first, for it would make this process hear again
    with _deaf():
        forkserver.ensure_running()
    return context


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started inside do not hear Ctrl-C while they still import their modules; this one
    hears it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows, where nothing is handed on
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
