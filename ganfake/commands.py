"""What all commands share: a person's mistake is one sentence."""

import re
import sys
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from ganfake import UserError


def say(line: str) -> None:
    """A line on standard output, whatever characters it can show."""
    if sys.stdout is None:  # it has been closed
        return
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


def spare_others(file: Path) -> None:
    """UserError where a file is that this program did not make; one of its own is replaced."""
    from ganfake import provenance

    if not file.exists():
        return
    try:
        ours = provenance.read(file) is not None
    except UserError:
        ours = False
    if not ours:
        raise UserError(f"{str(file)!r} is another file; name another place with --out.")


class OneSentence(TyperGroup):
    """Commands of which a person's mistake is one line on stderr and exit status 1."""

    def main(self, *args: Any, **kwargs: Any) -> None:
        """Run a command and leave the program."""
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except UserError as error:
            code = _say(str(error))
        except typer.TyperException as error:
            code = _say(_usage_sentence(error))
        except OSError as error:
            sentence = _file_sentence(error)
            if not sentence:
                raise
            code = _say(sentence)
        sys.exit(code if isinstance(code, int) else 0)


def _say(sentence: str) -> int:
    if sentence:
        typer.echo(" ".join(sentence.split()), err=True)
    return 1


def _usage_sentence(error: typer.TyperException) -> str:
    """What is wrong with the words of a command; nothing where its help was shown instead."""
    said = error.format_message().strip().rstrip(".")
    if found := re.match(
        "Invalid value for '(.+)': Input should be a valid (integer|number)", said
    ):
        return f"{found[1]} takes a {'whole ' if found[2] == 'integer' else ''}number."
    context = getattr(error, "ctx", None)
    return said and f"{said}; see {context.command_path if context else 'ganfake'} --help."


def _file_sentence(error: OSError) -> str:
    """What is wrong with a place to write to; nothing for other errors."""
    from ganfake.writing import NO_SPACE  # with FFmpeg, for which most commands need not wait

    if error.errno in NO_SPACE:
        return "The disk is full: free some space; the files already written are whole."
    place = error.filename2 or error.filename
    if not place or not error.strerror:
        return ""
    place = re.sub(r"/\.[^/]*\.tmp$", "", str(place))  # a name nobody gave
    return f"{place!r} cannot be used ({error.strerror.lower()}); choose another place."
