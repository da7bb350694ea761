"""Prints how many labels a review order saves: accuracy against labels, the truth answering.

    python -m tests.bench.simulate_labelling --data ../shared/data [--seeds 5] [--step 6]

Starts from 2 clips a class of ``arid/train`` (150 clips, teacher's skeletons), drawn by the seed
and the same for every order. In each round a head is trained on what is labelled, the order picks
``--step`` more clips, and the truth labels them. Accuracy is that on the 45 ``dev`` tracks. The
orders are those of the product (``webapp.reviews.ordering``) and chance. One vector a clip, no
varied copies and no base set: what a project with labels of its own has.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.classify.data import TrainingData
from inference.classify.head import ActionHead
from inference.classify.train import HeadConfig, fit_head
from inference.commands.action_examples import ARID_LABELS, CopyConfig, examples, read_list
from inference.commands.action_poses import stored
from webapp.reviews.ordering import DEFAULT_KIND, rank

T_95 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26}
"""Student's t for a 95 % interval of a mean of so many seeds."""
MARK = 0.30
RESAMPLES = 500
Curves = dict[str, np.ndarray]
"""Which test clips were named rightly, bool [seeds, rounds, clips], for each order."""


LIGHT = HeadConfig(hidden=(64,), members=3, epochs=5, steps=20, batch=32, learning_rate=4e-3)
"""The product's head, smaller and trained for less long: hundreds of them are trained here."""


@dataclass(frozen=True)
class Described:
    """Clips as one vector each, float32 [N, F], and their true labels."""

    features: np.ndarray
    labels: list[str]


@dataclass(frozen=True)
class Plan:
    """What is simulated."""

    orders: tuple[str, ...] = ("random", "entropy", DEFAULT_KIND)
    seeds: int = 5
    start: int = 2  # clips a class that are labelled from the first
    step: int = 6  # labels a round
    learner: HeadConfig = LIGHT


def counts_of(plan: Plan, pool: Described) -> list[int]:
    """Labels in each round, the whole pool last."""
    first = plan.start * len(set(pool.labels))
    return [*range(first, len(pool.labels), plan.step), len(pool.labels)]


def simulate(pool: Described, test: Described, plan: Plan) -> Curves:
    """What each order's heads name rightly in each round, for every seed."""
    counts = counts_of(plan, pool)
    shape = (plan.seeds, len(counts), len(test.labels))
    curves = {order: np.zeros(shape, bool) for order in plan.orders}
    for seed in range(plan.seeds):
        shared: dict[tuple[int, ...], np.ndarray] = {}
        for order in plan.orders:
            curves[order][seed] = _one_run(pool, test, plan, order, seed, counts, shared)
            print(f"seed {seed} {order}: {curves[order][seed].mean():.4f}", file=sys.stderr)
    return curves


def _one_run(
    pool: Described,
    test: Described,
    plan: Plan,
    order: str,
    seed: int,
    counts: Sequence[int],
    shared: dict[tuple[int, ...], np.ndarray],
) -> list[np.ndarray]:
    """Hits of one order and seed; equal sets of labels are trained once for all orders."""
    rng = np.random.default_rng(seed)
    labelled = _first(pool.labels, plan.start, rng)
    chance = rng.permutation(len(pool.labels))
    found = []
    for count, following in zip(counts, [*counts[1:], counts[-1]], strict=True):
        known = tuple(sorted(np.flatnonzero(labelled)))
        more = following - count
        if known not in shared or more:
            head = _learnt(pool, known, plan, seed)
            shared.setdefault(known, _hits(head, test))
        found.append(shared[known])
        if more:
            labelled[_picked(order, head, pool, labelled, chance, more)] = True
    return found


def _first(labels: Sequence[str], each: int, rng: np.random.Generator) -> np.ndarray:
    labelled = np.zeros(len(labels), bool)
    for name in sorted(set(labels)):
        rows = [i for i, label in enumerate(labels) if label == name]
        labelled[rng.choice(rows, each, replace=False)] = True
    return labelled


def _picked(
    order: str,
    head: ActionHead,
    pool: Described,
    labelled: np.ndarray,
    chance: np.ndarray,
    count: int,
) -> np.ndarray:
    """Rows that the order shows next."""
    if order == "random":
        return np.asarray([row for row in chance if not labelled[row]][:count])
    given = rank(
        order,
        probabilities=head.probabilities(pool.features),
        features=pool.features,
        labelled=labelled,
        batch=count,
    )
    return np.asarray(given.index[:count])


def _learnt(pool: Described, known: Sequence[int], plan: Plan, seed: int) -> ActionHead:
    labels = [pool.labels[i] for i in known]
    count = len(labels)
    data = TrainingData(pool.features[list(known)], labels, ["pool"] * count, ["train"] * count)
    return fit_head(data, plan.learner, seed=seed).head


def _hits(head: ActionHead, test: Described) -> np.ndarray:
    best = head.probabilities(test.features).argmax(axis=1)
    return np.array([head.labels[i] == label for i, label in zip(best, test.labels, strict=True)])


def first_reaching(counts: Sequence[int], curve: np.ndarray, goal: float) -> int | None:
    """Labels at which a curve [rounds] is at least at the goal and its next round too."""
    after = np.append(curve[1:], curve[-1])
    reached = np.flatnonzero((curve >= goal - 1e-9) & (after >= goal - 1e-9))
    return counts[int(reached[0])] if len(reached) else None


def report(curves: Curves, counts: Sequence[int]) -> dict[str, object]:
    """Mean curves with 95 % intervals over seeds, and the labels that each order saves.

    The interval of a saving is over seeds and test clips, both drawn again and again.
    """
    accuracy = {name: hits.mean(axis=2) for name, hits in curves.items()}
    goal = float(accuracy["random"][:, -1].mean())
    orders = {}
    for name, runs in accuracy.items():
        at = first_reaching(counts, runs.mean(axis=0), goal)
        gain = (runs - accuracy["random"]).mean(axis=1)
        orders[name] = {
            "mean": runs.mean(axis=0).round(4).tolist(),
            "half_interval": _half_interval(runs).round(4).tolist(),
            "labels_to_goal": at,
            "saving": saving(curves[name], curves["random"], counts),
            "saving_interval": _interval_of_saving(curves[name], curves["random"], counts),
            "at_random_budgets": _at_budgets(accuracy, name, counts),
            "mean_gain": round(float(gain.mean()), 4),
            "mean_gain_half_interval": round(float(_half_interval(gain[:, None])[0]), 4),
        }
    return {"goal": goal, "labels": list(counts), "orders": orders, "default": DEFAULT_KIND}


def saving(hits: np.ndarray, chance: np.ndarray, counts: Sequence[int]) -> float | None:
    """Share of the labels that an order saves on the way to the random order's final accuracy."""
    goal = float(chance[:, -1].mean())
    at = first_reaching(counts, hits.mean(axis=(0, 2)), goal)
    return None if at is None else round(1 - at / counts[-1], 4)


def _interval_of_saving(
    hits: np.ndarray, chance: np.ndarray, counts: Sequence[int]
) -> tuple[float, float]:
    """From 2.5 to 97.5 % of resamples of seeds and clips; never reaching counts as no saving."""
    rng, found = np.random.default_rng(0), []
    for _ in range(RESAMPLES):
        seeds = rng.integers(0, hits.shape[0], hits.shape[0])
        clips = rng.integers(0, hits.shape[2], hits.shape[2])
        drawn = [runs[seeds][:, :, clips] for runs in (hits, chance)]
        found.append(saving(drawn[0], drawn[1], counts) or 0.0)
    low, high = np.percentile(found, (2.5, 97.5))
    return round(float(low), 4), round(float(high), 4)


def _at_budgets(
    accuracy: dict[str, np.ndarray], name: str, counts: Sequence[int]
) -> dict[int, int | None]:
    """Labels that the order needs for what chance reaches with so many of them."""
    chance, own = accuracy["random"].mean(axis=0), accuracy[name].mean(axis=0)
    middle = [len(counts) // 3, 2 * len(counts) // 3]
    return {counts[i]: first_reaching(counts, own, float(chance[i])) for i in middle}


def _half_interval(runs: np.ndarray) -> np.ndarray:
    """Half of the 95 % interval of the mean over seeds [seeds, ...]."""
    if len(runs) < 2:
        return np.zeros(runs.shape[1])
    return np.asarray(T_95.get(len(runs), 1.96) * runs.std(axis=0, ddof=1) / np.sqrt(len(runs)))


def lines(found: dict[str, object]) -> str:
    """The report as text."""
    orders: dict[str, dict] = found["orders"]  # type: ignore[assignment]
    counts: list[int] = found["labels"]  # type: ignore[assignment]
    out = ["labels  " + "  ".join(f"{name:>14}" for name in orders)]
    for i, count in enumerate(counts):
        cells = [
            f"{100 * o['mean'][i]:6.1f} ± {100 * o['half_interval'][i]:4.1f}"
            for o in orders.values()
        ]
        out.append(f"{count:6}  " + "  ".join(f"{cell:>14}" for cell in cells))
    out.append(f"goal: the random order's final accuracy, {100 * found['goal']:.1f} %")
    for name, o in orders.items():
        reach = (
            "never reaches it (twice in a row)"
            if o["labels_to_goal"] is None
            else f"reaches it with {o['labels_to_goal']} labels, {100 * o['saving']:.0f} % fewer"
        )
        low, high = o["saving_interval"]
        budgets = ", ".join(f"{n} of chance: {m}" for n, m in o["at_random_budgets"].items())
        out.append(
            f"{name}: {reach} (95 %: {100 * low:.0f} to {100 * high:.0f} %; {budgets}); "
            f"over the whole curve {100 * o['mean_gain']:+.1f} ± "
            f"{100 * o['mean_gain_half_interval']:.1f} points against random"
        )
    out.append(verdict(orders[str(found["default"])]["saving"], str(found["default"])))
    return "\n".join(out)


def verdict(saving: float | None, name: str) -> str:
    """Whether the default order holds the mark, plainly."""
    if saving is None:
        return f"The default order ({name}) never reaches the goal: mark of 30 % MISSED"
    held = "held" if saving >= MARK else "MISSED"
    return (
        f"The default order ({name}) saves {100 * saving:.0f} % of the labels: mark of 30 % {held}"
    )


def described(data: Path, name: str, teacher: str, cache: Path) -> Described:
    """The clips of a list by the teacher's skeletons; those that show nobody are left out."""
    clips = read_list(data / "arid" / f"{name}.txt", data / "arid" / name, ARID_LABELS)
    read = stored(data / "teacher" / teacher)
    found, _ = examples(clips, read, split="eval", config=CopyConfig(copies=0), cache=cache)
    return Described(found.features, found.labels)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("var/simulate-labelling"))
    parser.add_argument("--orders", nargs="+", default=list(Plan.orders))
    parser.add_argument("--seeds", type=int, default=Plan.seeds)
    parser.add_argument("--step", type=int, default=Plan.step)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    orders = tuple(dict.fromkeys(["random", *args.orders, DEFAULT_KIND]))
    plan = Plan(orders, args.seeds, step=args.step)
    pool = described(args.data, "train", "train", args.work / "train")
    test = described(args.data, "dev", "dev", args.work / "dev")
    found = report(simulate(pool, test, plan), counts_of(plan, pool))
    print(json.dumps(found) if args.json else lines(found))


if __name__ == "__main__":
    main()
