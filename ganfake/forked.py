"""Imported where workers come from: forked ones share one copy of the weights.

Nobody else should import it, for it leaves one thread to each library.
"""

import gc
import sys
from contextlib import suppress
from pathlib import Path

import cv2
import torch
from threadpoolctl import threadpool_limits

from ganfake.detect import load_experts

# To ask CUDA itself would keep the forked processes from using it.
_GPUS = ("/dev/nvidiactl", "/dev/nvmap", "/dev/dxg", "/dev/kfd")


def prepare() -> None:
    """Make a worker ready: one thread, for there is one worker for each core, and all weights.

    UserError when some are missing or damaged.
    """
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    threadpool_limits(1, "blas")  # NumPy's: for the small products here, waking threads costs most
    load_experts()


# What lies on a GPU is not shared, and macOS' libraries do not bear to be forked once used.
if sys.platform == "linux" and not any(Path(gpu).exists() for gpu in _GPUS):
    with suppress(Exception):  # each worker finds out for itself, and says so
        prepare()
    gc.freeze()  # or the next collection would write to, and so copy, all objects
