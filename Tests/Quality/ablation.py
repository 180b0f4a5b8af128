"""Trains variants of `cyclegan train` on pairs of domains with known truth, and scores held-out images.

    python3 ablation.py --program .build/release/cyclegan --folder work --minutes 60
    python3 ablation.py --folder work --table

Each run appends one line to results.jsonl in the folder; what is there is not run again, so that the whole takes as
many parts as it needs. Every run takes 620 steps (or --times as many) with the demo's networks and rates. Needs numpy
and Pillow.
"""

import argparse
import json
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

import pairs
import scores

# Five epochs.
STEPS = 5 * pairs.TRAIN
RECIPE = (
    "--preset reference --generator-filters 16 --discriminator-filters 32 --blocks 4 --preprocess none --lr 0.0004"
    " --precision fp32 --ema-window 0.25 --save-every 1000 --log-every 20 --quiet"
)
# Averaging changes nothing about the training: each run is scored with its last weights and with the average.
VARIANTS = {
    "baseline": "",
    "skips": "--skips features",
    # The others are the same with one more change.
    "smoothed": "--skips features --upsampling smoothed",
    "smoothed, identity every 2": "--skips features --upsampling smoothed --identity-every 2",
    "bilinear": "--skips features --upsampling bilinear",
    "bilinear, identity every 2": "--skips features --upsampling bilinear --identity-every 2",
    "identity every 2": "--skips features --identity-every 2",
    "spectral norm": "--skips features --spectral-norm",
    "spectral norm, no norm": "--skips features --spectral-norm --norm none",
    "penalty": "--skips features --gradient-penalty 0.1 --penalty-every 4",
    "beta2 0.99": "--skips features --beta2 0.99",
    "discriminator rate x2": "--skips features --discriminator-lr 0.0008",
    "cycle decay": "--skips features --cycle-decay 0.5",
}
# What a run is known by.
FIELDS = ("variant", "pair", "side", "times", "seed")


def processor_seconds():
    """Of the programs that have ended: other programs on the machine change it less than the time on the clock."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def carry_out(program, folder, threads, name, pair, side, times, seed):
    data = pairs.prepare(pair, side, folder / "data", program)
    run = folder / "runs" / f"{pair}-{side}-{times}-{name}-{seed}"
    shutil.rmtree(run, ignore_errors=True)
    begun = processor_seconds()
    subprocess.run(
        [program, "train", data, "--checkpoints-dir", folder / "runs", "--name", run.name, "--seed", str(seed)]
        + [*RECIPE.split(), "--epochs", str(3 * times), "--decay-epochs", str(2 * times), "--threads", str(threads)]
        + ["--crop-size", str(side), "--load-size", str(side), *VARIANTS[name].split()],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    result = dict(zip(FIELDS, (name, pair, side, times, seed)))
    result |= {"run": run.name, "seconds": processor_seconds() - begun}
    for weights, options in [("last", ["--no-ema"]), ("averaged", [])]:
        for direction, source, truth in [("a-to-b", "testA", "testB"), ("b-to-a", "testB", "testA")]:
            output = run / weights / direction
            subprocess.run(
                [program, "translate", run, data / source, "--output", output, "--direction", direction, "--quiet"]
                + ["--threads", str(threads), "--precision", "fp32", *options],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            result[f"{weights} {direction}"] = scores.folder_scores(output, data / truth)
    return result


def read_results(folder):
    file = folder / "results.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, default=".build/release/cyclegan")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="for data, runs and results")
    parser.add_argument("--variants", nargs="+", default=["baseline", "skips"])
    parser.add_argument("--pairs", nargs="+", default=list(pairs.PAIRS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--times", type=int, default=1, help=f"as many steps as {STEPS}")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="no run begins after so long")
    parser.add_argument("--table", action="store_true", help="print what there is, and train nothing")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    if not options.table:
        program = options.program.resolve()
        for seed in options.seeds:
            for pair in options.pairs:
                for name in options.variants:
                    key = (name, pair, options.side, options.times, seed)
                    known = {tuple(r[field] for field in FIELDS) for r in read_results(folder)}
                    if key in known:
                        continue
                    if time.monotonic() - begun > options.minutes * 60:
                        return
                    result = carry_out(program, folder, options.threads, *key)
                    with open(folder / "results.jsonl", "a") as file:
                        file.write(json.dumps(result) + "\n")
                    print(key, f"{result['seconds']:.0f} s", file=sys.stderr)
    print(table(read_results(folder)))


def spread(values):
    """Mean and, of several, the standard deviation."""
    deviation = f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.2f}{deviation}"


def table(results):
    """Cost is the median ratio of the processor time of training to that of the baseline of the same seed."""
    lines = [
        "| pair, pixels, steps | variant | weights | seeds | PSNR A to B | B to A | SSIM A to B | B to A "
        "| grid A to B | B to A | cost |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for pair, side, times in sorted({(r["pair"], r["side"], r["times"]) for r in results}):
        here = [r for r in results if (r["pair"], r["side"], r["times"]) == (pair, side, times)]
        base = {r["seed"]: r["seconds"] for r in here if r["variant"] == "baseline"}
        for name in VARIANTS:
            own = [r for r in here if r["variant"] == name]
            if not own:
                continue
            ratios = [r["seconds"] / base[r["seed"]] for r in own if r["seed"] in base]
            cost = f"{statistics.median(ratios):.2f}" if ratios else ""
            for weights in ["last", "averaged"]:
                ways = [[r[f"{weights} {way}"] for r in own] for way in ("a-to-b", "b-to-a")]
                cells = [spread([s["psnr"] for s in way]) for way in ways]
                cells += [f"{statistics.mean(s['ssim'] for s in way):.3f}" for way in ways]
                cells += [f"{statistics.mean(s['grid'] / s['real_grid'] for s in way):.2f}" for way in ways]
                start = f"| {pair}, {side}, {times * STEPS} | {name} | {weights} | {len(own)} | "
                lines.append(start + " | ".join(cells) + f" | {cost} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
