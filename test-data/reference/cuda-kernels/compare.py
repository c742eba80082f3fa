"""Holds what the library said of the graphs of nodes.py (probe.log) against what the table says."""
import collections
import re

manifest = {}
with open("manifest.txt") as lines:
    for line in lines:
        file, *facts = line.rstrip("\n").split("\t")
        manifest[file] = tuple(facts)

# By file: what the table says, whether the library has no kernel, its error.
said = {}
with open("probe.log") as lines:
    for line in lines:
        begin = re.match(r"### (\d+\.onnx) TABLE (.*)", line)
        if begin:
            current = begin[1]
            said[current] = [begin[2] == "[]", False, ""]
        elif line.startswith("### ERR"):
            said[current][2] = line
        elif "not found in reg" in line:
            said[current][1] = True

agree = invalid = 0
differ = collections.defaultdict(list)
for file, (foretold, absent, error) in said.items():
    # Where there is no kernel for the processor either, the engine stops after it has looked.
    known = not error or absent or "Could not find an impl" in error or "NOT_IMPLEMENTED" in error
    if not known:
        invalid += 1
    elif foretold != absent:
        agree += 1
    else:
        operator, version, types = manifest[file]
        differ[operator, version, "table: " + ("kernel" if foretold else "none")].append(types)

print(f"{agree} agree, {sum(map(len, differ.values()))} differ, {invalid} are no valid graphs")
for what, types in sorted(differ.items()):
    print(*what, types)
