"""cuda_repo: the headers of a CUDA toolkit with NCCL, and its compiler, for --config=cuda.

CUDA_HOME names the toolkit (default /usr/local/cuda). Where it is missing the repository still loads, so that `//...`
works on machines without CUDA; only a build that needs it fails, at analysis, and says what is missing.
"""

def _absent_impl(ctx):
    fail(ctx.attr.text)

absent = rule(
    implementation = _absent_impl,
    attrs = {"text": attr.string(mandatory = True)},
    doc = "Stands for a library that this machine does not have.",
)

_BUILD = """load("@rules_cc//cc:cc_library.bzl", "cc_library")

cc_library(
    name = "cuda",
    hdrs = glob([
        "include/*.h",
        "include/*.hpp",
        "include/crt/*.h",
        "include/crt/*.hpp",
        "include/nccl_device/**",
    ]),
    includes = ["include"],
    visibility = ["//visibility:public"],
)

filegroup(
    name = "nvcc",
    srcs = ["nvcc.sh"],
    visibility = ["//visibility:public"],
)
"""

_COMPILER = """#!/bin/bash
exec %s/bin/nvcc "$@"
"""

_ABSENT = """load("@transect//third_party/system:cuda_repo.bzl", "absent")

absent(
    name = "cuda",
    text = %r,
    visibility = ["//visibility:public"],
)

alias(
    name = "nvcc",
    actual = ":cuda",
    visibility = ["//visibility:public"],
)
"""

def _cuda_repo_impl(ctx):
    home = ctx.os.environ.get("CUDA_HOME", "") or "/usr/local/cuda"
    for header in ["cuda_runtime_api.h", "nccl.h"]:
        if not ctx.path(home + "/include/" + header).exists:
            ctx.file("BUILD.bazel", _ABSENT % ("%s/include has no %s (set CUDA_HOME to a CUDA 13 toolkit with NCCL)" % (home, header)))
            return
    ctx.symlink(home + "/include", "include")
    ctx.file("nvcc.sh", _COMPILER % home, executable = True)
    ctx.file("BUILD.bazel", _BUILD)

cuda_repo = repository_rule(
    implementation = _cuda_repo_impl,
    local = True,
    configure = True,
    environ = ["CUDA_HOME"],
)
