"""Files that a document names: a name that no file can have is that of none."""

from pathlib import Path


def is_file(path: Path) -> bool:
    """Tell whether there is such a file. Raises PermissionError where that may not be known."""
    try:
        return path.is_file()
    except PermissionError:
        raise
    except (OSError, ValueError):  # It is too long, or holds signs that no name may hold.
        return False
