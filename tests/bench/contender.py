"""Measures one contender in this process: ``python -m tests.bench.contender NAME WARM CLIP ...``.

The last line is JSON, read by ``tests.bench.speed``.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import cv2
import torch

from tests.bench.contenders import CONTENDERS


def main() -> None:
    name, warm, *clips = sys.argv[1:]
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    contender = next(c for c in CONTENDERS if c.name == name)
    began = time.process_time()
    worker = contender.make()
    worker.work(Path(warm))
    warm_s = time.process_time() - began
    spent, frames = [], []
    for clip in clips:
        began = time.process_time()
        frames.append(worker.work(Path(clip)))
        spent.append(time.process_time() - began)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "cpu_s": spent,
                "frames": frames,
                "warm_s": warm_s,
                "peak_mb": peak_mb,
                "extra": list(worker.extra),
            }
        )
    )


if __name__ == "__main__":
    main()
