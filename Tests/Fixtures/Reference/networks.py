"""The reference networks in PyTorch, written from their published numbers.

Makes nothing by itself: the other scripts here build their networks with it. Tensor names are the
reference's state_dict keys, because the positions inside each nn.Sequential are the reference's.
Run alone, it checks parameter counts, key counts, key lists and output sizes against the numbers
which were read from the reference implementation (junyanz/pytorch-CycleGAN-and-pix2pix).

Versions used: Python 3.11, torch 2.13.0 (CPU).
Command: python networks.py
"""

import torch
from torch import nn


def norm_layer(kind: str, channels: int) -> nn.Module:
    """One normalization layer; "none" keeps its place in the numbering without doing anything."""
    if kind == "instance":
        return nn.InstanceNorm2d(channels, affine=False, track_running_stats=False)
    if kind == "batch":
        return nn.BatchNorm2d(channels, affine=True, track_running_stats=True)
    if kind == "none":
        return nn.Identity()
    raise ValueError(f"unknown norm '{kind}'")


def inner_bias(kind: str) -> bool:
    """Whether the convolutions beside a norm of this kind have a bias: only with instance norm."""
    return kind == "instance"


class ResidualBlock(nn.Module):
    """x + (pad, conv, norm, relu, [dropout,] pad, conv, norm)(x); nothing after the sum."""

    def __init__(self, channels: int, norm: str, dropout: bool):
        super().__init__()

        def half() -> list[nn.Module]:
            convolution = nn.Conv2d(channels, channels, 3, bias=inner_bias(norm))
            return [nn.ReflectionPad2d(1), convolution, norm_layer(norm, channels)]

        between = [nn.ReLU()] + ([nn.Dropout(0.5)] if dropout else [])
        self.conv_block = nn.Sequential(*half(), *between, *half())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv_block(x)


class ResnetGenerator(nn.Module):
    """Two halvings, a trunk of residual blocks at a quarter of each side, two doublings, tanh."""

    def __init__(
        self, inputs=3, outputs=3, filters=64, blocks=9, norm="instance", dropout=False
    ):
        super().__init__()
        bias = inner_bias(norm)

        def activated(convolution: nn.Module, channels: int) -> list[nn.Module]:
            return [convolution, norm_layer(norm, channels), nn.ReLU()]

        layers: list[nn.Module] = [nn.ReflectionPad2d(3)]
        layers += activated(nn.Conv2d(inputs, filters, 7, bias=bias), filters)
        for width in (filters, 2 * filters):
            down = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1, bias=bias)
            layers += activated(down, 2 * width)
        layers += [ResidualBlock(4 * filters, norm, dropout) for _ in range(blocks)]
        for width in (4 * filters, 2 * filters):
            up = nn.ConvTranspose2d(
                width, width // 2, 3, stride=2, padding=1, output_padding=1, bias=bias
            )
            layers += activated(up, width // 2)
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(filters, outputs, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model(x)


class UNetLevel(nn.Module):
    """One level of the U-Net: halve, go inside (None: innermost), double, join with the input."""

    def __init__(
        self, outer, inner, inside, norm, dropout=False, inputs=None, outermost=False
    ):
        super().__init__()
        bias = inner_bias(norm)
        self.outermost = outermost
        down = nn.Conv2d(inputs or outer, inner, 4, stride=2, padding=1, bias=bias)
        # What comes back from inside is its input beside its output, hence twice as wide.
        returned = inner if inside is None else 2 * inner
        up = nn.ConvTranspose2d(
            returned, outer, 4, stride=2, padding=1, bias=bias or outermost
        )
        if outermost:
            layers = [down, inside, nn.ReLU(), up, nn.Tanh()]
        elif inside is None:
            layers = [nn.LeakyReLU(0.2), down, nn.ReLU(), up, norm_layer(norm, outer)]
        else:
            layers = [nn.LeakyReLU(0.2), down, norm_layer(norm, inner), inside]
            layers += [nn.ReLU(), up, norm_layer(norm, outer)]
            layers += [nn.Dropout(0.5)] if dropout else []
        self.model = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.model(x)
        return y if self.outermost else torch.cat([x, y], dim=1)


class UNetGenerator(nn.Module):
    """`downs` halvings down to 1/2^downs of each side and back, with a skip at every level."""

    def __init__(
        self, inputs=3, outputs=3, filters=64, downs=8, norm="instance", dropout=False
    ):
        super().__init__()
        if downs < 5:
            raise ValueError(f"a U-Net needs at least 5 halvings, not {downs}")
        level = UNetLevel(8 * filters, 8 * filters, None, norm)
        for _ in range(downs - 5):
            level = UNetLevel(8 * filters, 8 * filters, level, norm, dropout)
        for factor in (4, 2, 1):
            level = UNetLevel(factor * filters, 2 * factor * filters, level, norm)
        self.model = UNetLevel(outputs, filters, level, norm, inputs=inputs, outermost=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model(x)


class PatchDiscriminator(nn.Module):
    """PatchGAN (NLayerDiscriminator): a map of raw scores, one for each patch; no sigmoid."""

    def __init__(self, inputs=3, filters=64, layers=3, norm="instance"):
        super().__init__()
        stages = [nn.Conv2d(inputs, filters, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        width = filters
        for n in range(1, layers + 1):
            wider = filters * min(2**n, 8)
            stride = 1 if n == layers else 2
            stages += [
                nn.Conv2d(width, wider, 4, stride, padding=1, bias=inner_bias(norm)),
                norm_layer(norm, wider),
                nn.LeakyReLU(0.2),
            ]
            width = wider
        stages.append(nn.Conv2d(width, 1, 4, padding=1))
        self.model = nn.Sequential(*stages)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model(x)


class PixelDiscriminator(nn.Module):
    """Scores every pixel by itself: three 1x1 convolutions."""

    def __init__(self, inputs=3, filters=64, norm="instance"):
        super().__init__()
        bias = inner_bias(norm)
        self.net = nn.Sequential(
            nn.Conv2d(inputs, filters, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(filters, 2 * filters, 1, bias=bias),
            norm_layer(norm, 2 * filters),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * filters, 1, 1, bias=bias),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)


def make_generator(name: str, filters: int = 64, norm: str = "instance") -> nn.Module:
    """A 3-channel generator by its command-line name: resnet<blocks>, unet128 or unet256."""
    if name in ("unet128", "unet256"):
        return UNetGenerator(filters=filters, downs=7 if name == "unet128" else 8, norm=norm)
    if name.startswith("resnet") and name[6:].isdecimal():
        return ResnetGenerator(filters=filters, blocks=int(name[6:]), norm=norm)
    raise ValueError(f"unknown generator '{name}'")


def initialize(network: nn.Module, generator: torch.Generator, gain: float = 0.02) -> None:
    """The reference's default: N(0, gain) weights, zero biases, N(1, gain) batch-norm scales."""
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                module.weight.normal_(0, gain, generator=generator)
            elif isinstance(module, nn.BatchNorm2d):
                module.weight.normal_(1, gain, generator=generator)
            else:
                continue
            if module.bias is not None:
                module.bias.zero_()


def initialize_steadily(
    network: nn.Module, gain: float, last_gain: float, generator: torch.Generator
) -> None:
    """N(0, gain / sqrt(fan)) weights before a norm, the same with `last_gain` in the last layer.

    A norm cancels the scale of what it gets, so large weights there change nothing but how far an
    optimizer's step goes beside them. That keeps rounding from growing through the training steps,
    which it does from `initialize`, and two implementations can then be held to each other closely.
    """
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    convolutions = [module for module in network.modules() if isinstance(module, kinds)]
    with torch.no_grad():
        for convolution in convolutions:
            scale = last_gain if convolution is convolutions[-1] else gain
            fan = convolution.in_channels * convolution.kernel_size[0] ** 2
            convolution.weight.normal_(0, scale * fan**-0.5, generator=generator)
            if convolution.bias is not None:
                convolution.bias.zero_()


# (constructor, options, parameters, keys or None where only the parameters are known)
PUBLISHED_COUNTS = [
    (ResnetGenerator, dict(blocks=9, norm="instance"), 11_378_179, 48),
    (ResnetGenerator, dict(blocks=9, norm="batch"), 11_383_427, 140),
    (ResnetGenerator, dict(blocks=6, norm="instance"), 7_837_699, 36),
    (ResnetGenerator, dict(blocks=6, norm="batch"), 7_841_411, 104),
    (ResnetGenerator, dict(blocks=6, norm="batch", dropout=True), 7_841_411, 104),
    (UNetGenerator, dict(downs=8, norm="instance"), 54_409_603, 32),
    (UNetGenerator, dict(downs=8, norm="batch"), 54_413_955, 82),
    (UNetGenerator, dict(downs=8, norm="batch", dropout=True), 54_413_955, 82),
    (UNetGenerator, dict(downs=7, norm="instance"), 41_825_667, None),
    (UNetGenerator, dict(downs=7, norm="batch"), 41_828_995, None),
    (PatchDiscriminator, dict(layers=1, norm="instance"), 136_385, None),
    (PatchDiscriminator, dict(layers=2, norm="instance"), 662_977, None),
    (PatchDiscriminator, dict(layers=3, norm="instance"), 2_764_737, 10),
    (PatchDiscriminator, dict(layers=3, norm="batch"), 2_765_633, 22),
    (PatchDiscriminator, dict(layers=4, norm="instance"), 6_959_553, None),
    (PatchDiscriminator, dict(layers=5, norm="instance"), 11_154_369, None),
    (PixelDiscriminator, dict(norm="instance"), 8_705, 6),
]

# (constructor, options, input height and width, output height and width)
PUBLISHED_SIZES = [
    (ResnetGenerator, dict(blocks=9), (256, 256), (256, 256)),
    (ResnetGenerator, dict(blocks=9), (253, 257), (256, 260)),
    (UNetGenerator, dict(downs=7), (128, 384), (128, 384)),
    (UNetGenerator, dict(downs=8), (256, 256), (256, 256)),
    (PatchDiscriminator, dict(layers=1), (256, 256), (126, 126)),
    (PatchDiscriminator, dict(layers=2), (256, 256), (62, 62)),
    (PatchDiscriminator, dict(layers=3), (256, 256), (30, 30)),
    (PatchDiscriminator, dict(layers=3), (128, 64), (14, 6)),
    (PatchDiscriminator, dict(layers=3), (32, 32), (2, 2)),
    (PatchDiscriminator, dict(layers=4), (256, 256), (14, 14)),
    (PatchDiscriminator, dict(layers=5), (256, 256), (6, 6)),
    (PixelDiscriminator, dict(), (256, 256), (256, 256)),
]


def weight_and_bias(*prefixes: str) -> list[str]:
    return [f"{prefix}.{part}" for prefix in prefixes for part in ("weight", "bias")]


def resnet_keys(blocks: int, second: int) -> list[str]:
    """Instance norm; `second` is where a block's second convolution is: 6 with dropout, else 5."""
    trunk = [f"model.{10 + n}.conv_block.{k}" for n in range(blocks) for k in (1, second)]
    ups = [f"model.{10 + blocks + offset}" for offset in (0, 3, 7)]
    return weight_and_bias("model.1", "model.4", "model.7", *trunk, *ups)


# A U-Net's names nest: down through .1 (outermost) and .3 (middle), and up again in reverse.
UNET_128_KEYS = weight_and_bias(
    "model.model.0",
    *[f"model.model.1.model{'.3.model' * n}.1" for n in range(6)],
    f"model.model.1.model{'.3.model' * 5}.3",
    *[f"model.model.1.model{'.3.model' * n}.5" for n in range(4, -1, -1)],
    "model.model.3",
)

# (constructor, options, keys in order)
PUBLISHED_KEYS = [
    (ResnetGenerator, dict(blocks=9), resnet_keys(9, second=5)),
    (ResnetGenerator, dict(blocks=6), resnet_keys(6, second=5)),
    (ResnetGenerator, dict(blocks=9, dropout=True), resnet_keys(9, second=6)),
    (UNetGenerator, dict(downs=7), UNET_128_KEYS),
    (PatchDiscriminator, dict(), weight_and_bias(*[f"model.{n}" for n in (0, 2, 5, 8, 11)])),
    (PixelDiscriminator, dict(), weight_and_bias("net.0", "net.2", "net.5")),
]


def check() -> int:
    """Compares every published number; returns how many. Shapes only: nothing is computed."""
    with torch.device("meta"):
        for make, options, parameters, keys in PUBLISHED_COUNTS:
            network = make(**options)
            found = sum(p.numel() for p in network.parameters())
            assert found == parameters, f"{make.__name__} {options}: {found} parameters"
            found = len(network.state_dict())
            assert keys in (None, found), f"{make.__name__} {options}: {found} keys"
        for make, options, size, expected in PUBLISHED_SIZES:
            found = tuple(make(**options)(torch.empty(1, 3, *size)).shape[2:])
            assert found == expected, f"{make.__name__} {options}: {size} gives {found}"
        for make, options, keys in PUBLISHED_KEYS:
            found = list(make(**options).state_dict())
            assert found == keys, f"{make.__name__} {options}: keys {found}"
    return len(PUBLISHED_COUNTS) + len(PUBLISHED_SIZES) + len(PUBLISHED_KEYS)


if __name__ == "__main__":
    print(f"{check()} cases agree with the reference")
