"""Read files of a bundle, whatever lies under their names."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from jumok.bundle.errors import BundleError


def read_file(folder: Path, name: str, most: int) -> bytes:
    """Return the content of a regular file inside `folder`, at most `most` bytes of it.

    Links inside the folder are followed, because Kubernetes volumes have them. Neither a FIFO nor a
    device can delay the reading.

    Raises:
        BundleError: it is not a regular file inside `folder`, or cannot be read.
    """
    try:
        with _open(folder, name) as file:
            return file.read(most)
    except RuntimeError as error:
        raise BundleError(f"{folder}: {name} is a link that leads back to itself") from error
    except OSError as error:
        raise BundleError(f"{folder}: {name} cannot be read ({error.strerror})") from error


def _open(folder: Path, name: str) -> BinaryIO:
    path = (folder / name).resolve(strict=True)
    # Looked at before it is opened, because opening a device can already have effects; and again
    # afterwards, because it can have been replaced in between.
    if path.is_relative_to(folder.resolve(strict=True)) and path.is_file():
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb")
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        file.close()
    raise BundleError(f"{folder}: {name} is not a file inside the bundle")
