"""Trains the reference's CycleGAN at full size, for comparison with this project's losses.

Writes into --output: net_G_A.safetensors, net_G_B..., net_D_A... and net_D_B... (initial weights,
biases zero, state_dict keys), and losses.json: the settings, and for each step the eight
losses by their names in metrics.jsonl. Images are taken serially: step i trains on image i of each
folder, sorted by path, cyclically and untransformed, so all of them must have the crop size.

The other side of the comparison starts from the same weights:
  cyclegan train A B --init-from DIR --serial --no-flip --preprocess none --pool-size 0 \
    --generator resnet9 --crop-size 128 --precision fp32 --steps 10 --log-every 1

Rounding alone: --float64 trains the same in float64. From --init reference, N(0, 0.02), Adam's
first steps amplify rounding, so that PyTorch does not agree with itself: with ResNet-9, 32 filters
and 64x64 images, float32 with oneDNN and without it are 0.05 % apart in step 2, 2 % in step 4 and
20 % in step 7. --init steady starts from weights with which they stay within 0.03 % for ten steps
(large ones wherever a norm cancels their scale; for instance or batch norm).

Versions used: Python 3.11, torch 2.13.0 (CPU), numpy 2.4.6, pillow 13.0.0, safetensors 0.8.0.
Command: python compare_training.py --folder-a A --folder-b B --generator resnet9 \
  --crop-size 128 --steps 10 --output DIR
"""

import argparse
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

from networks import PatchDiscriminator, initialize, initialize_steadily, make_generator
from training import LOSSES, NETWORKS, CycleGAN, Settings, read_folder, train


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder-a", type=pathlib.Path, required=True)
    parser.add_argument("--folder-b", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--generator", default="resnet9", help="resnetN, unet128 or unet256")
    parser.add_argument("--generator-filters", type=int, default=64)
    parser.add_argument("--discriminator-filters", type=int, default=64)
    parser.add_argument("--discriminator-layers", type=int, default=3)
    parser.add_argument("--norm", choices=["instance", "batch", "none"], default="instance")
    parser.add_argument("--gan-loss", choices=["lsgan", "vanilla"], default="lsgan")
    parser.add_argument("--init", choices=["reference", "steady"], default="reference")
    parser.add_argument("--crop-size", type=int, default=256, help="side of every image")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--float64", action="store_true")
    return parser.parse_args()


def read_images(folder: pathlib.Path, side: int) -> list[torch.Tensor]:
    images = read_folder(folder)
    for index, image in enumerate(images):
        if image.shape != (side, side, 3):
            height, width, _ = image.shape
            sys.exit(f"error: {folder}: image {index} is {width}x{height}, not {side}x{side}")
    return images


def make_networks(options: argparse.Namespace) -> dict[str, torch.nn.Module]:
    generator = torch.Generator().manual_seed(options.seed)
    networks = {}
    for name in NETWORKS:
        if name.startswith("G"):
            network = make_generator(options.generator, options.generator_filters, options.norm)
        else:
            network = PatchDiscriminator(
                filters=options.discriminator_filters,
                layers=options.discriminator_layers,
                norm=options.norm,
            )
        if options.init == "reference":
            initialize(network, generator)
        else:
            last_gain = 1.0 if name.startswith("G") else 0.1
            initialize_steadily(network, 128.0, last_gain, generator)
        networks[name] = network
    return networks


def main() -> None:
    options = parse()
    torch.set_num_threads(options.threads)
    images_a = read_images(options.folder_a, options.crop_size)
    images_b = read_images(options.folder_b, options.crop_size)
    networks = make_networks(options)
    options.output.mkdir(parents=True, exist_ok=True)
    for name, network in networks.items():
        save_file(network.state_dict(), options.output / f"net_{name}.safetensors")

    dtype = torch.float64 if options.float64 else torch.float32
    for network in networks.values():
        network.to(dtype)
    cyclegan = CycleGAN(networks, Settings(gan_loss=options.gan_loss))
    steps = []
    for step in range(options.steps):
        pair = [images_a[step % len(images_a)]], [images_b[step % len(images_b)]]
        losses = dict(zip(LOSSES, train(cyclegan, *pair, steps=1)[0]))
        steps.append({"step": step + 1} | losses)
        shown = "  ".join(f"{name} {value:.6f}" for name, value in losses.items())
        print(f"step {step + 1}: {shown}", file=sys.stderr, flush=True)
    settings = {key: str(value) for key, value in vars(options).items()}
    settings["torch"] = torch.__version__
    record = json.dumps({"settings": settings, "steps": steps}, indent=1)
    (options.output / "losses.json").write_text(record + "\n")
    print(options.output)


if __name__ == "__main__":
    main()
