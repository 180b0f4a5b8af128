"""Writes training.safetensors: ten CycleGAN steps with tiny networks, their losses and results.

Tensors:
  G_A.<key> G_B.<key> D_A.<key> D_B.<key>   float32: initial weights, biases zero
  A, B              uint8 [10, 32, 32, 3]: step i trains on A[i] and B[i], batch 1, each pixel as
                    pixel / 127.5 - 1
  alpha             float32 [10, 2, 1]: for wgan-gp, step i interpolates with alpha[i, 0] in D_A's
                    penalty and alpha[i, 1] in D_B's: real + alpha * (fake - real)
  losses            float64 [10, 8], lsgan: D_A, G_A, cycle_A, idt_A, D_B, G_B, cycle_B, idt_B as
                    logged, weights included
  losses.vanilla, losses.wgan-gp            the same from the same start with those GAN losses
  final.G_A.<key>, final.D_A.<key>          float32: those two networks after the ten lsgan steps
Metadata (strings): the generators' and discriminators' configuration (generator.*,
discriminator.*), learning_rate, beta1, beta2, lambda_a, lambda_b, lambda_identity,
gradient_penalty; pool_size 0; loss_order; float32_difference, float32_difference.vanilla,
float32_difference.wgan-gp: largest relative difference of the losses when PyTorch trains in
float32, with and without oneDNN; float32_difference.final: largest difference of the final weights;
undetermined: the keys (G_A.<key>, D_A.<key>) left out of that, biases which instance norm cancels.
Their true gradient is zero, and Adam makes steps of rounding noise from it, so that in float32 they
prove nothing. In float64 they stay at their initial zero.

Everything is computed in float64 from the float32 weights, so that it does not depend on a
machine's float32 kernels and a second run writes the same bytes.

Adam's first step is the learning rate times the gradient's sign, so a gradient that is zero but for
rounding moves its weight either way, and from the usual weights of N(0, 0.02) such small networks
amplify that about fivefold a step: to 0.7 % of a loss after ten. Hence networks.py's steady
initialization, and a seed with which no such gradient occurs. Losses still move by percents and
every weight by up to 0.002.

Versions used: Python 3.11, torch 2.13.0 (CPU), safetensors 0.8.0.
Command: python write_training.py
"""

import copy
import pathlib

import torch
from torch import nn
from torch.nn import functional

from fixture_file import save
from networks import PatchDiscriminator, ResnetGenerator, initialize_steadily
from training import LOSSES, NETWORKS, CycleGAN, Settings, train

SEED = 52
STEPS = 10
SIDE = 32
GENERATOR = dict(blocks=2, filters=4, norm="instance")
DISCRIMINATOR = dict(layers=2, filters=4, norm="instance")
# Not the reference's 10 and 10, so that a cycle weight on the wrong side shows.
WEIGHTS = dict(lambda_a=10.0, lambda_b=8.0, lambda_identity=0.5)


def make_networks(generator: torch.Generator) -> dict[str, nn.Module]:
    networks = {}
    for name in NETWORKS:
        if name.startswith("G"):
            networks[name] = ResnetGenerator(**GENERATOR)
            initialize_steadily(networks[name], 16.0, 1.0, generator)
        else:
            networks[name] = PatchDiscriminator(**DISCRIMINATOR)
            # Small scores, so that wgan-gp's slopes start near 1.
            initialize_steadily(networks[name], 16.0, 0.1, generator)
    return networks


def make_images(tint: list[float], generator: torch.Generator) -> torch.Tensor:
    """Soft random blobs around one color with some grain, uint8 [STEPS, SIDE, SIDE, 3]."""
    coarse = torch.rand(STEPS, 3, 5, 5, generator=generator, dtype=torch.float64)
    soft = functional.interpolate(coarse, (SIDE, SIDE), mode="bilinear", align_corners=True)
    grain = torch.randn(soft.shape, generator=generator, dtype=torch.float64)
    color = torch.tensor(tint, dtype=torch.float64).reshape(1, 3, 1, 1)
    pixels = 255 * (0.55 * soft + 0.45 * color + 0.03 * grain)
    return pixels.round().clamp(0, 255).byte().permute(0, 2, 3, 1)


def canceled_biases(name: str, network: nn.Module) -> list[str]:
    """The biases before an instance norm: all but the last one and a discriminator's first one."""
    biases = [f"{name}.{key}" for key in network.state_dict() if key.endswith(".bias")]
    return biases[:-1] if name.startswith("G") else biases[1:-1]


def trained(start: dict, images, gan_loss: str, alphas, dtype: torch.dtype):
    """Losses [STEPS, 8] and the weights of G_A and D_A, from copies of the initial networks."""
    networks = {name: copy.deepcopy(network).to(dtype) for name, network in start.items()}
    cyclegan = CycleGAN(networks, Settings(gan_loss=gan_loss, **WEIGHTS))
    losses = train(cyclegan, *images, STEPS, alphas if gan_loss == "wgan-gp" else None)
    weights = {}
    for name in ("G_A", "D_A"):
        weights |= {f"{name}.{key}": value for key, value in networks[name].state_dict().items()}
    return torch.tensor(losses, dtype=torch.float64), weights


def single_differences(exact, undetermined: list[str], *arguments) -> tuple[float, float]:
    """How far float32 ends up from `exact`: relative over the losses, absolute over the weights."""
    losses, weights = exact
    of_losses = of_weights = 0.0
    for onednn in (True, False):
        with torch.backends.mkldnn.flags(enabled=onednn):
            single_losses, single_weights = trained(*arguments, torch.float32)
        relative = (single_losses - losses) / losses
        of_losses = max(of_losses, float(relative.abs().max()))
        for key in weights.keys() - set(undetermined):
            difference = (single_weights[key] - weights[key]).abs().max()
            of_weights = max(of_weights, float(difference))
    return of_losses, of_weights


def described(settings: Settings) -> dict[str, str]:
    generator = dict(network="resnet") | GENERATOR
    discriminator = dict(network="patch") | DISCRIMINATOR
    text = {f"generator.{key}": str(value) for key, value in generator.items()}
    text |= {f"discriminator.{key}": str(value) for key, value in discriminator.items()}
    for name in ("lambda_a", "lambda_b", "lambda_identity", "gradient_penalty", "learning_rate"):
        text[name] = str(getattr(settings, name))
    text["beta1"], text["beta2"] = (str(beta) for beta in settings.betas)
    return text | {"pool_size": "0", "loss_order": ",".join(LOSSES)}


def write() -> None:
    generator = torch.Generator().manual_seed(SEED)
    start = make_networks(generator)
    images = make_images([0.2, 0.4, 0.9], generator), make_images([0.9, 0.6, 0.1], generator)
    alphas = torch.rand(STEPS, 2, 1, generator=generator)
    undetermined = [key for name in ("G_A", "D_A") for key in canceled_biases(name, start[name])]

    tensors = {"A": images[0], "B": images[1], "alpha": alphas}
    for name, network in start.items():
        tensors |= {f"{name}.{key}": value for key, value in network.state_dict().items()}
    metadata = described(Settings(**WEIGHTS)) | {"undetermined": ",".join(undetermined)}
    for gan_loss in ("lsgan", "vanilla", "wgan-gp"):
        suffix = "" if gan_loss == "lsgan" else f".{gan_loss}"
        arguments = (start, images, gan_loss, alphas)
        exact = losses, weights = trained(*arguments, torch.float64)
        of_losses, of_weights = single_differences(exact, undetermined, *arguments)
        print(f"{gan_loss}; float32: losses {of_losses:.1e}, weights {of_weights:.1e}\n{losses}")
        assert of_losses < 5e-5 and of_weights < 2e-5, "rounding decides: choose another seed"
        tensors[f"losses{suffix}"] = losses
        metadata[f"float32_difference{suffix}"] = f"{of_losses:.1e}"
        if gan_loss == "lsgan":
            tensors |= {f"final.{key}": value.float() for key, value in weights.items()}
            metadata["float32_difference.final"] = f"{of_weights:.1e}"
    size = save(tensors, pathlib.Path(__file__).parent / "training.safetensors", metadata)
    print(size, "bytes")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.set_printoptions(precision=4, linewidth=120, sci_mode=False)
    write()
