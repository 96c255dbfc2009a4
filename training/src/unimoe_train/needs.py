"""What a command needs of this machine, checked before it begins, not after hours."""

import importlib.util
import shutil
from collections.abc import Iterable

from unimoe_train.errors import BadInput

INSTALLS = "training/README.md tells how"


def check(purpose: str, packages: Iterable[str] = (), programs: Iterable[str] = ()) -> None:
    """Throws `BadInput` where a Python package or a program is not installed."""
    for name in packages:
        if importlib.util.find_spec(name) is None:
            raise BadInput(purpose, f"needs the Python package {name}, which is not installed; {INSTALLS}")
    for name in programs:
        if shutil.which(name) is None:
            raise BadInput(purpose, f"needs the program {name}, which is not installed; {INSTALLS}")
