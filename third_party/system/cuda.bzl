"""cuda_library: a kernel, compiled by the toolkit's nvcc, for --config=cuda alone.

The source includes no header of LibTorch, which nvcc would take minutes for: a plain function starts the kernel.
"""

load("@rules_cc//cc:cc_library.bzl", "cc_library")

# Ampere and Hopper, and what later ones translate at the first start.
_ARCHITECTURES = "-gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=[sm_90,compute_90]"

def cuda_library(name, src, hdr, headers = [], deps = []):
    """A cc_library of one .cu file.

    Args:
      name: of the library.
      src: the .cu file.
      hdr: its header.
      headers: files that both include.
      deps: libraries of those files.
    """
    native.genrule(
        name = name + "_object",
        srcs = [src, hdr] + headers,
        outs = [name + ".o"],
        cmd = "$(execpath @cuda//:nvcc) -c -O3 -std=c++20 -Xcompiler -fPIC %s -I. -o $@ $(execpath %s)" %
              (_ARCHITECTURES, src),
        tags = ["manual"],
        tools = ["@cuda//:nvcc"],
    )
    cc_library(
        name = name,
        srcs = [name + ".o"],
        hdrs = [hdr],
        tags = ["manual"],
        deps = deps + ["@cuda"],
    )
