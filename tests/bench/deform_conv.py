"""Prints what the deformable convolution costs: torchvision's, plain PyTorch's and ours.

    python -m tests.bench.deform_conv [--rounds 7] [--threads 1]

All ways take turns in one run on the same arguments; the least CPU time of each counts. The
error is the largest one over the deviation of what float64 gives. Where a way rounds a position
onto the other side of a whole pixel, its gradient jumps; ours rounds no position.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from tests.thirdparty.deform_conv.cases import converted, make_case, outcome, worst_errors
from thirdparty.deform_conv import (
    modulated_deform_conv2d,
    reference_deform_conv2d,
    torchvision_operator,
    use_backend,
)

JOINTS = 17


@dataclass(frozen=True)
class Shape:
    """A deformable convolution of DCPose: 17 channels in 17 offset groups, 3x3 taps."""

    name: str
    batch: int
    height: int
    width: int
    dilations: tuple[int, ...]


SHAPES = (
    Shape("DCPose-W48", 1, 96, 72, (3, 6, 9, 12, 15)),
    Shape("compact", 32, 32, 24, (1, 3)),
)
Operator = Callable[..., Tensor]


def ways() -> dict[str, Operator]:
    """The operators by name; what they are compared with comes first."""
    found: dict[str, Operator] = {}
    theirs = torchvision_operator()
    if theirs is not None:
        found["torchvision"] = partial(_as_torchvision_wants, theirs)
    found["plain PyTorch"] = reference_deform_conv2d
    use_backend("native")
    found["ours"] = modulated_deform_conv2d
    found["ours, bfloat16"] = _in_bfloat16
    return found


def _as_torchvision_wants(
    operator: Operator, *, groups: int, offset_groups: int, **rest: object
) -> Tensor:
    return operator(rest.pop("x"), **rest)


def _in_bfloat16(**case: object) -> Tensor:
    """With what convolutions under autocast hand over; the case is already rounded."""
    return modulated_deform_conv2d(**case)


def shape_case(shape: Shape, dilation: int, reach: float) -> dict[str, object]:
    sizes = (JOINTS, JOINTS, shape.height, shape.width)
    return make_case(
        (3, 3), 1, dilation, dilation, 1, JOINTS, sizes, batch=shape.batch, reach=reach
    )


def spent(work: Callable[[], object]) -> float:
    """CPU-milliseconds."""
    start = time.process_time()
    work()
    return 1e3 * (time.process_time() - start)


def forward(operator: Operator, case: dict[str, object]) -> None:
    with torch.inference_mode():
        operator(**case)


def measure(case: dict[str, object], rounds: int) -> dict[str, tuple[float, float]]:
    """(forward, forward and backward) in CPU-milliseconds of each way."""
    halved = converted(case, torch.bfloat16)
    best: dict[str, tuple[float, float]] = {}
    for _ in range(rounds):
        for name, operator in ways().items():
            given = halved if operator is _in_bfloat16 else case
            once = (
                spent(partial(forward, operator, given)),
                spent(partial(outcome, operator, given)),
            )
            before = best.get(name, once)
            best[name] = (min(before[0], once[0]), min(before[1], once[1]))
    return best


def errors(case: dict[str, object]) -> dict[str, str]:
    """The output's and the worst gradient's largest error over the deviation, for printing.

    Offsets rounded to bfloat16 often lie on whole pixels, where the derivative jumps, so that
    the gradient's error says nothing there.
    """
    exact = outcome(reference_deform_conv2d, converted(case, torch.float64))
    found = {}
    for name, operator in ways().items():
        if operator is _in_bfloat16:
            halved = converted(case, torch.bfloat16)
            wanted = reference_deform_conv2d(**converted(halved, torch.float64))
            found[name] = f"{worst_errors([operator(**halved)], [wanted])[0]:.0e}"
        else:
            output, *gradients = worst_errors(outcome(operator, case), exact)
            found[name] = f"{output:.0e}, gradients {max(gradients):.0e}"
    return found


def print_table(title: str, case: dict[str, object], rounds: int) -> None:
    times, wrong = measure(case, rounds), errors(case)
    base = next(iter(times.values()))
    print(f"\n{title}")
    print(f"{'':16}{'forward':>11}{'ratio':>7}{'+ backward':>13}{'ratio':>7}   error")
    for name, (once, both) in times.items():
        print(
            f"{name:16}{once:8.2f} ms{base[0] / once:6.1f}x{both:10.2f} ms{base[1] / both:6.1f}x"
            f"   {wrong[name]}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(
        f"CPU-milliseconds, {args.threads} thread(s), least of {args.rounds}; ratios to the first"
    )
    for shape in SHAPES:
        for dilation in (shape.dilations[0], shape.dilations[-1]):
            title = f"{shape.name}: [{shape.batch}, 17, {shape.height}, {shape.width}]"
            case = shape_case(shape, dilation, reach=2.0)
            print_table(f"{title}, dilation {dilation}", case, args.rounds)


if __name__ == "__main__":
    main()
