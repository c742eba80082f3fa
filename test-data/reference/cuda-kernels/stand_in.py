"""Builds a stand-in for the CUDA runtime, so that ONNX Runtime's CUDA provider loads without a GPU.

    python stand_in.py NATIVES OUTPUT

NATIVES is the folder ai/onnxruntime/native/linux-x64 of the jar onnxruntime_gpu, unpacked; OUTPUT
gets libcudart.so.12 and the others that the provider is linked against, to be put into
LD_LIBRARY_PATH. Needs gcc and nm. Memory of the device is memory of the host, copies are made and
counted by direction (a line at the end of the process; STUB_TRACE=N in the environment prints each
copy of N bytes or more), kernels do nothing.
"""
import pathlib
import re
import subprocess
import sys

natives, output = map(pathlib.Path, sys.argv[1:3])
output.mkdir(parents=True, exist_ok=True)
special = (pathlib.Path(__file__).parent / "stand_in.c").read_text()
special_names = set(re.findall(r"^\w[\w \*]*?\b(\w+)\(", special, re.M))

provider = natives / "libonnxruntime_providers_cuda.so"
listing = subprocess.run(["nm", "-D", "--undefined-only", provider], capture_output=True, text=True, check=True)
symbols = {"libcurand.so.10": [], "libcuda.so.1": []}
for line in listing.stdout.splitlines():
    match = re.match(r"\s*[Uw] (\S+)@(libc(?:uda|ublas)\S+)", line)
    if match:
        symbols.setdefault(match[2], []).append(match[1])


def function(name):
    if re.search(r"Create(_v2)?$", name):
        return f"int {name}(void **made) {{ *made = calloc(1, 4096); return 0; }}"
    if "GetStatus" in name or "GetError" in name:
        return f'const char *{name}(int code) {{ return "stand-in"; }}'
    if name == "cublasLtMatmulAlgoGetHeuristic":
        return (f"int {name}(void *a, void *b, void *c, void *d, void *e, void *f, void *g, int n, void *r, int *found)"
                " { *found = 1; memset(r, 0, 64); return 0; }")
    if name == "cublasGetMathMode":
        return f"int {name}(void *handle, int *mode) {{ *mode = 0; return 0; }}"
    return f"int {name}() {{ return 0; }}"


for library, names in symbols.items():
    runtime = library.startswith("libcudart")
    lines = ["#include <stdio.h>", "#include <stdlib.h>", "#include <string.h>"]
    lines += [special] if runtime else []
    lines += [function(name) for name in names if not (runtime and name in special_names)]
    source = output / (library + ".c")
    versions = output / (library + ".map")
    source.write_text("\n".join(lines) + "\n")
    versions.write_text(library + " { global: *; };\n")
    subprocess.run(["gcc", "-w", "-shared", "-fPIC", "-O1", source, "-o", output / library, f"-Wl,-soname,{library}",
                    f"-Wl,--version-script={versions}"], check=True)
    source.unlink()
    versions.unlink()
