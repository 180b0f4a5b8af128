"""The system calls of a command that change files, as strace tells them."""

import dataclasses
import pathlib
import re
from collections.abc import Iterator

CALLS = (
    "open openat creat close dup dup2 dup3 fcntl write writev pwrite64 pwritev ftruncate truncate "
    "fallocate fsync fdatasync sync syncfs rename renameat renameat2 mkdir mkdirat rmdir unlink "
    "unlinkat link linkat symlink symlinkat copy_file_range sendfile"
).split()
LINE = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)", re.DOTALL)
ARGUMENT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"|([^",\s{}\[\]]+)')


@dataclasses.dataclass
class Call:
    name: str
    # Strings as bytes, all else as it stands.
    arguments: list
    result: int


def tracing(file: pathlib.Path) -> list:
    """What stands before a command to write its journal."""
    calls = "trace=" + ",".join(CALLS)
    return ["strace", "-f", "-qq", "-xx", "-s", 1 << 28, "-o", file, "-e", calls]


def read(file: pathlib.Path) -> Iterator[Call]:
    """The calls that succeeded, in the order in which they ended."""
    unfinished: dict[str, str] = {}
    for line in file.read_text().splitlines():
        process = line.split(" ", 1)[0]
        if line.endswith("<unfinished ...>"):
            unfinished[process] = line.removesuffix("<unfinished ...>")
            continue
        if resumed := re.match(r"\d+ +<\.\.\. \w+ resumed>(.*)", line):
            line = unfinished.pop(process) + resumed[1]
        match = LINE.match(line)
        if match and int(match[3]) >= 0:
            arguments = [
                bytes.fromhex(text.replace("\\x", "")) if not other else other
                for text, other in ARGUMENT.findall(match[2])]
            yield Call(match[1], arguments, int(match[3]))
