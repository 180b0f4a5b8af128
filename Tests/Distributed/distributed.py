"""Trains on two machines, which are two network namespaces here, kills processes and links, and compares.

The link between the two has 1 Gb/s and 20 ms there and back. Needs the superuser's rights for it, iproute2, and PyPI's
torchrun. Exits with 1 if anything did not hold.

Versions used: Python 3.11, iproute2 6.1, torch 2.13.
Command: python3 distributed.py --binary .build/release/cyclegan --torchrun .build/pytorch/bin/torchrun
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Torture"))
import images  # noqa: E402

# Networks of a few filters on crops of 16x16; ten steps an epoch of two images each.
SMALL = """--generator resnet6 --blocks 1 --generator-filters 4 --discriminator-filters 4 --discriminator-layers 1
  --load-size 20 --crop-size 16 --pool-size 4 --precision fp32 --workers 1 --log-every 1 --threads 1
  --save-every 5steps --sample-every 1000000 --batch-size 2""".split()
LOSSES = ["G_A", "G_B", "D_A", "D_B", "cycle_A", "cycle_B", "idt_A", "idt_B"]
ADDRESSES = ["10.83.7.1", "10.83.7.2"]


class Machines:
    """Two namespaces with an address each, `None` for this machine itself."""

    def __init__(self):
        self.names = [f"cyclegan{os.getpid()}-{number}" for number in range(2)]
        self.links = [f"cg{os.getpid() % 100000}-{number}" for number in range(2)]

    def __enter__(self):
        def ip(*words):
            subprocess.run(["ip", *words], check=True)

        for name in self.names:
            ip("netns", "add", name)
        ip("link", "add", self.links[0], "type", "veth", "peer", "name", self.links[1])
        for name, link, address in zip(self.names, self.links, ADDRESSES):
            ip("link", "set", link, "netns", name)
            ip("-n", name, "address", "add", f"{address}/24", "dev", link)
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", link, "up")
            slow = ["tc", "-n", name, "qdisc", "add", "dev", link, "root", "netem", "delay", "10ms", "rate", "1gbit"]
            if subprocess.run(slow, stderr=subprocess.DEVNULL).returncode != 0:
                print("note: this kernel has no netem; the link is not slowed down", flush=True)
        return self

    def __exit__(self, *_):
        for name in self.names:
            subprocess.run(["ip", "netns", "delete", name], check=False)

    def on(self, number: int) -> list[str]:
        return ["ip", "netns", "exec", self.names[number]]

    def cut(self) -> None:
        subprocess.run(["ip", "-n", self.names[1], "link", "set", self.links[1], "down"], check=True)

    def mend(self) -> None:
        subprocess.run(["ip", "-n", self.names[1], "link", "set", self.links[1], "up"], check=True)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("", 0))
        return listener.getsockname()[1]


class Process:
    def __init__(self, command: list[str], folder: pathlib.Path, **variables: str):
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("RANK", "SLURM_"))}
        environment |= {"GOMP_SPINCOUNT": "1000", "OMP_NUM_THREADS": "1"} | variables
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=self.log, start_new_session=True)

    def wait(self, seconds: float = 90) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise Failure(f"it hangs: {self.last_line}") from None

    @property
    def text(self) -> str:
        self.log.seek(0)
        return self.log.read()

    @property
    def last_line(self) -> str:
        lines = self.text.strip().splitlines()
        return lines[-1] if lines else ""

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Failure(Exception):
    pass


def expect(condition: bool, words: str) -> None:
    if not condition:
        raise Failure(words)


class Scene:
    def __init__(self, binary: str, torchrun: str, scratch: pathlib.Path, machines: Machines, seed: int):
        self.binary = os.path.abspath(binary)
        self.torchrun = os.path.abspath(torchrun)
        self.scratch = scratch
        self.machines = machines
        self.random = random.Random(seed)
        for side in "AB":
            images.write_folder(scratch / "data" / f"train{side}", 20, 24)

    def command(self, name: str, steps: int, *more: str) -> list[str]:
        return [self.binary, "train", "data", "--name", name, *SMALL, "--steps", str(steps), *more]

    def alone(self, name: str, steps: int, *more: str) -> None:
        process = Process(self.command(name, steps, *more), self.scratch)
        expect(process.wait() == 0, f"one process fails: {process.last_line}")

    def rank(self, rank: int, command: list[str], port: int, count: int = 2, **variables: str) -> Process:
        """A process on the machine of its number."""
        values = {
            "RANK": str(rank), "WORLD_SIZE": str(count), "LOCAL_RANK": "0", "MASTER_ADDR": ADDRESSES[0],
            "MASTER_PORT": str(port), "GLOO_SOCKET_IFNAME": self.machines.links[rank],
        }
        return Process(self.machines.on(rank) + command, self.scratch, **(values | variables))

    def both(self, command: list[str]) -> list[Process]:
        port = free_port()
        return [self.rank(rank, command, port) for rank in range(2)]

    def metrics(self, name: str) -> list[dict]:
        lines = (self.scratch / "checkpoints" / name / "metrics.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def wait_for_step(self, name: str, step: int) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(FileNotFoundError, IndexError, json.JSONDecodeError):
                if self.metrics(name)[-1]["step"] >= step:
                    return
            time.sleep(0.05)
        raise Failure(f"{name} does not come to step {step}")

    def weights(self, name: str) -> dict[str, bytes]:
        folder = self.scratch / "checkpoints" / name / "latest"
        return {file.name: file.read_bytes() for file in folder.glob("*.safetensors")}

    def expect_same(self, name: str, other: str) -> None:
        mine, others = self.weights(name), self.weights(other)
        expect(len(mine) >= 5 and mine.keys() == others.keys(), f"{name} and {other} have other files")
        different = [file for file in mine if mine[file] != others[file]]
        expect(not different, f"{name} and {other} differ in {different}")

    def expect_whole(self, name: str) -> None:
        inspect = Process([self.binary, "inspect", f"checkpoints/{name}"], self.scratch)
        expect(inspect.wait() == 0, f"{name}: the snapshot is not whole: {inspect.last_line}")


def as_one_process(scene: Scene) -> None:
    """From where Adam has seen some steps, ten steps of two machines are those of one process."""
    scene.alone("one", 100)
    source, copy = (scene.scratch / "checkpoints" / name for name in ("one", "two"))
    subprocess.run(["cp", "-r", source, copy], check=True)
    scene.alone("one", 112, "--resume")
    processes = scene.both(scene.command("two", 112, "--resume"))
    for rank, process in enumerate(processes):
        expect(process.wait() == 0, f"rank {rank} fails: {process.last_line}")
    expect("training on 2 processes" in processes[0].text, "the start does not say how many processes train")
    expect(processes[1].text == "", f"rank 1 is not quiet: {processes[1].last_line}")
    found = {name: {line["step"]: line for line in scene.metrics(name)} for name in ("one", "two")}
    for step in range(101, 113):
        one, two = (found[name][step] for name in ("one", "two"))
        apart = max(abs(one[key] - two[key]) for key in LOSSES)
        expect(apart < 1e-5, f"step {step}: the losses are {apart} apart")


def undisturbed(scene: Scene) -> None:
    """What the runs that are disturbed are compared with."""
    for process in scene.both(scene.command("undisturbed", 40)):
        expect(process.wait() == 0, process.last_line)


def killed(scene: Scene) -> None:
    """A process that dies is named, the last snapshot is whole, and the run goes on to the same end."""
    for victim in (1, 0):
        name = f"killed{victim}"
        processes = scene.both(scene.command(name, 40))
        scene.wait_for_step(name, 12)
        time.sleep(scene.random.uniform(0, 0.3))
        processes[victim].kill()
        begun = time.monotonic()
        survivor = processes[1 - victim]
        expect(survivor.wait(40) == 1, f"the survivor ends otherwise: {survivor.last_line}")
        expect(time.monotonic() - begun < 30, "the survivor takes long to end")
        expect(
            survivor.last_line.startswith("error: ") and f"rank {victim} ended" in survivor.last_line,
            f"the survivor does not name rank {victim}: {survivor.last_line}")
        if victim == 0:
            expect(survivor.last_line.startswith("error: rank 1: "), f"no name: {survivor.last_line}")
        scene.expect_whole(name)
        for process in scene.both(scene.command(name, 40, "--resume")):
            expect(process.wait() == 0, process.last_line)
        scene.expect_same(name, "undisturbed")


def hanging(scene: Scene) -> None:
    """A process that does nothing any more ends the others after the timeout."""
    processes = scene.both(scene.command("hanging", 10000, "--collective-timeout", "5s"))
    scene.wait_for_step("hanging", 6)
    os.killpg(processes[1].process.pid, signal.SIGSTOP)
    begun = time.monotonic()
    try:
        expect(processes[0].wait(40) == 1, f"it ends otherwise: {processes[0].last_line}")
        expect(4 < time.monotonic() - begun < 25, f"it ends after {time.monotonic() - begun:.0f} s")
        expect("rank 1 ended or cannot be reached" in processes[0].last_line, processes[0].last_line)
    finally:
        processes[1].kill()
    scene.expect_whole("hanging")


def unplugged(scene: Scene) -> None:
    """Who loses the network ends, on both sides."""
    processes = scene.both(scene.command("unplugged", 10000, "--collective-timeout", "5s"))
    scene.wait_for_step("unplugged", 6)
    scene.machines.cut()
    try:
        for rank, process in enumerate(processes):
            expect(process.wait(60) == 1, f"rank {rank} ends otherwise: {process.last_line}")
            expect(f"rank {1 - rank} ended or cannot be reached" in process.last_line, process.last_line)
    finally:
        scene.machines.mend()
    scene.expect_whole("unplugged")


def interrupted(scene: Scene) -> None:
    """A signal to one process ends all after one step, with one snapshot."""
    processes = scene.both(scene.command("interrupted", 40))
    scene.wait_for_step("interrupted", 12)
    os.killpg(processes[1].process.pid, signal.SIGTERM)
    codes = [process.wait(40) for process in processes]
    expect(codes == [130, 130], f"they end with {codes}: {processes[0].last_line}")
    for process in scene.both(scene.command("interrupted", 40, "--resume")):
        expect(process.wait() == 0, process.last_line)
    scene.expect_same("interrupted", "undisturbed")


def restarted(scene: Scene) -> None:
    """torchrun starts both machines' processes again, which go on by themselves."""
    name, port = "restarted", free_port()
    agents = [
        Process(
            scene.machines.on(number) + [
                scene.torchrun, "--nnodes", "2", "--nproc-per-node", "1", "--rdzv-backend", "c10d", "--rdzv-endpoint",
                f"{ADDRESSES[0]}:{port}", "--local-addr", ADDRESSES[number], "--rdzv-conf",
                f"is_host={int(number == 0)}", "--max-restarts", "3", "--monitor-interval", "0.5",
                "--no-python", *scene.command(name, 40, "--collective-timeout", "60s")],
            scene.scratch, GLOO_SOCKET_IFNAME=scene.machines.links[number])
        for number in range(2)]
    try:
        scene.wait_for_step(name, 12)
        worker = subprocess.run(
            ["pgrep", "-P", str(agents[1].process.pid), "cyclegan"], capture_output=True, text=True).stdout.split()
        expect(len(worker) == 1, f"torchrun has the workers {worker}")
        os.kill(int(worker[0]), signal.SIGKILL)
        for number, agent in enumerate(agents):
            expect(agent.wait(120) == 0, f"torchrun {number} fails:\n{agent.text[-3000:]}")
        expect("going on after step" in agents[0].text, f"it did not go on:\n{agents[0].text[-3000:]}")
        scene.expect_same(name, "undisturbed")
    finally:
        for agent in agents:
            agent.kill()


def bad_input(scene: Scene) -> None:
    """Each gets one line that says what is wrong."""
    def told(process: Process, code: int, words: str) -> None:
        found = process.wait(40)
        expect(found == code and words in process.last_line, f"{found}, not {code} with '{words}': {process.last_line}")

    command = scene.command("bad", 5)
    told(Process(command, scene.scratch, RANK="0"), 64, "RANK is set, but WORLD_SIZE is not")
    told(scene.rank(0, command, 1, RANK="2"), 64, "RANK: 2 is outside of WORLD_SIZE, which is 2")
    short = command + ["--collective-timeout", "3s"]
    told(scene.rank(1, short, 29999), 1, f"{ADDRESSES[0]}:29999, within 3.0 s")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        taken = Process(
            short, scene.scratch, RANK="0", WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
        code = taken.wait(40)
        expect(code == 1 and f"127.0.0.1:{port}" in taken.last_line, f"a port in use: {code}, {taken.last_line}")
    port = free_port()
    pair = [scene.rank(0, command, port), scene.rank(1, command + ["--lr", "0.001"], port)]
    for process in pair:
        told(process, 64, "--lr: rank 1 has 0.001, rank 0 has 0.0002")
    images.write_folder(scene.scratch / "other" / "trainA", 20, 24)
    images.write_folder(scene.scratch / "other" / "trainB", 19, 24)
    other = ["other" if word == "data" else word for word in command]
    port = free_port()
    for process in [scene.rank(0, command, port), scene.rank(1, other, port)]:
        told(process, 64, "names and sizes of the images: rank 1 has ")
    for process in scene.both(command + ["--batch-size", "3"]):
        told(process, 64, "--batch-size: 3 is not a multiple of 2, the number of processes")
    for process in scene.both(command + ["--batch-size", "40"]):
        told(process, 1, "a batch of 40 for all processes needs as many images; there are 20")


TESTS = [as_one_process, undisturbed, killed, hanging, unplugged, interrupted, restarted, bad_input]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", nargs="+", default=[".build/release/cyclegan"])
    parser.add_argument("--torchrun", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tests", nargs="+", choices=[test.__name__ for test in TESTS])
    options = parser.parse_args()
    failures = 0
    for binary in options.binary:
        with tempfile.TemporaryDirectory(prefix="distributed-") as scratch, Machines() as machines:
            scene = Scene(binary, options.torchrun, pathlib.Path(scratch), machines, options.seed)
            for test in TESTS:
                if options.tests and test.__name__ not in options.tests:
                    continue
                begun = time.monotonic()
                try:
                    test(scene)
                    words = "holds"
                except Failure as failure:
                    failures += 1
                    words = f"FAILS: {failure}"
                print(f"{test.__name__}: {words} ({time.monotonic() - begun:.0f} s)", flush=True)
    if failures:
        sys.exit("error: not everything held")


if __name__ == "__main__":
    main()
