"""What goes wrong when a result is written, in one sentence."""

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import av

from ganfake import UserError

FULL = "There is no space left to write the result; free some and try again."
UNWRITABLE = "The result cannot be written there; choose a folder that you may write to."
NO_FOLDER = "There is no folder for unfinished files; set TMPDIR to one that you may write to."
NO_SPACE = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # what the system then says


@contextmanager
def plain_writing() -> Iterator[None]:
    """Turn what goes wrong when a file is written into one sentence."""
    try:
        yield
    except UserError:
        raise
    except (av.FFmpegError, OSError, ValueError) as error:
        raise unwritten(error) from None


def unfinished() -> tempfile.TemporaryDirectory:
    """A folder for what is not finished, gone with its context; UserError where none can be."""
    try:
        return tempfile.TemporaryDirectory(prefix="ganfake-")
    except OSError as error:
        raise UserError(FULL if is_full(error) else NO_FOLDER) from None


def unwritten(error: Exception) -> UserError:
    """The sentence for an error of writing."""
    return UserError(FULL if is_full(error) else UNWRITABLE)


def is_full(error: Exception) -> bool:
    """Whether there was no space left."""
    return getattr(error, "errno", None) in NO_SPACE
