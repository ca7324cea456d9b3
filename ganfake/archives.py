"""Folders and archives of pictures: hostile until opened with limits; nothing is unpacked."""

import io
import itertools
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from PIL import Image

from ganfake import UserError, images
from ganfake.images import ZIP_STARTS, open_picture, plain_errors, read_file

MAX_MEMBERS = 20_000  # files in one archive
MAX_UNPACKED = 2 * 2**30  # bytes of one archive's pictures
MAX_CONTENTS = 8 * 2**20  # bytes of one archive's table of contents
JUNK = ("__MACOSX", "Thumbs.db", "desktop.ini")  # beside everything that starts with a dot

# Files that never were on the disk: their names and their contents.
Contents = list[tuple[str, bytes]]


def read_pictures(
    source: Path | Contents, limit: int = 2000
) -> Iterator[tuple[str, Image.Image | UserError]]:
    """The pictures of a folder and its subfolders, of a zip, or of one file, one at a time.

    source: a path, or files in memory, of which zips are opened as well. Yields at most
    `limit` pairs of a file's base name and its picture (see open_picture), or the UserError
    that says why it cannot be opened; sorted by path, hidden files and links out of the
    folder left out. Nothing is unpacked to the disk. Raises UserError when `source` itself
    is missing, or is a single archive that is broken or locked.
    """
    if isinstance(source, list):
        entries = _held_entries(source)
    elif os.path.isdir(source):
        entries = _folder_entries(Path(source))
    elif read_file(Path(source), 4) in ZIP_STARTS or Path(source).suffix.lower() == ".zip":
        entries = _zip_entries(_ShortReads(source))
    else:
        entries = iter([(Path(source).name, Path(source))])
    for name, content in itertools.islice(entries, limit):
        yield "".join(c if c.isprintable() else "_" for c in name), _attempt(content)


def _attempt(content: bytes | Path | UserError) -> Image.Image | UserError:
    """The opened picture or a fresh UserError: a caught one holds the file by its traceback."""
    if isinstance(content, UserError):
        return content
    try:
        return open_picture(content)
    except UserError as error:
        return UserError(*error.args)


def _held_entries(files: Contents) -> Iterator[tuple[str, bytes | UserError]]:
    for name, content in files:
        if content[:4] not in ZIP_STARTS and not name.lower().endswith(".zip"):
            yield name, content
            continue
        try:
            yield from _zip_entries(_ShortReadsOfBytes(content))
        except UserError as error:
            if len(files) == 1:
                raise
            yield name, UserError(*error.args)  # the others can still be read


def _is_junk(name: str) -> bool:
    return name.startswith(".") or name in JUNK


def _folder_entries(folder: Path) -> Iterator[tuple[str, Path]]:
    root = Path(os.path.realpath(folder))
    found = []
    for place, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not _is_junk(name)]
        found += [Path(place, name) for name in names if not _is_junk(name)]
    for path in sorted(found):
        if Path(os.path.realpath(path)).is_relative_to(root):
            yield path.name, path


class _Short:
    """zipfile reads a table of contents whole before anyone can count it; this stops it."""

    longest = MAX_CONTENTS

    def read(self, size: int = -1) -> bytes:
        if size > self.longest:
            raise _too_many_members()
        return super().read(size)


class _ShortReads(_Short, io.FileIO):
    """Of a file."""


class _ShortReadsOfBytes(_Short, io.BytesIO):
    """Of a file in memory."""


def _too_many_members() -> UserError:
    return UserError(f"The archive holds over {MAX_MEMBERS:,} files; split it into smaller ones.")


def _zip_entries(
    opened: _ShortReads | _ShortReadsOfBytes,
) -> Iterator[tuple[str, bytes | UserError]]:
    with opened as file:
        archive = _open_archive(file)
        file.longest = images.MAX_BYTES + 1
        left = MAX_UNPACKED
        for member in sorted(archive.infolist(), key=lambda member: member.filename):
            path = PurePosixPath(member.filename.replace("\\", "/"))
            hidden = any(_is_junk(part) for part in path.parts if part != "..")
            if member.filename.endswith("/") or path.name in ("", "..") or hidden:
                continue
            # zipfile never inflates more than the declared size, so that is what it may cost.
            left -= member.file_size if member.file_size <= images.MAX_BYTES else 0
            if left < 0:
                size = f"{MAX_UNPACKED >> 30} GB"
                yield path.name, UserError(f"The archive unpacks to over {size}; split it.")
                return
            try:
                content = _read_member(archive, member)
            except UserError as error:
                content = UserError(*error.args)
            yield path.name, content


def _open_archive(file: _ShortReads | _ShortReadsOfBytes) -> zipfile.ZipFile:
    with plain_errors("The archive is damaged or incomplete; pack or download it again."):
        archive = zipfile.ZipFile(file)
    if len(archive.infolist()) > MAX_MEMBERS:
        raise _too_many_members()
    if any(member.flag_bits & 1 for member in archive.infolist()):
        raise UserError("The archive is locked with a password; pack it again without one.")
    return archive


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member, images.MAX_BYTES + 1 at most."""
    # zipfile inflates bzip2 and LZMA without any limit: a bomb by design.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError("This file is packed in an unusual way; pack a plain zip.")
    damaged = "This file is damaged inside the archive; pack it again."
    with plain_errors(damaged), archive.open(member) as file:
        return file.read(images.MAX_BYTES + 1)
