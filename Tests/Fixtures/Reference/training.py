"""The reference's CycleGAN training step in PyTorch, written from its published description.

Makes nothing by itself: write_training.py, compare_training.py and the benchmark
Tests/Benchmarks/pytorch_bench.py train with it. Serial and without a pool: step i takes image i of
each folder, in sorted order and untransformed, and the discriminators see the fakes just made.

Names follow the reference: G_A translates A to B and D_A judges B; G_B translates B to A and D_B
judges A. "wgan-gp" is ours: the reference names the mode but never applies its penalty.

Versions used: Python 3.11, torch 2.13.0 (CPU), numpy 2.4.6, pillow 13.0.0.
Command: none.
"""

import contextlib
import dataclasses
import itertools
import pathlib

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

NETWORKS = ("G_A", "G_B", "D_A", "D_B")
LOSSES = ("D_A", "G_A", "cycle_A", "idt_A", "D_B", "G_B", "cycle_B", "idt_B")
EXTENSIONS = (".jpg", ".jpeg", ".png")


@dataclasses.dataclass(frozen=True)
class Settings:
    gan_loss: str = "lsgan"  # or vanilla, wgan-gp
    lambda_a: float = 10.0
    lambda_b: float = 10.0
    lambda_identity: float = 0.5  # times lambda_a or lambda_b
    gradient_penalty: float = 10.0  # wgan-gp only
    learning_rate: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)


def adversarial_loss(gan_loss: str, scores: torch.Tensor, real: bool) -> torch.Tensor:
    """How far the scores are from those of real (or fake) images, mean over batch and patches."""
    if gan_loss == "wgan-gp":
        return -scores.mean() if real else scores.mean()
    target = torch.full_like(scores, 1.0 if real else 0.0)
    if gan_loss == "lsgan":
        return functional.mse_loss(scores, target)
    if gan_loss == "vanilla":
        return functional.binary_cross_entropy_with_logits(scores, target)
    raise ValueError(f"unknown GAN loss '{gan_loss}'")


def gradient_penalty(
    discriminator: nn.Module, real: torch.Tensor, fake: torch.Tensor, alpha: torch.Tensor
) -> torch.Tensor:
    """Mean of (|dD/dx| - 1)^2 at x = real + alpha * (fake - real), one alpha for each image.

    D(x) is the sum of an image's scores, and the norm is over all its channels and pixels.
    """
    weight = alpha.to(real.dtype).reshape(-1, 1, 1, 1)
    between = (real + weight * (fake - real)).detach().requires_grad_()
    scores = discriminator(between).sum()
    (slope,) = torch.autograd.grad(scores, between, create_graph=True)
    return (slope.flatten(start_dim=1).norm(dim=1) - 1).square().mean()


class CycleGAN:
    """Four networks (by the names in NETWORKS), two Adam optimizers, and the step over one batch.

    `adam` goes to torch.optim.Adam: foreach=True or fused=True choose how it is computed.
    """

    def __init__(self, networks: dict[str, nn.Module], settings: Settings = Settings(), **adam):
        self.networks = networks
        self.settings = settings
        self.generator_optimizer = self._adam(("G_A", "G_B"), adam)
        self.discriminator_optimizer = self._adam(("D_A", "D_B"), adam)

    def _adam(self, names: tuple[str, str], options: dict[str, bool]) -> torch.optim.Adam:
        parameters = itertools.chain(*(self.networks[name].parameters() for name in names))
        settings = self.settings
        return torch.optim.Adam(
            parameters, lr=settings.learning_rate, betas=settings.betas, **options
        )

    def step(
        self,
        real_a: torch.Tensor,
        real_b: torch.Tensor,
        alpha: torch.Tensor | None = None,
        autocast=contextlib.nullcontext,
    ) -> list[float]:
        """`take_step`, with its losses as numbers in the order of LOSSES."""
        losses = self.take_step(real_a, real_b, alpha, autocast)
        return [float(losses[name].detach()) if name in losses else 0.0 for name in LOSSES]

    def take_step(
        self,
        real_a: torch.Tensor,
        real_b: torch.Tensor,
        alpha: torch.Tensor | None = None,
        autocast=contextlib.nullcontext,
    ) -> dict[str, torch.Tensor]:
        """Trains once on images in [-1, 1]; a GPU's losses are there when somebody reads them.

        `alpha` [2, batch] is what wgan-gp interpolates with: row 0 for D_A, row 1 for D_B.
        """
        discriminators = [self.networks[name] for name in ("D_A", "D_B")]
        for discriminator in discriminators:
            discriminator.requires_grad_(False)
        with autocast():
            losses, fake_a, fake_b = self._generator_losses(real_a, real_b)
            total = sum(losses.values())
        self.generator_optimizer.zero_grad()
        total.backward()
        self.generator_optimizer.step()
        for discriminator in discriminators:
            discriminator.requires_grad_(True)

        # The discriminators judge the fakes from before the generators' step.
        self.discriminator_optimizer.zero_grad()
        judged = [("D_A", real_b, fake_b.detach()), ("D_B", real_a, fake_a.detach())]
        for row, (name, real, fake) in enumerate(judged):
            with autocast():
                weight = None if alpha is None else alpha[row]
                losses[name] = self._discriminator_loss(name, real, fake, weight)
            losses[name].backward()
        self.discriminator_optimizer.step()
        return losses

    def _generator_losses(self, real_a: torch.Tensor, real_b: torch.Tensor):
        """The terms of the generators' loss by their logged names, weighted, and the fakes."""
        s = self.settings
        g_a, g_b, d_a, d_b = (self.networks[name] for name in NETWORKS)
        fake_b = g_a(real_a)
        reconstructed_a = g_b(fake_b)
        fake_a = g_b(real_b)
        reconstructed_b = g_a(fake_a)
        losses = {
            "G_A": adversarial_loss(s.gan_loss, d_a(fake_b), real=True),
            "G_B": adversarial_loss(s.gan_loss, d_b(fake_a), real=True),
            "cycle_A": s.lambda_a * functional.l1_loss(reconstructed_a, real_a),
            "cycle_B": s.lambda_b * functional.l1_loss(reconstructed_b, real_b),
        }
        if s.lambda_identity > 0:
            # G_A makes B images, so a B image should pass through it unchanged; it weighs lambda_b.
            identity_a = functional.l1_loss(g_a(real_b), real_b)
            identity_b = functional.l1_loss(g_b(real_a), real_a)
            losses["idt_A"] = s.lambda_b * s.lambda_identity * identity_a
            losses["idt_B"] = s.lambda_a * s.lambda_identity * identity_b
        return losses, fake_a, fake_b

    def _discriminator_loss(
        self, name: str, real: torch.Tensor, fake: torch.Tensor, alpha: torch.Tensor | None
    ) -> torch.Tensor:
        discriminator = self.networks[name]
        of_real = adversarial_loss(self.settings.gan_loss, discriminator(real), real=True)
        of_fake = adversarial_loss(self.settings.gan_loss, discriminator(fake), real=False)
        loss = 0.5 * (of_real + of_fake)
        if self.settings.gan_loss == "wgan-gp":
            penalty = gradient_penalty(discriminator, real, fake, alpha)
            loss = loss + self.settings.gradient_penalty * penalty
        return loss


def images_to_batch(pixels: torch.Tensor, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """uint8 [batch, height, width, channels] to [batch, channels, height, width] in [-1, 1]."""
    # contiguous: a permuted view would pass its channels-last strides on, and with a batch of one
    # torch 2.13's instance norm takes wrong gradients from gradients with such strides.
    return pixels.permute(0, 3, 1, 2).contiguous().to(dtype) / 127.5 - 1


def read_folder(folder: pathlib.Path) -> list[torch.Tensor]:
    """Every JPEG and PNG file under the folder as uint8 [height, width, 3], sorted by path."""
    paths = [path for path in folder.rglob("*") if path.suffix.lower() in EXTENSIONS]
    paths.sort(key=lambda path: path.relative_to(folder).as_posix())
    if not paths:
        raise FileNotFoundError(f"{folder}: no JPEG or PNG file in it")
    return [torch.from_numpy(numpy.array(Image.open(path).convert("RGB"))) for path in paths]


def train(cyclegan: CycleGAN, images_a, images_b, steps: int, alphas=None) -> list[list[float]]:
    """Serial training on single images; the losses of each step, in the order of LOSSES."""
    dtype = next(cyclegan.networks["G_A"].parameters()).dtype
    history = []
    for step in range(steps):
        real_a = images_to_batch(images_a[step % len(images_a)][None], dtype)
        real_b = images_to_batch(images_b[step % len(images_b)][None], dtype)
        history.append(cyclegan.step(real_a, real_b, None if alphas is None else alphas[step]))
    return history
