"""Writes family.safetensors: three steps of each conditional and semi-supervised GAN with tiny networks, in PyTorch.

The cases are cgan, acgan, infogan and sgan with fully connected networks of one hidden layer of 12 values for gray images of
8x8 pixels, cgan with a hinge loss as cgan-hinge, and cgan with a DCGAN of 2 filters for 28x28 as cgan-dcgan. Tensors, each
behind the name of its case and a dot:
  G.<key> D.<key>        float32: initial weights
  images                 float32 [3, 6, 1, side, side] in [-1, 1]: the batch of each step
  classes                int64 [3, 6]: their classes, of three
  labeled, labels        the same for sgan: other images and their classes
  losses                 float64 [3, n]: what a step reports: D, G, D(x), D(G(z)), then what classes or codes add to D
  final.G.<key> final.D.<key>   float32: weights after the steps
Metadata: float32_difference, the largest difference of the losses when PyTorch trains in float32, of those above 1 as a
share.

Everything is computed in float64 from the float32 weights. Latents and codes are those that the tool draws with seed 7:
SplitMix64 as in Sources/Datasets/Loading/SplitMix64.swift gives the seeds of libtorch's generators for a step's latents
and for sgan's noise, and the codes themselves.

Versions used: Python 3.11, torch 2.13.0 (CPU), safetensors 0.8.0.
Command: python write_family.py
"""

import copy
import pathlib
import sys

import torch
from torch import nn
from torch.nn import functional

sys.path.append(str(pathlib.Path(__file__).parent.parent / "Reference"))
from fixture_file import save  # noqa: E402

SEED, STEPS, BATCH, CLASSES, LATENT, HIDDEN, FILTERS = 7, 3, 6, 3, 5, 12, 2
WORD = (1 << 64) - 1
# GANTrainer.Stream
LATENTS, DROPOUT, CODES = 0x21, 0x23, 0x25
# One of ten and two numbers.
CODE_WIDTH = 12


def mixed(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & WORD
    return z ^ (z >> 31)


class SplitMix64:
    def __init__(self, *values: int, seed: int | None = None) -> None:
        self.state = 0
        for value in values:
            self.state = mixed(((self.state ^ value) + 0x9E3779B97F4A7C15) & WORD)
        if seed is not None:
            self.state = seed

    def next(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & WORD
        return mixed(self.state)


def generator_of(stream: int, step: int) -> torch.Generator:
    seed = SplitMix64(SEED, stream, step).next()
    return torch.Generator().manual_seed(seed - (1 << 64) if seed >> 63 else seed)


def latents(step: int) -> torch.Tensor:
    return torch.randn(BATCH, LATENT, generator=generator_of(LATENTS, step))


def codes(step: int) -> torch.Tensor:
    stream = SplitMix64(seed=SplitMix64(SEED, CODES, step).next())
    rows = []
    for _ in range(BATCH):
        row = [0.0] * 10
        row[stream.next() % 10] = 1.0
        row += [(stream.next() >> 40) * 2.0**-24 * 2 - 1 for _ in range(2)]
        rows.append(row)
    return torch.tensor(rows)


class Generator(nn.Module):
    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.main = nn.Sequential(nn.Linear(inputs, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 64), nn.Tanh())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.main(x).reshape(-1, 1, 8, 8)


class Discriminator(nn.Module):
    def __init__(self, outputs: int, told: int) -> None:
        super().__init__()
        self.main = nn.Sequential(nn.Linear(64 + told, HIDDEN), nn.LeakyReLU(0.2), nn.Linear(HIDDEN, outputs))
        self.told = told
        # Noise of deviation .3 on images and .5 on hidden values, for sgan.
        self.noise: torch.Generator | None = None

    def disturbed(self, x: torch.Tensor, deviation: float) -> torch.Tensor:
        if self.noise is None:
            return x
        return x + deviation * torch.randn(x.shape, generator=self.noise).to(x.dtype)

    def forward(self, x: torch.Tensor, told: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        flat = self.disturbed(x.flatten(1), 0.3)
        hidden = self.main[:2](torch.cat([flat, told], 1) if self.told else flat)
        features = self.disturbed(hidden, 0.5)
        return self.main[2](features), features


class ConvolutionalGenerator(nn.Module):
    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(inputs, 2 * FILTERS, 7, bias=False), nn.BatchNorm2d(2 * FILTERS), nn.ReLU(),
            nn.ConvTranspose2d(2 * FILTERS, FILTERS, 4, 2, 1, bias=False), nn.BatchNorm2d(FILTERS), nn.ReLU(),
            nn.ConvTranspose2d(FILTERS, 1, 4, 2, 1, bias=False), nn.Tanh(),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.main(x[:, :, None, None])


class ConvolutionalDiscriminator(nn.Module):
    """With a channel for each class behind the image, which is 1 everywhere for the one that is told and 0 for others."""

    def __init__(self) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(1 + CLASSES, FILTERS, 4, 2, 1, bias=False), nn.LeakyReLU(0.2),
            nn.Conv2d(FILTERS, 2 * FILTERS, 4, 2, 1, bias=False), nn.BatchNorm2d(2 * FILTERS), nn.LeakyReLU(0.2),
            nn.Conv2d(2 * FILTERS, 1, 7, bias=False),
        )  # fmt: skip

    def forward(self, x: torch.Tensor, told: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        maps = told[:, :, None, None].expand(-1, -1, 28, 28)
        return self.main(torch.cat([x, maps], 1)).flatten(1), x


def networks(case: str) -> tuple[nn.Module, nn.Module]:
    if case == "cgan-dcgan":
        return ConvolutionalGenerator(LATENT + CLASSES), ConvolutionalDiscriminator()
    inputs = LATENT + {"infogan": CODE_WIDTH, "sgan": 0}.get(case, CLASSES)
    outputs = {"acgan": 1 + CLASSES, "infogan": 1 + CODE_WIDTH, "sgan": CLASSES}.get(case, 1)
    return Generator(inputs), Discriminator(outputs, CLASSES if case.startswith("cgan") else 0)


def code_loss(outputs: torch.Tensor, told: torch.Tensor) -> torch.Tensor:
    """-log Q(c | x): weight 1 for the code of ten, 0.1 for the normal distribution of each number."""
    choice = functional.cross_entropy(outputs[:, 1:11], told[:, :10].argmax(1))
    normal = 0.5 * (outputs[:, 11:] - told[:, 10:]).pow(2)
    return choice + 0.1 * normal.mean(0).sum()


def score(case: str, outputs: torch.Tensor) -> torch.Tensor:
    # PyTorch's definition of K + 1 classes whose last has a logit of 0: log(1 - p_fake) - log p_fake.
    if case == "sgan":
        with_fake = torch.cat([outputs, torch.zeros_like(outputs[:, :1])], 1)
        probabilities = functional.softmax(with_fake, 1)
        return torch.logit(1 - probabilities[:, -1:])
    return outputs[:, :1]


def train(case: str, g: nn.Module, d: nn.Module, data: dict[str, torch.Tensor], dtype: torch.dtype) -> list[list[float]]:
    g, d = g.to(dtype), d.to(dtype)
    rate = dict(betas=(0.5, 0.999))
    optimizer_g = torch.optim.Adam(g.parameters(), {"infogan": 1e-3, "sgan": 3e-3}.get(case, 2e-4), **rate)
    optimizer_d = torch.optim.Adam(d.parameters(), 3e-3 if case == "sgan" else 2e-4, **rate)
    bce = functional.binary_cross_entropy_with_logits
    reported = []
    for step in range(STEPS):
        real, classes = data["images"][step].to(dtype), data["classes"][step]
        told = functional.one_hot(classes, CLASSES).to(dtype)
        if case == "infogan":
            told = codes(step).to(dtype)
        if case == "sgan":
            d.noise = generator_of(DROPOUT, step)
        z = latents(step).to(dtype)
        fake = g(z if case == "sgan" else torch.cat([z, told], 1))
        on_real, _ = d(real, told)
        on_fake, _ = d(fake.detach(), told)
        s_real, s_fake = score(case, on_real), score(case, on_fake)
        if case == "cgan-hinge":
            loss_d = (1 - s_real).relu().mean() + (1 + s_fake).relu().mean()
            means = [s_real.mean().item(), s_fake.mean().item()]
        else:
            loss_d = bce(s_real, torch.ones_like(s_real)) + bce(s_fake, torch.zeros_like(s_fake))
            means = [s_real.sigmoid().mean().item(), s_fake.sigmoid().mean().item()]
        terms = []
        if case == "acgan":
            terms = [functional.cross_entropy(o[:, 1:], classes) for o in (on_real, on_fake)]
        if case == "infogan":
            terms = [code_loss(on_fake, told)]
        if case == "sgan":
            labeled, _ = d(data["labeled"][step].to(dtype), None)
            terms = [functional.cross_entropy(labeled, data["labels"][step])]
        loss_d = loss_d + sum(terms)
        optimizer_d.zero_grad()
        loss_d.backward()
        optimizer_d.step()

        if case == "sgan":
            with torch.no_grad():
                _, wanted = d(real, told)
        on_fake, features = d(fake, told)
        if case == "sgan":
            loss_g = (features.mean(0) - wanted.mean(0)).pow(2).sum()
        elif case == "cgan-hinge":
            loss_g = -on_fake.mean()
        else:
            s = score(case, on_fake)
            loss_g = bce(s, torch.ones_like(s))
        if case == "acgan":
            loss_g = loss_g + functional.cross_entropy(on_fake[:, 1:], classes)
        if case == "infogan":
            loss_g = loss_g + code_loss(on_fake, told)
        optimizer_g.zero_grad()
        loss_g.backward()
        optimizer_g.step()
        reported.append([loss_d.item(), loss_g.item(), *means, *(term.item() for term in terms)])
    return reported


def main() -> None:
    generator = torch.Generator().manual_seed(SEED)
    tensors, difference = {}, 0.0
    for case in ("cgan", "cgan-hinge", "cgan-dcgan", "acgan", "infogan", "sgan"):
        g, d = networks(case)
        for parameter in [*g.parameters(), *d.parameters()]:
            parameter.data = torch.randn(parameter.shape, generator=generator) * 0.15
        for module in [*g.modules(), *d.modules()]:
            if isinstance(module, nn.BatchNorm2d):
                module.weight.data = 1 + 0.1 * torch.randn(module.weight.shape, generator=generator)
        side = 28 if case == "cgan-dcgan" else 8
        shape = (STEPS, BATCH, 1, side, side)
        data = {
            "images": torch.rand(shape, generator=generator) * 2 - 1,
            "classes": torch.randint(CLASSES, (STEPS, BATCH), generator=generator),
        }
        if case == "sgan":
            data["labeled"] = torch.rand(shape, generator=generator) * 2 - 1
            data["labels"] = torch.randint(CLASSES, (STEPS, BATCH), generator=generator)
        for name, network in (("G", g), ("D", d)):
            for key, value in network.state_dict().items():
                tensors[f"{case}.{name}.{key}"] = value.clone()
        for key, value in data.items():
            tensors[f"{case}.{key}"] = value
        single = train(case, copy.deepcopy(g), copy.deepcopy(d), data, torch.float32)
        losses = train(case, g, d, data, torch.float64)
        for a, b in zip(single, losses):
            difference = max(difference, *(abs(x - y) / max(abs(y), 1) for x, y in zip(a, b)))
        tensors[f"{case}.losses"] = torch.tensor(losses, dtype=torch.float64)
        for name, network in (("G", g), ("D", d)):
            for key, value in network.state_dict().items():
                tensors[f"{case}.final.{name}.{key}"] = value.float() if value.is_floating_point() else value
    here = pathlib.Path(__file__).parent
    size = save(tensors, here / "family.safetensors", {"float32_difference": f"{difference:.2e}"})
    print(f"{size} bytes, {difference:.2e}")


if __name__ == "__main__":
    main()
