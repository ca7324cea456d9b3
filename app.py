"""Compose the page and serve it: `python app.py`, and the entry point on Hugging Face Spaces."""

import os
import sys

# Before gradio is imported: nothing about these photographs leaves the machine.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from ganfake.__main__ import main

if __name__ == "__main__":
    main(["serve", *sys.argv[1:]])
