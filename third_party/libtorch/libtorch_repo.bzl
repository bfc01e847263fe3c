"""libtorch_repo: LibTorch from LIBTORCH_HOME, or from the cache that fetch.sh fills.

Only the directories ATen, c10 and torch of its headers are linked: the wheel also ships google/, the headers of protobuf
3.13, which would hide the system's.
"""

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
