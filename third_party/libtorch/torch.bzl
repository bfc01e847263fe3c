"""torch_cc_library, torch_cc_test, torch_cc_binary: C++ targets that include torch/torch.h.

They are cc_library, cc_test and cc_binary with LibTorch as a dependency, its precompiled header (--define=torch_pch=false
turns that off) and the tag "torch", by which `--config=clang` leaves them out. A target whose flags torch's headers can
see, like -fopenmp or USE_C10D_GLOO, uses the plain rules with @libtorch//:torch and the tag instead.

The precompiled header puts torch/torch.h in front of every source of the target. Include what you use all the same:
without the precompiled header nothing is in front.
"""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_cc//cc:cc_library.bzl", "cc_library")
load("@rules_cc//cc:cc_test.bzl", "cc_test")

_PCH = "//third_party/libtorch:pch"

def _torch(rule, name, copts = [], deps = [], tags = [], **kwargs):
    rule(
        name = name,
        copts = copts + select({
            _PCH: [
                "-Werror=invalid-pch",
                "-include",
                "$(execpath @libtorch//:pch)",
            ],
            "//conditions:default": [],
        }),
        tags = tags + ["torch"],
        deps = deps + ["@libtorch//:torch"] + select({
            _PCH: ["@libtorch//:pch"],
            "//conditions:default": [],
        }),
        **kwargs
    )

def torch_cc_library(**kwargs):
    _torch(cc_library, **kwargs)

def torch_cc_test(**kwargs):
    _torch(cc_test, **kwargs)

def torch_cc_binary(**kwargs):
    _torch(cc_binary, **kwargs)
