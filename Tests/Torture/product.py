"""The program under test: its commands with tiny networks, and what a run's folder looks like."""

import dataclasses
import json
import os
import pathlib
import re
import resource
import signal
import struct
import subprocess

import images

# Of a name: a file that is not whole yet, or one that makes way for another.
HIDDEN = re.compile(
    r"^\..*-[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$|\.old|^\.dat\.nosync|^\.lock$")
TIMES = ("seconds_per_step", "seconds_waiting_for_data", "seconds_elapsed", "seconds_left")
# More address space than any command needs here: a huge number must not take the machine down.
SPACE = 4 << 30


@dataclasses.dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        lines = self.err.strip().splitlines()
        return lines[-1] if lines else ""

    @property
    def is_refusal(self) -> bool:
        return self.code in (1, 64) and self.last_line.startswith("error:")

    def __str__(self) -> str:
        return f"exit code {self.code}, last line {self.last_line[:200]!r}"


class Product:
    def __init__(self, binary: str, scratch: pathlib.Path):
        self.binary = os.path.abspath(binary)
        self.scratch = scratch
        self.environment = os.environ | {"GOMP_SPINCOUNT": "1000", "LC_ALL": "C.UTF-8"}
        self.a = images.write_folder(scratch / "data" / "A", 4, 24)
        self.b = images.write_folder(scratch / "data" / "B", 4, 24)

    def start(
        self, arguments: list, folder: pathlib.Path | None = None, prefix: list | None = None,
        limits: dict[int, int] | None = None, ignored: tuple[int, ...] = (), err=subprocess.PIPE,
    ) -> subprocess.Popen:
        """Starts a command, in a process group of its own."""
        bounds = {resource.RLIMIT_AS: SPACE, resource.RLIMIT_CORE: 0} | (limits or {})

        def prepare() -> None:
            for limit, value in bounds.items():
                resource.setrlimit(limit, (value, value))
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)

        command = [str(part) for part in [*(prefix or []), self.binary, *arguments]]
        return subprocess.Popen(
            command, cwd=folder or self.scratch, stdout=subprocess.PIPE, stderr=err,
            stdin=subprocess.DEVNULL, text=True, errors="replace", env=self.environment,
            preexec_fn=prepare, start_new_session=True)

    def run(self, arguments: list, timeout: float = 60, **options) -> Result:
        """Runs a command to its end. Throws `subprocess.TimeoutExpired` for one that hangs."""
        return finish(self.start(arguments, **options), timeout)

    def train(self, kind: str, folder: pathlib.Path, resume: bool, *more: object) -> list:
        """The arguments of a run with few and small networks."""
        common = ["--name", folder.name, "--checkpoints-dir", folder.parent]
        common += ["--threads", 1, "--workers", 1]
        if kind == "train":
            command, data = ["train"], [self.a, self.b]
            fresh = ["--generator-filters", 2, "--blocks", 1, "--discriminator-filters", 2]
            fresh += ["--discriminator-layers", 1, "--crop-size", 16, "--load-size", 18]
            fresh += ["--pool-size", 3, "--precision", "fp32", "--decay-epochs", 4]
            fresh += ["--hold-out", "25%", "--validate-every", 1, "--keep-last", 2]
        else:
            command, data = ["dcgan", "train"], [self.a]
            fresh = ["--size", 28, "--filters", 4, "--latent", 8, "--batch-size", 1]
        if resume:
            return [*command, *common, "--resume", *more]
        if "--sample-every" not in more:
            more = ("--sample-every", 1000, *more)
        return [*command, *data, *common, *fresh, "--log-every", 1, *more]


def finish(process: subprocess.Popen, timeout: float = 60) -> Result:
    """Waits for the end. Kills a process that hangs, and throws `subprocess.TimeoutExpired`."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Result(process.returncode, out or "", err or "")


def safetensors_fault(path: pathlib.Path) -> str | None:
    """Why a file is not whole."""
    data = path.read_bytes()
    if len(data) < 8:
        return f"{len(data)} bytes"
    (length,) = struct.unpack("<Q", data[:8])
    if length > len(data) - 8:
        return f"a header of {length} bytes in a file of {len(data)}"
    try:
        header = json.loads(data[8 : 8 + length])
    except ValueError as error:
        return f"its header is no JSON: {error}"
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    if max(ends, default=0) != len(data) - 8 - length:
        return f"tensors of {max(ends, default=0)} bytes in {len(data) - 8 - length}"
    return None


def snapshot_fault(snapshot: pathlib.Path) -> str | None:
    """Why a snapshot is not whole."""
    weights = sorted(snapshot.glob("*.safetensors"))
    names = {path.name for path in weights}
    if "training.safetensors" not in names or len(names) < 3:
        return f"it holds only {sorted(names)}"
    for path in weights:
        if fault := safetensors_fault(path):
            return f"{path.name}: {fault}"
    try:
        json.loads((snapshot / "training.json").read_bytes())
    except (OSError, ValueError) as error:
        return f"training.json: {error}"
    return None


def run_faults(run: pathlib.Path, needs_latest: bool = False) -> list[str]:
    """What is broken in a run's folder, whatever has happened to it."""
    faults = []
    latest = run / "latest"
    if latest.is_symlink():
        if not latest.is_dir():
            faults.append(f"latest leads to nothing: {os.readlink(latest)}")
        try:
            json.loads((run / "config.json").read_bytes())
        except (OSError, ValueError) as error:
            faults.append(f"config.json beside a snapshot: {error}")
    elif needs_latest:
        faults.append("there is no latest")
    best = run / "best"
    if best.is_symlink() and not best.is_dir():
        faults.append(f"best leads to nothing: {os.readlink(best)}")
    page = run / "report.html"
    if page.exists() and not page.read_bytes().rstrip().endswith(b"</html>"):
        faults.append("report.html is not whole")
    for snapshot in snapshots(run):
        if fault := snapshot_fault(snapshot):
            faults.append(f"{snapshot.name} is not whole: {fault}")
    return faults


def hidden_files(folder: pathlib.Path) -> list[str]:
    """Files that no finished command leaves."""
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if HIDDEN.search(path.name))


def latest_files(run: pathlib.Path) -> dict[str, object]:
    """What the latest snapshot holds, for comparison: its weights and tensors, and how far it came.

    A snapshot that was saved for the time may stand at the end of an epoch, where others stand at
    the beginning of the next: the state is the same, and its counters are not.
    """
    found: dict[str, object] = {}
    for path in (run / "latest").iterdir():
        found[path.name] = path.read_bytes()
    progress = json.loads(found["training.json"])
    found["training.json"] = {key: progress[key] for key in ("step", "images", "seed")}
    header, tensors = parts(found["training.safetensors"])
    header.pop("__metadata__")
    return found | {"training.safetensors": (header, tensors)}


def parts(safetensors: bytes) -> tuple[dict, bytes]:
    """The header and the bytes of the tensors."""
    end = 8 + struct.unpack("<Q", safetensors[:8])[0]
    return json.loads(safetensors[8:end]), safetensors[end:]


def differences(run: pathlib.Path, reference: dict[str, object]) -> list[str]:
    """Files of the latest snapshot that are not those of the undisturbed run."""
    files = latest_files(run)
    names = sorted(files.keys() | reference.keys())
    return [name for name in names if files.get(name) != reference.get(name)]


def log_lines(run: pathlib.Path) -> list[bytes]:
    """All lines of all logs."""
    return [
        line for path in sorted(run.glob("metrics*.jsonl"))
        for line in path.read_bytes().split(b"\n") if line]


def values(line: bytes) -> dict:
    return {key: value for key, value in json.loads(line).items() if key not in TIMES}


def best_snapshot(run: pathlib.Path) -> str | None:
    """The name of the best snapshot by validation."""
    return os.path.basename(os.readlink(run / "best")) if (run / "best").is_symlink() else None


def steps(run: pathlib.Path, log: str = "metrics") -> list[dict]:
    """The lines of a log, without times."""
    path = run / f"{log}.jsonl"
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [values(line) for line in lines]


def snapshots(run: pathlib.Path) -> list[pathlib.Path]:
    return sorted((run / "snapshots").glob("[!.]*"))


def saved_step(run: pathlib.Path) -> int:
    """The step of the latest snapshot; 0 without one.

    The first of a run gets its link a moment after its name, and may lose its process between.
    """
    found = [run / "latest"] if (run / "latest").exists() else snapshots(run)
    return json.loads((found[-1] / "training.json").read_bytes())["step"] if found else 0
