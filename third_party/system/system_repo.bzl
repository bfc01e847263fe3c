"""system_repo: programs and header directories of the distribution under a BUILD file of ours.

Links `programs` to bin/, directories below /usr/include to include/, writes `extra_files` and versions.txt, and fails with
the package to install when one of them is missing. It asks again whenever the Bazel server starts.
"""

def _missing(ctx, what):
    fail("\n@%s: %s\nInstall it: apt-get install %s   (or run tools/setup)" % (ctx.name, what, ctx.attr.apt))

def _output(ctx, command):
    r = ctx.execute(["/bin/sh", "-c", command])
    if r.return_code != 0:
        _missing(ctx, "`%s` failed: %s" % (command, r.stderr.strip()))
    return r.stdout.strip()

def _system_repo_impl(ctx):
    for program in ctx.attr.programs:
        path = ctx.which(program)
        if not path:
            _missing(ctx, "no program %s." % program)
        ctx.symlink(path, "bin/" + program)
    for directory in ctx.attr.include_dirs:
        path = "/usr/include/" + directory
        if not ctx.path(path).exists:
            _missing(ctx, "no %s." % path)
        ctx.symlink(path, "include/" + directory)
    for name, content in ctx.attr.extra_files.items():
        ctx.file(name, content)
    answers = [_output(ctx, command) for command in ctx.attr.same]
    for answer in answers:
        if answer != answers[0]:
            _missing(ctx, "these should agree: %s say %s." % (ctx.attr.same, answers))
    ctx.file("versions.txt", "".join([
        "%s %s\n" % (name, _output(ctx, command))
        for name, command in ctx.attr.versions.items()
    ]))
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

system_repo = repository_rule(
    implementation = _system_repo_impl,
    local = True,
    configure = True,
    environ = [
        "CC",
        "PATH",
        "PKG_CONFIG_PATH",
    ],
    attrs = {
        "apt": attr.string(mandatory = True, doc = "Debian packages to name when something is missing."),
        "build_file": attr.label(mandatory = True, allow_single_file = True),
        "extra_files": attr.string_dict(),
        "include_dirs": attr.string_list(),
        "programs": attr.string_list(),
        "same": attr.string_list(doc = "Shell commands whose output must be equal."),
        "versions": attr.string_dict(doc = "Name to the shell command that prints its version."),
    },
)
