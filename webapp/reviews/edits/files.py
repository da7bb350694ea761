"""Where descriptions of edited clips are kept."""

import shutil

from webapp.core import storage
from webapp.videos.services import bytes_are_in_use


def edited_folder(sha256: str) -> str:
    """Folder of a clip's descriptions; the same bytes in another project share it."""
    return f"features/edited/{sha256[:2]}/{sha256}"


def forget_files(*, sha256: str) -> None:
    """Remove them, unless a video with these bytes is still there."""
    if sha256 and not bytes_are_in_use(sha256):
        shutil.rmtree(storage.path_of(edited_folder(sha256)), ignore_errors=True)
