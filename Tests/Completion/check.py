"""Types into real shells and presses the key for completion.

Versions used: Python 3.11 and Debian 12's bash 5.2, zsh 5.9 and fish 3.6.
Command: python3 check.py --binary .build/release/cyclegan
"""

import argparse
import os
import pathlib
import pty
import select
import subprocess
import tempfile
import time

# What is typed, and what can follow; the last word may be unfinished.
LINES = [
    ("cyclegan tr", {"train", "translate"}),
    ("cyclegan dcgan ", {"train", "generate", "classify"}),
    ("cyclegan autoencoder e", {"encode", "evaluate"}),
    ("cyclegan train --gan-loss w", {"wgan-gp"}),
    ("cyclegan train --generator un", {"unet256", "unet128"}),
    ("cyclegan dcgan train --optimizer r", {"rmsprop"}),
    ("cyclegan train x --lambda-i", {"--lambda-identity"}),
    ("cyclegan completion ", {"bash", "zsh", "fish"}),
    ("cyclegan translate --output fol", {"folder/"}),
    ("cyclegan inspect fol", {"folder/"}),
]


def bash(script: pathlib.Path, line: str) -> set[str]:
    words = line.split(" ")
    typed = " ".join(f"'{word}'" for word in words)
    # Where the function offers nothing, bash offers files.
    found = subprocess.run(
        ["bash", "-c", f"source {script}; COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; _cyclegan; "
         f"printf '%s\\n' \"${{COMPREPLY[@]:-$(compgen -d -S / -- '{words[-1]}')}}\""],
        stdout=subprocess.PIPE, text=True, check=True)
    return set(found.stdout.split())


def fish(script: pathlib.Path, line: str) -> set[str]:
    found = subprocess.run(
        ["fish", "-c", f"source {script}; complete -C '{line}'"], stdout=subprocess.PIPE, text=True, check=True)
    return {row.split("\t")[0] for row in found.stdout.splitlines()}


class Zsh:
    """An interactive zsh on a terminal of its own."""

    def __init__(self, script: pathlib.Path) -> None:
        process, self.terminal = pty.fork()
        if process == 0:
            os.environ["TERM"] = "dumb"
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.send("PS1='>'; unsetopt zle_bracketed_paste list_ambiguous; setopt no_beep; LISTMAX=1000\n"
                  f"autoload -U compinit; compinit -u -D; source {script}; zstyle ':completion:*' verbose no\n")
        self.read()

    def send(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def read(self) -> str:
        """What is shown until nothing has come for a while."""
        text, last = b"", time.monotonic()
        while time.monotonic() - last < 1.5:
            if select.select([self.terminal], [], [], 0.1)[0]:
                text += os.read(self.terminal, 1 << 16)
                last = time.monotonic()
        return text.decode(errors="replace")

    def complete(self, line: str) -> set[str]:
        # Lists without inserting; then the line is thrown away.
        self.send(line + "\x04")
        shown = self.read()
        self.send("\x15")
        self.read()
        words = set(shown.replace("\r", " ").replace("\n", " ").split())
        return words - set(line.split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    options = parser.parse_args()
    binary = options.binary.resolve()
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "folder").mkdir()
        os.chdir(folder)
        scripts = {}
        for shell in ("bash", "zsh", "fish"):
            scripts[shell] = folder / f"completion.{shell}"
            scripts[shell].write_bytes(subprocess.run(
                [binary, "completion", shell], stdout=subprocess.PIPE, check=True).stdout)
        zsh = Zsh(scripts["zsh"])
        for line, expected in LINES:
            for shell, found in [
                ("bash", bash(scripts["bash"], line)), ("fish", fish(scripts["fish"], line)),
                ("zsh", zsh.complete(line) & (expected | {"--help"}))]:
                if found != expected:
                    failures += 1
                    print(f"  failed: {shell} completes '{line}' with {sorted(found)}, not {sorted(expected)}")
    print(f"completion: {failures} failures of {3 * len(LINES)}")
    raise SystemExit(1 if failures else 0)


main()
