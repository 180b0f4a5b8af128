"""Writes hostile.txt: files that nobody should have made, one a line: what it is, what the reader has to say
(a part of its message, or nothing for any), and the bytes, deflated, in base64; between tabs.

Needs Python alone. Version used: Python 3.11. Command: python write_hostile.py
"""

import base64
import pathlib
import random
import struct
import zipfile
import zlib

HERE = pathlib.Path(__file__).parent
files = []
names = set()


def add(name: str, words: str, content: bytes) -> None:
    assert name not in names, name
    names.add(name)
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    files.append(f"{name}\t{words}\t{len(content)}\t{packed}")


# Pickles, operation by operation.

def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def integer(value: int) -> bytes:
    if 0 <= value < 256:
        return b"K" + bytes([value])
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    raw = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def group(*values: bytes) -> bytes:
    return b"(" + b"".join(values) + b"t"


def name_of(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def storage(key: str = "0", count: int = 6, kind: str = "FloatStorage", tail: bytes = b"") -> bytes:
    return group(text("storage"), name_of("torch", kind), text(key), text("cpu"), integer(count), tail) + b"Q"


def tensor(store: bytes, offset: int = 0, shape=(6,), strides=(1,), function: str = "_rebuild_tensor_v2") -> bytes:
    return (name_of("torch._utils", function)
            + group(store, integer(offset), group(*map(integer, shape)), group(*map(integer, strides)), b"\x89",
                    name_of("collections", "OrderedDict") + b")R") + b"R")


def state(*pairs: tuple[str, bytes]) -> bytes:
    return b"\x80\x02}(" + b"".join(text(name) + value for name, value in pairs) + b"u."


# Archives, byte by byte.

class Entry:
    def __init__(self, name: str, data: bytes, method: int = 0, **lies):
        self.name, self.method = name.encode(), method
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.stored = data if method == 0 else packer.compress(data) + packer.flush()
        self.values = {"crc": zlib.crc32(data), "csize": len(self.stored), "usize": len(data), "flags": 0,
                       "offset": None, "local_csize": None, "local_usize": None, "local_name": self.name,
                       "local_method": method, "extra": b"", "local_extra": b"", "signature": 0x04034B50}
        self.values.update(lies)


def archive(*entries: Entry, tail: dict | None = None, comment: bytes = b"") -> bytes:
    body, directory = b"", b""
    for entry in entries:
        v = entry.values
        offset = len(body) if v["offset"] is None else v["offset"]
        local_c = v["csize"] if v["local_csize"] is None else v["local_csize"]
        local_u = v["usize"] if v["local_usize"] is None else v["local_usize"]
        body += struct.pack("<IHHHHHIIIHH", v["signature"], 20, v["flags"], v["local_method"], 0, 0, v["crc"],
                            local_c & 0xFFFFFFFF, local_u & 0xFFFFFFFF, len(v["local_name"]), len(v["local_extra"]))
        body += v["local_name"] + v["local_extra"] + entry.stored
        directory += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, v["flags"], entry.method, 0, 0, v["crc"],
                                 v["csize"] & 0xFFFFFFFF, v["usize"] & 0xFFFFFFFF, len(entry.name), len(v["extra"]),
                                 0, 0, 0, 0, offset & 0xFFFFFFFF) + entry.name + v["extra"]
    end = {"count": len(entries), "size": len(directory), "offset": len(body), "signature": 0x06054B50}
    end.update(tail or {})
    return body + directory + struct.pack("<IHHHHIIH", end["signature"], 0, 0, end["count"] & 0xFFFF,
                                          end["count"] & 0xFFFF, end["size"] & 0xFFFFFFFF,
                                          end["offset"] & 0xFFFFFFFF, len(comment)) + comment


FLOATS = struct.pack("<6f", *range(6))
GOOD = state(("a", tensor(storage())))


def saved(pickle: bytes, data: bytes = FLOATS, **lies) -> bytes:
    return archive(Entry("x/data.pkl", pickle), Entry("x/data/0", data, **lies), Entry("x/version", b"3\n"))


MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
SYSTEM = b"\x80\x02}(" + text("little_endian") + b"\x88u."


def legacy(pickle: bytes, data: bytes = struct.pack("<q", 6) + FLOATS, keys: bytes = b"\x80\x02](" + text("0") + b"e.",
           version: bytes = b"\x80\x02M\xe9\x03.", system: bytes = SYSTEM, magic: bytes = MAGIC) -> bytes:
    return magic + version + system + pickle + keys + data


def both(name: str, words: str, pickle: bytes) -> None:
    add(f"{name}, zip", words, saved(pickle))
    add(f"{name}, legacy", words, legacy(pickle))


add("good zip", "GOOD", saved(GOOD))
add("good legacy", "GOOD", legacy(GOOD))
part = group(text("1"), integer(2), integer(3))
add("good view of a legacy storage", "GOOD",
    legacy(state(("a", tensor(storage(tail=part), shape=(3,))))))
pairs = b"](" + b"](" + text("a") + tensor(storage()) + b"ee"
add("good OrderedDict of Python 2", "GOOD",
    legacy(b"\x80\x02" + name_of("collections", "OrderedDict") + pairs + b"\x85R."))
add("good oldest tensor", "GOOD", legacy(state(("a", tensor(storage(), function="_rebuild_tensor")))))

# 1. What pickles can run.
for module, name in [
    ("os", "system"), ("posix", "system"), ("nt", "system"), ("builtins", "eval"), ("builtins", "exec"),
    ("__builtin__", "eval"), ("builtins", "getattr"), ("builtins", "__import__"), ("subprocess", "Popen"),
    ("subprocess", "check_output"), ("runpy", "run_path"), ("shutil", "rmtree"), ("importlib", "import_module"),
    ("socket", "socket"), ("pickle", "loads"), ("torch", "load"), ("torch.hub", "load"), ("numpy", "load"),
    ("torch.storage", "_load_from_bytes"), ("torch._utils", "_rebuild_sparse_tensor"), ("codecs", "decode"),
    ("collections", "namedtuple"), ("models.networks", "ResnetGenerator"), ("torch.nn.modules.container", "Sequential"),
    ("argparse", "Namespace"), ("numpy.core.multiarray", "scalar"), ("dnnlib.tflib.network", "Network"),
    ("torch_utils.persistence", "_reconstruct_persistent_obj"), ("__torch__.x", "Module"),
    ("torch.jit._pickle", "build_intlist"), ("collections.OrderedDict", "fromkeys"), ("torch", "from_file"),
]:
    words = f"would run {module}.{name}"
    called = name_of(module, name) + group(text("touch /tmp/owned")) + b"R"
    both(f"calls {module}.{name}", words, state(("a", called)))
    if module in ("os", "builtins", "torch"):
        both(f"mentions {module}.{name}", words, state(("a", name_of(module, name))))
        new = b"\x8c" + bytes([len(module)]) + module.encode() + b"\x8c" + bytes([len(name)]) + name.encode()
        both(f"finds {module}.{name} on the stack", words, state(("a", new + b"\x93" + group(text("x")) + b"R")))
        both(f"makes {module}.{name}", words, state(("a", name_of(module, name) + b")\x81")))
        both(f"instantiates {module}.{name}", words,
             state(("a", b"(" + text("x") + f"i{module}\n{name}\n".encode())))
both("calls torch.Tensor", "would run torch.Tensor", state(("a", name_of("torch", "Tensor") + group(integer(9)) + b"R")))
for title, inner in [("itself", name_of("torch._tensor", "_rebuild_from_type_v2")), ("a number", integer(1))]:
    both(f"rebuilds by {title}", "makes no sense",
         state(("a", name_of("torch._tensor", "_rebuild_from_type_v2")
                + group(inner, name_of("torch", "Tensor"), group(integer(1)), b"N") + b"R")))
both("rebuilds by a class", "would run torch.Tensor",
     state(("a", name_of("torch._tensor", "_rebuild_from_type_v2")
            + group(name_of("torch", "Tensor"), name_of("torch", "Tensor"), group(integer(1)), b"N") + b"R")))
add("a bare pickle that runs", "would run posix.system",
    b"\x80\x02" + name_of("posix", "system") + group(text("touch /tmp/owned")) + b"R.")
add("a bare pickle", "not one that torch.save wrote", b"\x80\x04N.")
both("a complex tensor", "ComplexFloatStorage", state(("a", tensor(storage(kind="ComplexFloatStorage")))))
both("an unknown storage", "QuarterStorage", state(("a", tensor(storage(kind="QuarterStorage")))))
both("a whole module", "holds a whole 'module'",
     state(("a", group(text("module"), b"N", text("a.py"), text("source"), b"N") + b"Q")))

# Found by the fuzzer: a message of several lines.
both("a name with a line break", "storage '0\\n1'", state(("a", tensor(storage(key="0\n1")))))

# 2. Operations that no state dict has, one after another.
known = set(b"(N})]taseuqrhjciRbQKMJGXUTCB.") | {0x80, 0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8D,
                                                0x93, 0x94, 0x95}
for code in [c for c in range(256) if c not in known][::6]:
    add(f"operation {code:#04x}", f"operation 0x{code:X}", saved(b"\x80\x02" + bytes([code]) + b"."))

# 3. Pickles that make no sense.
for title, body in [
    ("pops from nothing", b"."), ("a tuple without a mark", b"t."), ("a pair of one", b"N\x86."),
    ("appends to none", b"NNa."), ("appends to a tuple", b")Na."), ("sets in a list", b"]NNs."),
    ("an odd number of items", b"}(Nu."), ("recalls what is not there", b"h\x05."), ("calls a number", b"K\x01)R."),
    ("calls with a list", name_of("collections", "OrderedDict") + b"]R."), ("builds nothing", b"}b."),
    ("builds a number", b"K\x01}b."), ("an id of nothing", b")Q."), ("an id of a number", b"K\x01Q."),
    ("calls a storage", name_of("torch", "FloatStorage") + b")R."),
    ("a parameter of nothing", name_of("torch._utils", "_rebuild_parameter") + b")R."),
    ("a tensor of nothing", name_of("torch._utils", "_rebuild_tensor_v2") + b")R."),
    ("a dictionary of numbers", name_of("collections", "OrderedDict") + b"](K\x01K\x02e\x85R."),
    ("a name of numbers", b"K\x01K\x02\x93."), ("protocol 9", b"\x80\x09N."), ("pops beyond a mark", b"N(."),
    ("remembers nothing", b"q\x00."),
]:
    both(title, "makes no sense", b"\x80\x02" + body)
for title, body in [
    ("a text of 4 GiB", b"X\xff\xff\xff\xff"), ("a text of 8 EiB", b"\x8d" + b"\xff" * 7 + b"\x7f"),
    ("a text of 16 EiB", b"\x8d" + b"\xff" * 8), ("a long of 4 GiB", b"\x8b\xff\xff\xff\xff"),
    ("bytes of 4 GiB", b"B\xff\xff\xff\xff"), ("a name without an end", b"ccollections\nOrd"), ("nothing", b""),
]:
    add(title, "", saved(b"\x80\x02" + body))
    add(f"{title}, legacy", "", MAGIC + b"\x80\x02" + body)

# 4. Depth, loops and what multiplies.
deep = 100_000
both("100,000 lists", "without a state dict", b"\x80\x02" + b"]" * deep + b"a" * (deep - 1) + b".")
both("100,000 tuples", "without a state dict", b"\x80\x02)" + b"\x85" * deep + b".")
both("100,000 dictionaries", "",
     b"\x80\x02" + b"}U\x05model" * deep + b"}" + b"s" * deep + b".")
both("a list in itself", "without a state dict", b"\x80\x02]q\x00h\x00a.")
both("a dictionary in itself", "", b"\x80\x02}q\x00" + text("model") + b"h\x00s.")
both("two dictionaries in each other", "",
     b"\x80\x02}q\x00}q\x01" + text("state_dict") + b"h\x00s" + b"h\x00" + text("model") + b"h\x01s.")
script = name_of("__torch__.x", "M") + b")\x81q\x00}" + text("child") + b"h\x00sb."
add("a module in itself", "nest deeper",
    archive(Entry("x/data.pkl", b"\x80\x02" + script), Entry("x/constants.pkl", b"\x80\x02).")))
doubling = b"\x80\x02" + name_of("__torch__.x", "M") + b"q\x00)\x81}" + text("w") + tensor(storage()) + b"sbq\x01"
for level in range(40):
    doubling += b"h\x00)\x81}(" + text("a") + b"h\x01" + text("b") + b"h\x01ubq\x01"
add("modules that double 40 times", "more tensors than any network",
    archive(Entry("x/data.pkl", doubling + b"."), Entry("x/constants.pkl", b"\x80\x02)."), Entry("x/data/0", FLOATS)))
many = b"](" + b"](NNeq\x05" + b"h\x05" * 50_000 + b"eq\x01"
copies = b"\x80\x02" + name_of("collections", "OrderedDict") + b"q\x02" + many + b"h\x02h\x01\x85R" * 20_000 + b"."
add("20,000 dictionaries of one long list", "makes no sense", saved(copies))
long_shape = b"\x80\x02(" + b"K\x01" * 50_000 + b"tq\x00"
call = name_of("torch._utils", "_rebuild_tensor_v2") + group(storage(), integer(0), b"h\x00", b"h\x00", b"\x89", b"N")
add("a tensor of 50,000 axes", "makes no sense", saved(long_shape + call + b"R."))
add("a pickle of 17 MiB", "longer than any state dict", saved(b"\x80\x02" + b"N" * (17 << 20) + b"."))

# 5. Tensors and storages that lie.
big = 2**62
for title, words, value in [
    ("an offset behind the end", "leads out of its storage", tensor(storage(), offset=1)),
    ("a negative offset", "negative offset or stride", tensor(storage(), offset=-1)),
    ("a negative stride", "negative offset or stride", tensor(storage(), strides=(-1,))),
    ("a negative size", "impossible shape", tensor(storage(), shape=(-6,))),
    ("two negative sizes", "impossible shape", tensor(storage(), shape=(-2, -3), strides=(3, 1))),
    ("one element too many", "leads out of its storage", tensor(storage(), shape=(7,))),
    ("a stride too long", "leads out of its storage", tensor(storage(), shape=(2, 3), strides=(4, 1))),
    ("sizes that overflow", "impossible shape", tensor(storage(), shape=(big, 4), strides=(1, 1))),
    ("a size near the limit", "", tensor(storage(), shape=(2**60,), strides=(0,))),
    ("strides that overflow", "leads out of its storage", tensor(storage(), shape=(3,), strides=(big,))),
    ("an offset that overflows", "leads out of its storage", tensor(storage(), offset=2**63 - 1, shape=(2,))),
    ("zeros beside sizes that overflow", "impossible shape", tensor(storage(), shape=(0, big, big), strides=(1, 1, 1))),
    ("strides for other sizes", "makes no sense", tensor(storage(), shape=(2, 3))),
    ("a repetition of 4 GiB", "far more bytes", tensor(storage(), shape=(2**30,), strides=(0,))),
    ("a storage of more elements", "claims 7 elements", tensor(storage(count=7))),
    ("a storage of fewer elements", "claims 5 elements", tensor(storage(count=5), shape=(5,))),
    ("a storage of 2^62 elements", "claims", tensor(storage(count=big))),
    ("a storage of -1 elements", "makes no sense", tensor(storage(count=-1))),
    ("a storage of another type", "claims 6 elements", tensor(storage(kind="DoubleStorage"))),
    ("a storage that is not there", "", tensor(storage(key="7"))),
    ("a storage outside", "", tensor(storage(key="../../etc/passwd"))),
    ("a view behind the end", "makes no sense",
     tensor(storage(tail=group(text("1"), integer(4), integer(3))), shape=(3,))),
    ("a tensor out of its view", "leads out of its storage",
     tensor(storage(tail=group(text("1"), integer(1), integer(3))), shape=(4,))),
]:
    both(title, words, state(("a", value)))
shared = state(*((f"w{index}", tensor(storage(), shape=(2**20,), strides=(0,))) for index in range(100)))
both("a hundred tensors of one storage", "far more bytes", shared)

# 6. Legacy files.
for title, words, content in [
    ("another magic number", "not one that torch.save wrote", legacy(GOOD, magic=b"\x80\x02\x8a\x0a" + b"\x01" * 10 + b".")),
    ("another version", "unknown version", legacy(GOOD, version=b"\x80\x02K\x01.")),
    ("big-endian", "big-endian", legacy(GOOD, system=b"\x80\x02}" + text("little_endian") + b"\x89s.")),
    ("keys that are no list", "makes no sense", legacy(GOOD, keys=b"\x80\x02N.")),
    ("a key that is a number", "makes no sense", legacy(GOOD, keys=b"\x80\x02]K\x00a.")),
    ("a key of nothing", "is not in the file", legacy(GOOD, keys=b"\x80\x02](" + text("9") + b"e.")),
    ("no keys", "is not in the file", legacy(GOOD, keys=b"\x80\x02].")),
    ("2^63 elements", "cut short", legacy(GOOD, data=b"\xff" * 8 + FLOATS)),
    ("2^62 elements", "cut short", legacy(GOOD, data=struct.pack("<q", big) + FLOATS)),
    ("no data", "ends early", legacy(GOOD, data=b"")),
]:
    add(f"legacy: {title}", words, content)
for cut in range(15, len(legacy(GOOD)), 23):
    add(f"legacy cut after {cut} bytes", "", legacy(GOOD)[:cut])

# 7. Archives.

one = archive(Entry("x/data/0", FLOATS))[:30 + len("x/data/0") + len(FLOATS)]
for title, words, content in [
    ("no data.pkl", "no data.pkl", archive(Entry("x/version", b"3\n"))),
    ("empty archive", "no data.pkl", archive()),
    ("two data.pkl", "no data.pkl", archive(Entry("x/data.pkl", GOOD), Entry("y/data.pkl", GOOD))),
    ("a document", "no data.pkl", archive(Entry("word/document.xml", b"<x/>"))),
    ("two entries of one name", "two entries", archive(Entry("x/data.pkl", GOOD), Entry("x/data/0", FLOATS),
                                                       Entry("x/data/0", FLOATS))),
    ("an entry within another", "overlaps",
     archive(Entry("x/pad", one), Entry("x/data.pkl", GOOD), Entry("x/data/0", FLOATS, offset=30 + len("x/pad")))),
    ("big-endian", "big-endian", archive(Entry("x/data.pkl", GOOD), Entry("x/data/0", FLOATS),
                                         Entry("x/byteorder", b"big"))),
    ("encrypted", "encrypted", saved(GOOD, flags=1)),
    ("an unknown method", "compressed by method 12", archive(Entry("x/data.pkl", GOOD), Entry("x/data/0", FLOATS, method=12, usize=24, csize=24))),
    ("methods that differ", "says otherwise", saved(GOOD, local_method=8)),
    ("names that differ", "says otherwise", saved(GOOD, local_name=b"x/data/1")),
    ("no local header", "says otherwise", saved(GOOD, signature=0x04034B51)),
    ("sizes that differ", "two sizes", saved(GOOD, local_usize=12, local_csize=12)),
    ("stored, but shorter", "two sizes", saved(GOOD, usize=48)),
    ("data longer than the file", "", saved(GOOD, csize=1 << 20, usize=1 << 20)),
    ("a header behind the directory", "behind the archive's directory", saved(GOOD, offset=1 << 20)),
    ("a wrong checksum", "checksum", saved(GOOD, crc=1)),
    ("deflated to less", "less than it says",
     archive(Entry("x/data.pkl", GOOD), Entry("x/data/0", FLOATS[:20], method=8, usize=24))),
    ("deflated to more", "more than it says",
     archive(Entry("x/data.pkl", GOOD), Entry("x/data/0", FLOATS * 99, method=8, usize=24))),
    ("deflated rubbish", "cannot be inflated",
     archive(Entry("x/data.pkl", GOOD), Entry("x/data/0", FLOATS, method=8)).replace(
         Entry("x", FLOATS, method=8).stored, b"\xff" * len(Entry("x", FLOATS, method=8).stored))),
    ("a bomb", "would inflate",
     archive(Entry("x/data.pkl", state(("a", tensor(storage(count=25 << 20), shape=(6,))))),
             Entry("x/data/0", bytes(100 << 20), method=8))),
    ("a bomb of a pickle", "longer than any state dict", archive(Entry("x/data.pkl", bytes(17 << 20), method=0))),
    ("zip64 numbers that are not there", "directory is damaged", saved(GOOD, csize=0xFFFFFFFF, usize=0xFFFFFFFF)),
    ("zip64 numbers beyond Int64", "directory is damaged",
     saved(GOOD, csize=0xFFFFFFFF, usize=0xFFFFFFFF, extra=struct.pack("<HHQQ", 1, 16, 2**64 - 1, 2**64 - 1))),
    ("zip64 sizes of 4 EiB", "",
     saved(GOOD, csize=0xFFFFFFFF, usize=0xFFFFFFFF, extra=struct.pack("<HHQQ", 1, 16, 2**62, 2**62))),
    ("more entries than bytes", "leads out of the file", archive(Entry("x/data.pkl", GOOD), tail={"count": 60_000})),
    ("a directory of 4 GiB", "leads out of the file", archive(Entry("x/data.pkl", GOOD), tail={"size": 0xFFFFFFFE})),
    ("a directory behind the end", "leads out of the file",
     archive(Entry("x/data.pkl", GOOD), tail={"offset": 0xFFFFFFFE})),
    ("a directory elsewhere", "directory is damaged", archive(Entry("x/data.pkl", GOOD), tail={"offset": 3})),
    ("no end record", "cut short", archive(Entry("x/data.pkl", GOOD), tail={"signature": 0x06054B51})),
    ("a comment", "GOOD", archive(Entry("x/data.pkl", GOOD), Entry("x/data/0", FLOATS), comment=b"hello")),
    ("something behind the end", "cut short", saved(GOOD) + b"x"),
]:
    add(f"archive: {title}", words, content)
whole = saved(GOOD)
for cut in range(4, len(whole), 31):
    add(f"archive cut after {cut} bytes", "", whole[:cut])
# Whatever a bit turns into: tensors or an error.
for form, content in (("zip", whole), ("legacy", legacy(GOOD))):
    generator = random.Random(form)
    for place, bit in generator.sample([(p, b) for p in range(len(content)) for b in range(8)], 40):
        flipped = bytearray(content)
        flipped[place] ^= 1 << bit
        add(f"{form} with bit {bit} of byte {place} flipped", "ANY", bytes(flipped))

# 8. Other files.
for title, words, content in [
    ("a web page", "a web page", b"<!DOCTYPE html><html><body>Google Drive - Virus scan warning</body></html>"),
    ("an error page", "a web page", b"\n\n<HTML>404</HTML>"), ("Keras", "HDF5", b"\x89HDF\r\n\x1a\n" + bytes(64)),
    ("a pointer", "Git LFS", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
    ("a PNG", "a PNG image", b"\x89PNG\r\n\x1a\n" + bytes(20)), ("a JPEG", "a JPEG image", b"\xff\xd8\xff\xe0" + bytes(20)),
    ("gzip", "a gzip archive", b"\x1f\x8b\x08" + bytes(20)), ("GGUF", "GGUF", b"GGUF" + bytes(20)),
    ("a tar archive", "a tar archive", bytes(257) + b"ustar" + bytes(250)), ("zeros", "not a weights file", bytes(64)),
    ("an array", "NumPy", b"\x93NUMPY\x01\x00" + bytes(20)), ("text", "not a weights file", b"hello, this is a text\n"),
    ("an empty file", "empty", b""),
]:
    add(title, words, content)

assert len(files) > 200
(HERE / "hostile.txt").write_text("\n".join(files) + "\n")
print(len(files), "files")
