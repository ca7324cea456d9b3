"""Imported once in the process from which workers are forked: they share one copy of the weights.

Nobody else should import it, for it leaves one thread to each library.
"""

import gc
import os
from contextlib import suppress

import cv2
import torch
from threadpoolctl import threadpool_limits

from ganfake import UserError
from ganfake.detect import load_experts

_GENTLY = "PYTORCH_NVML_BASED_CUDA_CHECK"


def prepare() -> None:
    """Make a worker ready: one thread, for there is one worker for each core, and all weights.

    UserError when some are missing or damaged.
    """
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    threadpool_limits(1, "blas")  # NumPy's: for the small products here, waking threads costs most
    load_experts()


def _has_gpu() -> bool:
    """Whether there is one, asked so that forked processes can still use it."""
    before = os.environ.get(_GENTLY)
    os.environ[_GENTLY] = "1"
    try:
        return torch.cuda.is_available()
    finally:
        os.environ.pop(_GENTLY) if before is None else os.environ.update({_GENTLY: before})


if not _has_gpu():  # what lies on a GPU is not shared
    with suppress(UserError):  # each worker finds out for itself, and says so
        prepare()
    gc.freeze()  # or the next collection would write to, and so copy, all objects
