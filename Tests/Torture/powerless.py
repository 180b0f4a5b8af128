"""A disk that loses its power: what is in memory, and what of it survives.

A file's contents survive once the file has been flushed, and the names in a folder once the
folder has been. What has not been flushed may survive as well, in part or whole.
"""

import os
import pathlib
import random

from journal import Call

# Ways in which a disk may be found: everything written has survived, only what was flushed, all
# names but only flushed contents, or anything between.
WAYS = ["all", "flushed", "names", "some"]


class File:
    def __init__(self, data: bytes = b""):
        self.data = self.safe = data

    def after(self, way: str, noise: random.Random) -> bytes:
        if way == "all" or way == "some" and noise.random() < 0.3:
            return self.data
        if way == "some" and self.data != self.safe and noise.random() < 0.6:
            flushed = len(os.path.commonprefix([self.data, self.safe]))
            torn = self.data[: noise.randint(flushed, len(self.data))]
            # File systems with delayed allocation keep the length and lose the bytes.
            return torn + bytes(len(self.data) - len(torn)) if noise.random() < 0.5 else torn
        return self.safe

    def flush(self) -> None:
        self.safe = self.data


class Link:
    def __init__(self, target: bytes):
        self.target = target

    def after(self, way: str, noise: random.Random) -> str:
        return os.fsdecode(self.target)

    def flush(self) -> None:
        pass


class Folder:
    def __init__(self):
        self.entries: dict[str, object] = {}
        self.safe: dict[str, object] = {}
        # Since the folder was flushed; those of one call are in one item.
        self.changes: list[dict[str, object | None]] = []

    def change(self, changes: dict) -> None:
        self.changes.append(changes)
        apply(changes, self.entries)

    def flush(self) -> None:
        self.safe, self.changes = dict(self.entries), []

    def after(self, way: str, noise: random.Random) -> dict:
        entries = self.entries if way in ("all", "names") else dict(self.safe)
        if way == "some":
            for changes in self.changes[: noise.randrange(len(self.changes) + 1)]:
                apply(changes, entries)
        return {name: node.after(way, noise) for name, node in entries.items()}


def apply(changes: dict, entries: dict) -> None:
    for name, node in changes.items():
        if node is None:
            entries.pop(name, None)
        else:
            entries[name] = node


def load(path: pathlib.Path):
    """What is on the real disk, all of it flushed."""
    if path.is_symlink():
        return Link(os.fsencode(os.readlink(path)))
    if path.is_file():
        return File(path.read_bytes())
    folder = Folder()
    folder.entries = {child.name: load(child) for child in path.iterdir()}
    folder.flush()
    return folder


def write(tree: dict, path: pathlib.Path) -> None:
    """Puts what survived onto the real disk."""
    path.mkdir()
    for name, node in tree.items():
        if isinstance(node, dict):
            write(node, path / name)
        elif isinstance(node, str):
            os.symlink(node, path / name)
        else:
            (path / name).write_bytes(node)


class Disk:
    """Follows a process's calls below one folder."""

    def __init__(self, root: pathlib.Path, working: pathlib.Path):
        self.root, self.working = str(root), str(working)
        self.top = load(root)
        # Of descriptors: the node, the place in it, and whether it appends.
        self.opened: dict[int, list] = {}

    def locate(self, folder: object, path: bytes) -> tuple[Folder, str] | None:
        """The folder that holds a path, and its name there; `None` outside of the root."""
        text = os.fsdecode(path)
        if folder not in (None, "AT_FDCWD") and not text.startswith("/"):
            node = self.opened.get(int(folder), [None])[0]
            return (node, text) if isinstance(node, Folder) and "/" not in text else None
        whole = os.path.normpath(os.path.join(self.working, text))
        if whole == self.root:
            return None
        if not whole.startswith(self.root + "/"):
            return None
        node = self.top
        *parents, name = whole[len(self.root) + 1 :].split("/")
        for parent in parents:
            node = node.entries.get(parent)
            if isinstance(node, Link):
                return None
        return node, name

    def find(self, folder: object, path: bytes):
        if os.path.normpath(os.path.join(self.working, os.fsdecode(path))) == self.root:
            return self.top
        place = self.locate(folder, path)
        return place and place[0].entries.get(place[1])

    def carry_out(self, call: Call) -> bool:
        """Whether the call may have changed what survives."""
        name, arguments = call.name, list(call.arguments)
        if name.endswith(("at", "at2")) and name != "fallocate":
            return self.at(name, arguments, call.result)
        if name in ("open", "creat", "rename", "mkdir", "rmdir", "unlink"):
            if name == "creat":
                arguments.insert(1, "O_WRONLY|O_CREAT|O_TRUNC")
            spread = [None, *arguments]
            if name == "rename":
                spread = [None, arguments[0], None, arguments[1]]
            if name == "rmdir":
                spread.append("AT_REMOVEDIR")
                name = "unlink"
            return self.at({"creat": "open"}.get(name, name) + "at", spread, call.result)
        if name == "symlink":
            return self.at("symlinkat", [arguments[0], None, arguments[1]], call.result)
        if name in ("sync", "syncfs"):
            raise ValueError("a call of sync is not foreseen")
        return self.by_descriptor(name, arguments, call.result)

    def at(self, name: str, arguments: list, result: int) -> bool:
        if name == "openat":
            return self.open(arguments, result)
        if name == "symlinkat":
            place, node = self.locate(arguments[1], arguments[2]), Link(arguments[0])
        elif name == "mkdirat":
            place, node = self.locate(arguments[0], arguments[1]), Folder()
        elif name == "unlinkat":
            place, node = self.locate(arguments[0], arguments[1]), None
        elif name in ("renameat", "renameat2"):
            return self.rename(self.locate(*arguments[:2]), self.locate(*arguments[2:4]))
        else:
            raise ValueError(f"a call of {name} is not foreseen")
        if place:
            place[0].change({place[1]: node})
        return place is not None

    def rename(self, old, new) -> bool:
        if not old or not new:
            return False
        node = old[0].entries[old[1]]
        if old[0] is new[0]:
            old[0].change({old[1]: None, new[1]: node})
        else:
            old[0].change({old[1]: None})
            new[0].change({new[1]: node})
        return True

    def open(self, arguments: list, descriptor: int) -> bool:
        node, flags = self.find(*arguments[:2]), arguments[2].split("|")
        changes = False
        if isinstance(node, Link):
            node = None
        if node is None and "O_CREAT" in flags and (place := self.locate(*arguments[:2])):
            node, changes = File(), True
            place[0].change({place[1]: node})
        if node is not None and "O_TRUNC" in flags:
            node.data, changes = b"", True
        self.opened[descriptor] = [node, 0, "O_APPEND" in flags]
        return changes

    def by_descriptor(self, name: str, arguments: list, result: int) -> bool:
        descriptor = int(arguments[0])
        if name == "close":
            self.opened.pop(descriptor, None)
            return False
        if name in ("dup", "dup2", "dup3") or name == "fcntl" and "F_DUPFD" in arguments[1]:
            self.opened[result] = self.opened.get(descriptor, [None, 0, False])
            return False
        handle = self.opened.get(descriptor)
        if handle is None or handle[0] is None or name == "fcntl":
            return False
        node = handle[0]
        if name in ("fsync", "fdatasync"):
            node.flush()
        elif name in ("write", "writev", "pwrite64"):
            data = b"".join(part for part in arguments if isinstance(part, bytes))[:result]
            place = len(node.data) if handle[2] else handle[1]
            if name == "pwrite64":
                place = int(arguments[3])
            before = node.data[:place].ljust(place, b"\0")
            node.data = before + data + node.data[place + len(data) :]
            if name != "pwrite64":
                handle[1] = place + len(data)
        elif name == "ftruncate":
            length = int(arguments[1])
            node.data = node.data[:length].ljust(length, b"\0")
        elif name != "fallocate":
            raise ValueError(f"a call of {name} is not foreseen")
        return True
