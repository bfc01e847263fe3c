"""libtorch_repo: LibTorch from LIBTORCH_HOME, or from the cache that fetch.sh fills.

A build with --config=cuda needs cuBLAS, cuDNN, NCCL and the like beside LibTorch: LIBTORCH_HOME is then the directory torch
of an installed Python torch, and they are taken from its directory nvidia, in the same site-packages. Programs carry their
place, and a bundle copies them, so nothing has to be in LD_LIBRARY_PATH.

Only the directories ATen, c10 and torch of its headers are linked: the wheel also ships google/, the headers of protobuf
3.13, which would hide the system's.
"""

# What libtorch_cuda.so needs, and what it and cuDNN open at run time, from the dynamic sections of torch 2.11.0 for CUDA 13.
_CUDA_LIBRARIES = [
    "libcaffe2_nvrtc.so",
    "libcublas.so.13",
    "libcublasLt.so.13",
    "libcudnn.so.9",
    "libcudnn_adv.so.9",
    "libcudnn_cnn.so.9",
    "libcudnn_engines_precompiled.so.9",
    "libcudnn_engines_runtime_compiled.so.9",
    "libcudnn_engines_tensor_ir.so.9",
    "libcudnn_graph.so.9",
    "libcudnn_heuristic.so.9",
    "libcudnn_ops.so.9",
    "libcufft.so.12",
    "libcufile.so.0",
    "libcurand.so.10",
    "libcusolver.so.12",
    "libcusparse.so.12",
    "libcusparseLt.so.0",
    "libnccl.so.2",
    "libnvJitLink.so.13",
    "libnvrtc-builtins.so.13.0",
    "libnvrtc.so.13",
    "libnvshmem_host.so.3",
    "libtorch_cuda_linalg.so",
    "libtorch_nvshmem.so",
]

def _libtorch_repo_impl(ctx):
    home = ctx.os.environ.get("LIBTORCH_HOME", "")
    if not home:
        r = ctx.execute([ctx.path(ctx.attr.fetch), ctx.path(ctx.attr.lock)], timeout = 1800)
        if r.return_code != 0:
            fail("\n" + r.stderr)
        home = r.stdout.strip()
    for need in ["lib/libtorch_cpu.so", "include/torch/headeronly/version.h"]:
        if not ctx.path(home + "/" + need).exists:
            fail("LibTorch at %s: no %s (LIBTORCH_HOME wants a directory with lib/ and include/)" % (home, need))
    if '"%s"' % ctx.attr.version not in ctx.read(home + "/include/torch/headeronly/version.h"):
        fail("LibTorch at %s is not version %s" % (home, ctx.attr.version))
    for directory in ["ATen", "c10", "torch"]:
        ctx.symlink(home + "/include/" + directory, "include/" + directory)
    ctx.symlink(home + "/lib", "lib")
    for library in ["libcudart.so.13", "libcupti.so.13"]:
        for directory in [home + "/lib/", home + "/../nvidia/cu13/lib/"]:
            if ctx.path(directory + library).exists:
                ctx.symlink(directory + library, "nvidia/" + library)
                break
    for library in _CUDA_LIBRARIES:
        for directory in ["lib/"] + ["../nvidia/%s/lib/" % d for d in ["cu13", "cudnn", "cusparselt", "nccl", "nvshmem"]]:
            if ctx.path(home + "/" + directory + library).exists:
                ctx.symlink(home + "/" + directory + library, "nvidia_cuda/" + library)
                break
    ctx.file("versions.txt", "libtorch %s\n" % ctx.attr.version)
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

_HERE = "//third_party/libtorch:"

libtorch_repo = repository_rule(
    implementation = _libtorch_repo_impl,
    # Asks again when the server starts, so that a cleared cache is noticed.
    local = True,
    configure = True,
    environ = [
        "HOME",
        "LIBTORCH_HOME",
        "PATH",
        "XDG_CACHE_HOME",
    ],
    attrs = {
        "build_file": attr.label(default = _HERE + "libtorch.BUILD", allow_single_file = True),
        "fetch": attr.label(default = _HERE + "fetch.sh", allow_single_file = True),
        "lock": attr.label(default = _HERE + "libtorch.lock", allow_single_file = True),
        "version": attr.string(mandatory = True),
    },
)
