"""The command `train detector`: the experts of Check, from networks to weights."""

from pathlib import Path
from typing import Annotated

import typer


def train_detector(
    data: Annotated[Path | None, typer.Option(help="Folder of the research data.")] = None,
    imagenet: Annotated[
        Path | None,
        typer.Option(
            help="MobileNetV2's ImageNet weights to begin with."
            " [default: weights/mobilenet_v2_imagenet.safetensors beside the data]"
        ),
    ] = None,
    further: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="PICTURES",
            help="Train mobilenet and mesonet on at a low rate until they have had so many more"
            " than their recipe says: for new data.",
        ),
    ] = 0,
) -> None:
    """Train all experts fold by fold, judge the held-out faces, write weights; resumes."""
    from ganfake.folders import shared_dir
    from ganfake.train.detector_export import train_detector

    place = data or shared_dir()
    beside = place.parent / "weights" / "mobilenet_v2_imagenet.safetensors"
    train_detector(place, imagenet or beside, further)
    print("Wrote the detector's weights; now run: python -m ganfake evaluate detector")
