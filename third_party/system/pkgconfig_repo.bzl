"""pkgconfig_repo: libraries of the distribution, described by pkg-config.

    pkgconfig_repo(name = "absl", apt = "libabsl-dev", modules = {"status": "absl_status"})

makes @absl//:status out of what `pkg-config absl_status` says, and versions.txt with one line
"absl VERSION", or one per module where their versions differ. pkg-config knows the dependencies, so none are kept here by hand. The rule asks again whenever the Bazel server
starts; after an upgrade of packages run `bazel sync --configure`.
"""

def _missing(ctx, what):
    fail("\n@%s: %s\nInstall it: apt-get install %s   (or run tools/setup)" % (ctx.name, what, ctx.attr.apt))

def _numbers(version):
    out = []
    for part in version.replace("-", ".").split("."):
        if not part.isdigit():
            break
        out.append(int(part))
    return out

def _ask(ctx, program, module, how):
    r = ctx.execute([program, how, module])
    if r.return_code != 0:
        _missing(ctx, "pkg-config does not know %s." % module)
    return r.stdout.strip()

def _pkgconfig_repo_impl(ctx):
    program = ctx.which("pkg-config")
    if not program:
        fail("\n@%s: no pkg-config.\nInstall it: apt-get install pkg-config   (or run tools/setup)" % ctx.name)
    build = [
        'load("@transect//third_party/system:system_cc.bzl", "system_cc_library")\n',
        'package(default_visibility = ["//visibility:public"])\n',
        'exports_files(["versions.txt"])\n',
    ]
    versions = []
    for name, module in ctx.attr.modules.items():
        version = _ask(ctx, program, module, "--modversion")
        if _numbers(version) < _numbers(ctx.attr.min_version):
            _missing(ctx, "%s is %s, at least %s is needed." % (module, version, ctx.attr.min_version))
        versions.append("%s %s\n" % (module, version))
        includes = []
        defines = []
        for flag in _ask(ctx, program, module, "--cflags").split(" "):
            if flag.startswith("-I"):
                # -isystem /usr/include would break the compiler's #include_next.
                if flag[2:].rstrip("/") != "/usr/include" and flag[2:] not in includes:
                    includes.append(flag[2:])
            elif flag.startswith("-D") and flag != "-DNOMINMAX":
                # NOMINMAX matters on Windows only, and a define of one target would refuse the precompiled header.
                defines.append(flag[2:])
        if ctx.attr.libs:
            libs = ["-l" + lib for lib in ctx.attr.libs]
        else:
            libs = [flag for flag in _ask(ctx, program, module, "--libs").split(" ") if flag]
        build.append("system_cc_library(\n    name = %r,\n    defines = %r,\n    linkopts = %r,\n    system_includes = %r,\n)\n" %
                     (name, defines, libs, includes))
    numbers = {line.split(" ")[1]: None for line in versions}
    ctx.file("versions.txt", "%s %s" % (ctx.name, numbers.keys()[0]) if len(numbers) == 1 else "".join(versions))
    ctx.file("BUILD.bazel", "\n".join(build))

pkgconfig_repo = repository_rule(
    implementation = _pkgconfig_repo_impl,
    local = True,
    configure = True,
    environ = ["PKG_CONFIG_PATH"],
    attrs = {
        "apt": attr.string(mandatory = True, doc = "Debian packages to name when something is missing."),
        "libs": attr.string_list(doc = "Link these instead of what pkg-config lists."),
        "min_version": attr.string(default = "0"),
        "modules": attr.string_dict(mandatory = True, doc = "Target name to pkg-config module."),
    },
)
