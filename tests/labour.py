"""What the workers of tests do: a light module, because every worker imports it."""

import os
import time

from ganfake import UserError


def odd_work(item: str) -> str:
    """Upper case; or a crash, a hang, or patience."""
    if item == "crash":
        os._exit(9)
    if item == "hang":
        time.sleep(60)
    if item.startswith("slow"):
        time.sleep(0.3)
    print("to standard output")
    return item.upper()


def refuse() -> None:
    """A mistake that a person can mend."""
    raise UserError("It cannot be done.")


def die() -> None:
    """No word before the end."""
    os._exit(3)


def take_time(item: str) -> tuple[float, float]:
    """When it began and ended, by the clock that all processes share."""
    begun = time.monotonic()
    time.sleep(0.2)
    return begun, time.monotonic()
