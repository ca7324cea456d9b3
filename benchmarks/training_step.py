"""How fast our training step is: `python -m benchmarks.training_step [MODEL ...]`.

In one run on one machine, taking turns: `Run.step` (bfloat16 autocast where it pays,
channels_last, fused Adam, joined passes, `ganfake.models.layers`) against the same networks
and losses in plain float32 PyTorch as a tutorial writes it. Both begin with the same weights,
pictures and random numbers, and their first losses are compared, so that they do the same
work. And sampling 64 faces at once against one by one. Needs neither data nor weights.
"""

import json
import platform
import statistics
import time
from collections.abc import Callable
from typing import Annotated

import torch
import typer

from benchmarks.two_steps import Trainer
from ganfake import UserError
from ganfake.devices import pick_device, supports_bf16
from ganfake.generate import generate
from ganfake.models import MODELS, available, find_model
from ganfake.train.options import GANTraining

SAMPLES = 64


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """How long `work` takes, on a GPU until it is really done."""
    _wait(device)
    since = time.perf_counter()
    work()
    _wait(device)
    return time.perf_counter() - since


def in_turns(
    first: Callable[[], object], second: Callable[[], object], repeats: int, device: torch.device
) -> dict:
    """Median times of both, and the ratio second / first with its range over the repeats."""
    pairs = [(seconds(first, device), seconds(second, device)) for _ in range(repeats)]
    ratios = sorted(b / a for a, b in pairs)
    ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    return {
        "first_s": ours,
        "second_s": theirs,
        "ratio": round(statistics.median(ratios), 2),
        "ratio_range": [round(ratios[0], 2), round(ratios[-1], 2)],
    }


def compare_steps(model: str, threads: int, steps: int, repeats: int) -> dict:
    """Our step against the plain one, in images per second of real pictures."""
    if find_model(model).config.fields:
        raise UserError(f"{model} takes attributes; compare the model of its kind without.")
    device, batch = torch.device("cpu"), GANTraining.of(model, grow_from="").batch
    with Trainer(model, threads, True) as ours, Trainer(model, threads, False) as plain:
        losses = [ours.steps(1), plain.steps(1)]
        if abs(losses[0] - losses[1]) > 0.03 * max(1, abs(losses[1])):
            raise UserError(f"The two steps of {model} do not do the same: losses {losses}.")
        pair = [lambda: ours.steps(steps), lambda: plain.steps(steps)]
        in_turns(*pair, 1, device)  # to warm up
        found = in_turns(*pair, repeats, device)
    found["ours_images_per_second"] = round(steps * batch / found.pop("first_s"), 1)
    found["plain_images_per_second"] = round(steps * batch / found.pop("second_s"), 1)
    return {**found, "batch": batch, "first_losses": [round(x, 4) for x in losses]}


@torch.inference_mode()
def compare_sampling(model: str, repeats: int) -> dict:
    """64 faces at once against one by one: by the network alone and, with weights, in all."""
    device, found_model = pick_device(), find_model(model)
    network = found_model.body.Generator(found_model.config).eval()
    network.to(device, memory_format=torch.channels_last)  # as `models.load` does
    latents = torch.randn(SAMPLES, found_model.config.latent_dim).to(device)

    def single() -> None:
        for latent in latents.split(1):
            network(latent)

    in_turns(lambda: network(latents), single, 1, device)
    found = {"network": in_turns(lambda: network(latents), single, repeats, device)}
    if model in available():
        found["generate"] = in_turns(
            lambda: generate(model, SAMPLES),
            lambda: [generate(model, 1, seed) for seed in range(SAMPLES)], repeats, device,
        )  # fmt: skip
    return {
        name: {
            "at_once_ms": round(1000 * x.pop("first_s"), 1),
            "one_by_one_ms": round(1000 * x.pop("second_s"), 1),
            **x,
        }
        for name, x in found.items()
    }


def machine() -> dict:
    """What the figures were measured on."""
    device = pick_device()
    has = torch.cpu.get_capabilities()
    wanted = ("avx2", "avx512_f", "avx512_bf16", "amx_bf16")
    return {
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "processor": has.get("cpu_name") or platform.processor(),
        "cores": has.get("num_physical_cores"),
        "capabilities": [name for name in wanted if has.get(name)],
        "bfloat16_pays": supports_bf16(device),
        "torch": torch.__version__,
        "system": platform.platform(),
    }


def main(
    models: Annotated[list[str] | None, typer.Argument(help="dcgan, wgan, portrait.")] = None,
    threads: Annotated[str, typer.Option(help="Counts to try, with commas.")] = "1,2",
    repeats: Annotated[int, typer.Option(min=1)] = 7,
    steps: Annotated[int, typer.Option(min=1, help="16 are one cycle of the penalty.")] = 16,
) -> None:
    names = models or [n for n in ("dcgan", "wgan", "portrait") if n in MODELS]
    torch.set_flush_denormal(True)
    results = {"machine": machine(), "runs": []}
    print(json.dumps(results["machine"], indent=2))
    print(f"{'model':12}{'threads':>8}{'ours':>9}{'plain':>9} images/s   ratio (range)")
    for count in (int(part) for part in threads.split(",")):
        torch.set_num_threads(count)
        for name in names:
            step = compare_steps(name, count, steps, repeats)
            sampling = compare_sampling(name, repeats)
            results["runs"].append({"model": name, "threads": count, "step": step, **sampling})
            low, high = step["ratio_range"]
            print(
                f"{name:12}{count:8}{step['ours_images_per_second']:9.1f}"
                f"{step['plain_images_per_second']:9.1f}{step['ratio']:17.2f} ({low}-{high})"
            )
            for way, x in sampling.items():
                print(f"   64 faces by {way}: at once {x['at_once_ms']} ms, one by one "
                      f"{x['one_by_one_ms']} ms, ratio {x['ratio']} {x['ratio_range']}",
                      flush=True)  # fmt: skip
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(str(error)) from None
