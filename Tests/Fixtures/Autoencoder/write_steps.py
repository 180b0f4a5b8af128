"""Writes steps.safetensors: three steps of small autoencoders, their losses and the weights they end with.

Tensors of each of the four cases, below `<case>.`:
  start.<key>   float32: initial weights
  images        uint8 [3, 5, side, side, channels]: step i trains on images[i], each pixel as pixel / 255 for the
                likelihood, twice that less 1 for the encoder
  noise         float32 [3, 5, code]: what the codes of step i are drawn with
  losses        float64 [3, 3]: reconstruction and divergence in nats an image, and the loss before each step; the
                divergence is 0 where there is none
  final.<key>   float32: the weights after the third step
Metadata (strings), `<case>.<setting>`: kind, likelihood, layers, hidden or filters, size, channels, code, beta; and
learning_rate, beta1, beta2; float32_difference: the largest difference of a loss, relative, and of a weight when
PyTorch trains in float32.

The densities and divergences are those of torch.distributions, the layers PyTorch's own, everything in float64 from the
float32 weights, so that it does not depend on a machine's float32 kernels and a second run writes the same bytes.

Versions used: Python 3.11, torch 2.13.0 (CPU), safetensors 0.8.0.
Command: python write_steps.py
"""

import copy
import pathlib
import sys

import torch
from torch import distributions, nn

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Reference"))
from fixture_file import save  # noqa: E402

SEED = 8
STEPS = 3
BATCH = 5
ADAM = dict(lr=1e-3, betas=(0.9, 0.999))
CASES = {
    "bernoulli": dict(
        kind="variational", likelihood="bernoulli", layers="connected", hidden=6, size=4, channels=1, code=2, beta=1.0
    ),
    "gaussian": dict(
        kind="variational", likelihood="gaussian", layers="connected", hidden=6, size=4, channels=3, code=2, beta=0.5
    ),
    "convolutional": dict(
        kind="variational", likelihood="bernoulli", layers="convolutional", filters=2, size=28, channels=1, code=3,
        beta=4.0,
    ),
    "plain": dict(
        kind="plain", likelihood="gaussian", layers="connected", hidden=6, size=4, channels=1, code=2, beta=1.0
    ),
}


class Model(nn.Module):
    def __init__(self, case: dict) -> None:
        super().__init__()
        self.case = case
        outputs = case["code"] * (2 if case["kind"] == "variational" else 1)
        channels, code = case["channels"], case["code"]
        if case["layers"] == "connected":
            pixels, hidden = channels * case["size"] ** 2, case["hidden"]
            self.encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
            self.decoder = nn.Sequential(nn.Linear(code, hidden), nn.ReLU(), nn.Linear(hidden, pixels))
        else:  # of 28 pixels: 7 is the first side
            f = case["filters"]
            self.encoder = nn.Sequential(
                nn.Conv2d(channels, f, 4, 2, 1), nn.LeakyReLU(0.2),
                nn.Conv2d(f, 2 * f, 4, 2, 1), nn.Identity(), nn.LeakyReLU(0.2),
                nn.Conv2d(2 * f, outputs, 7),
            )
            self.decoder = nn.Sequential(
                nn.ConvTranspose2d(code, 2 * f, 7), nn.Identity(), nn.ReLU(),
                nn.ConvTranspose2d(2 * f, f, 4, 2, 1), nn.Identity(), nn.ReLU(),
                nn.ConvTranspose2d(f, channels, 4, 2, 1),
            )
        if case["likelihood"] == "gaussian":
            self.log_deviation = nn.Parameter(torch.tensor([-1.0]))

    def losses(self, images: torch.Tensor, noise: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Images [batch, channels, size, size] from 0 to 1."""
        connected = self.case["layers"] == "connected"
        x = 2 * images - 1
        numbers = self.encoder(x.flatten(1) if connected else x).flatten(1)
        divergence = torch.zeros((), dtype=images.dtype)
        code = numbers
        if self.case["kind"] == "variational":
            mean, log_variance = numbers.chunk(2, dim=1)
            posterior = distributions.Normal(mean, log_variance.exp().sqrt())
            prior = distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
            divergence = distributions.kl_divergence(posterior, prior).sum(1).mean()
            code = mean + posterior.scale * noise
        logits = self.decoder(code if connected else code[:, :, None, None]).reshape(images.shape)
        if self.case["likelihood"] == "bernoulli":
            # Values between 0 and 1 are not in its support, but their formula is the same.
            density = distributions.Bernoulli(logits=logits, validate_args=False)
        else:
            density = distributions.Normal(logits.sigmoid(), self.log_deviation.exp())
        reconstruction = -density.log_prob(images).flatten(1).sum(1).mean()
        return reconstruction, divergence, reconstruction + self.case["beta"] * divergence


def trained(start: Model, images: torch.Tensor, noise: torch.Tensor, dtype: torch.dtype):
    model = copy.deepcopy(start).to(dtype)
    optimizer = torch.optim.Adam(model.parameters(), **ADAM)
    losses = []
    for step in range(STEPS):
        values = images[step].permute(0, 3, 1, 2).to(dtype) / 255
        terms = model.losses(values, noise[step].to(dtype))
        losses.append([term.item() for term in terms])
        optimizer.zero_grad()
        terms[2].backward()
        optimizer.step()
    return torch.tensor(losses, dtype=torch.float64), model.state_dict()


def write() -> None:
    generator = torch.Generator().manual_seed(SEED)
    tensors, metadata = {}, {"learning_rate": str(ADAM["lr"])}
    metadata["beta1"], metadata["beta2"] = (str(beta) for beta in ADAM["betas"])
    for name, case in CASES.items():
        model = Model(case)
        with torch.no_grad():
            for key, value in model.named_parameters():
                if key != "log_deviation":
                    scale = 0.3 if case["layers"] == "connected" else 0.1
                    value.copy_(torch.randn(value.shape, generator=generator) * scale)
        side, channels = case["size"], case["channels"]
        images = torch.randint(0, 256, (STEPS, BATCH, side, side, channels), generator=generator).byte()
        noise = torch.randn(STEPS, BATCH, case["code"], generator=generator)
        losses, weights = trained(model, images, noise, torch.float64)
        single_losses, single_weights = trained(model, images, noise, torch.float32)
        of_losses = ((single_losses - losses) / losses.clamp(min=1e-9)).abs().max()
        of_weights = max((single_weights[key] - weights[key]).abs().max() for key in weights)
        print(name, losses.tolist(), f"{of_losses:.1e} {of_weights:.1e}")
        assert of_losses < 1e-5 and of_weights < 1e-5, "rounding decides: choose another seed"
        tensors |= {f"{name}.start.{key}": value for key, value in model.state_dict().items()}
        tensors |= {f"{name}.final.{key}": value.float() for key, value in weights.items()}
        tensors |= {f"{name}.images": images, f"{name}.noise": noise, f"{name}.losses": losses}
        metadata |= {f"{name}.{key}": str(value) for key, value in case.items()}
        metadata[f"{name}.float32_difference"] = f"{of_losses:.1e}, {of_weights:.1e}"
    print(save(tensors, pathlib.Path(__file__).parent / "steps.safetensors", metadata), "bytes")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    write()
